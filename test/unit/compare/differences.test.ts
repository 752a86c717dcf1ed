import { describe, expect, it } from "vitest";
import type { Difference } from "../../../src/compare/comparison.ts";
import type { VerdictCode } from "../../../src/model/verdict.ts";
import {
  asked,
  attempt,
  compared,
  denies,
  diagnosis,
  endpoint,
  lists,
  report,
  sees,
  silent,
} from "./reports.ts";

/** One host at one address, as each place sees it. */
function codes(...seen: VerdictCode[]): { differences: Difference[]; serving: string } {
  const reports = seen.map((code, index) => [
    `p${index}`,
    sees(`10.${index}.0.9`, { kms1: ["10.30.0.11", code] }),
  ]);
  return compared(Object.fromEntries(reports));
}

const both = (...addresses: string[]) =>
  report([
    diagnosis([
      endpoint(
        "kms1",
        addresses.map((address) => attempt(address, "rpc-serves")),
      ),
    ]),
  ]);

describe("what differs", () => {
  it("is a host that serves here and not there", () => {
    const { differences, serving } = codes("rpc-serves", "tcp-no-answer", "rpc-serves");
    expect(serving).toBe("differs");
    expect(differences).toEqual([
      {
        kind: "serving",
        host: "kms1",
        port: 1688,
        address: "10.30.0.11",
        serves: ["p0", "p2"],
        fails: [{ place: "p1", code: "tcp-no-answer", title: "no answer" }],
      },
    ]);
  });

  it("is a host that fails for another reason elsewhere; what serves is then the same", () => {
    const { differences, serving } = codes("tcp-refused", "tcp-no-answer");
    expect(serving).toBe("same");
    expect(differences).toMatchObject([{ kind: "verdict", fails: [{ place: "p0" }, { place: "p1" }] }]);
  });

  it.each<VerdictCode>(["run-cut-short", "tcp-local-resources", "rpc-accepts-anything"])(
    "is not %s, which says nothing about the host",
    (code) => {
      expect(codes("rpc-serves", code)).toMatchObject({ differences: [], serving: "same" });
    },
  );

  it.each<VerdictCode>(["address-lookup-failed", "tcp-no-local-address", "tcp-source-unusable"])(
    "is %s, with which a client there gets nowhere",
    (code) => {
      expect(codes("rpc-serves", code)).toMatchObject({ serving: "differs" });
    },
  );

  it("is not a host that was looked at here only", () => {
    const { differences, serving } = compared({
      a: sees("10.1.0.9", { kms1: ["10.30.0.11", "rpc-serves"] }),
      b: sees("10.8.0.6", { kms2: ["10.30.0.12", "tcp-refused"] }),
    });
    expect({ differences, serving }).toEqual({ differences: [], serving: "same" });
  });

  it("is a name with other addresses elsewhere, and whether those serve", () => {
    const { differences } = compared({
      a: sees("10.1.0.9", { kms1: ["10.30.0.11", "rpc-serves"] }),
      b: sees("10.8.0.6", { kms1: ["203.0.113.5", "tcp-no-answer"] }),
    });
    expect(differences).toEqual([
      {
        kind: "serving",
        host: "kms1",
        port: 1688,
        address: null,
        serves: ["a"],
        fails: [{ place: "b", code: "tcp-no-answer", title: "no answer" }],
      },
      {
        kind: "addresses",
        host: "kms1",
        said: [
          { place: "a", addresses: ["10.30.0.11"] },
          { place: "b", addresses: ["203.0.113.5"] },
        ],
      },
    ]);
  });

  it("is not the order of addresses", () => {
    expect(
      compared({ a: both("10.0.0.1", "10.0.0.2"), b: both("10.0.0.2", "10.0.0.1") }).differences,
    ).toEqual([]);
  });
});

const hosts = (...names: string[]) =>
  names.map((name) => endpoint(name, [attempt("10.30.0.11", "rpc-serves")]));

describe("DNS that differs", () => {
  it("is a host that is listed here and not there", () => {
    const { differences, serving } = compared({
      office: report([asked(hosts("kms1", "kms2"), [lists("kms1", "kms2")])]),
      vpn: report([asked(hosts("kms1"), [lists("kms1")])]),
    });
    expect(serving).toBe("same");
    expect(differences).toEqual([
      {
        kind: "listed",
        domain: "corp.example",
        host: "kms2",
        port: 1688,
        listed: ["office"],
        missing: ["vpn"],
      },
    ]);
  });

  it("is a suffix under which nothing is found there, which a client feels", () => {
    const { differences, serving } = compared({
      office: report([asked(hosts("kms1"), [lists("kms1")])]),
      vpn: report([asked([], [denies("NXDOMAIN")])]),
    });
    expect(serving).toBe("differs");
    expect(differences).toEqual([
      { kind: "domain", domain: "corp.example", serves: ["office"], fails: ["vpn"] },
      {
        kind: "listed",
        domain: "corp.example",
        host: "kms1",
        port: 1688,
        listed: ["office"],
        missing: ["vpn"],
      },
    ]);
  });

  it("does not call a host unlisted where no resolver answered", () => {
    const { differences } = compared({
      office: report([asked(hosts("kms1"), [lists("kms1")])]),
      vpn: report([asked([], [silent()])]),
    });
    expect(differences).toEqual([
      { kind: "domain", domain: "corp.example", serves: ["office"], fails: ["vpn"] },
      {
        kind: "srv-answer",
        domain: "corp.example",
        said: [
          { place: "office", words: "kms1:1688 (priority 0, weight 0)" },
          { place: "vpn", words: "no answer" },
        ],
      },
    ]);
  });

  it("is another answer where nobody lists a host", () => {
    const { differences, serving } = compared({
      a: report([asked([], [denies("NXDOMAIN")])]),
      b: report([asked([], [denies("NOERROR", true)])]),
    });
    expect(serving).toBe("same");
    expect(differences).toMatchObject([
      { kind: "srv-answer", said: [{ words: "NXDOMAIN" }, { words: "NODATA" }] },
    ]);
  });

  it("is another priority for the same hosts", () => {
    const heavy = lists("kms1");
    heavy.answer.facts?.records.forEach((record) => (record.priority = 10));
    const { differences } = compared({
      a: report([asked(hosts("kms1"), [lists("kms1")])]),
      b: report([asked(hosts("kms1"), [heavy])]),
    });
    expect(differences).toMatchObject([{ kind: "srv-answer" }]);
  });

  it("is not a resolver more, nor a suffix that was asked for at one place only, nor one that could not be asked", () => {
    const unasked = { ...silent(), answer: { outcome: "skipped" } };
    const { differences } = compared({
      a: report([asked(hosts("kms1"), [lists("kms1"), denies("NXDOMAIN")])]),
      b: report([asked(hosts("kms1"), [lists("KMS1.")]), asked([], [denies("NXDOMAIN")], "other.example")]),
      c: report([asked([], [unasked])]),
      d: report([asked([], [])]),
    });
    expect(differences).toEqual([]);
  });
});

const timed = (tcpMs: number, rpcMs: number) =>
  report([
    diagnosis([
      endpoint("kms1", [
        attempt("10.30.0.11", "rpc-serves", {
          tcp: { outcome: "ok", elapsedMs: tcpMs },
          rpc: { bind: { answer: { outcome: "ok", elapsedMs: rpcMs } }, latency: { samplesMs: [] } },
        }),
      ]),
    ]),
  ]);

describe("latency that differs", () => {
  it.each([
    ["three times and 20 ms", [10, 10], [30, 30], ["tcp"]],
    ["a little less than three times", [10, 10], [29.9, 29.9], []],
    ["many times, and less than 20 ms", [0.1, 0.1], [20, 20], []],
    ["the RPC answer alone", [10, 10], [12, 60], ["rpc"]],
  ])("%s", (_, [tcp = 0, rpc = 0], [slowTcp = 0, slowRpc = 0], layers) => {
    const { differences, serving } = compared({ a: timed(tcp, rpc), b: timed(slowTcp, slowRpc) });
    expect(serving).toBe("same");
    expect(differences.map((each) => (each.kind === "latency" ? each.layer : each.kind))).toEqual(layers);
  });

  it("names the fast and the slow place", () => {
    const { differences } = compared({ slow: timed(80, 80), fast: timed(3, 3), middle: timed(9, 9) });
    expect(differences).toMatchObject([
      { kind: "latency", fast: { place: "fast", ms: 3 }, slow: { place: "slow", ms: 80 } },
    ]);
  });
});
