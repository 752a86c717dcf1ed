import { describe, expect, it } from "vitest";
import { attempt, compared, diagnosis, endpoint, report, sees, verdict } from "./reports.ts";

const OTHER = sees("10.8.0.6", {});

describe("host × place", () => {
  it("has a row for each address of each host, and a cell for each place", () => {
    const { groups } = compared({
      office: sees("10.1.0.9", { kms1: ["10.30.0.11", "rpc-serves"] }),
      vpn: sees("10.8.0.6", { kms1: ["10.30.0.11", "tcp-no-answer"] }),
    });
    expect(groups).toEqual([
      {
        network: { cidr: "10.30.0.0/24", name: null },
        rows: [
          {
            host: "kms1",
            port: 1688,
            address: "10.30.0.11",
            cells: [
              {
                place: "office",
                seen: "probed",
                code: "rpc-serves",
                title: "serves",
                layer: "rpc",
                severity: "ok",
                serves: true,
                tcpMs: 2,
                rpcMs: 3,
                via: { address: "10.1.0.9", interface: "eth0" },
                noRoute: false,
                sourceFault: null,
              },
              {
                place: "vpn",
                seen: "probed",
                code: "tcp-no-answer",
                title: "no answer",
                layer: "tcp",
                severity: "failed",
                serves: false,
                tcpMs: null,
                rpcMs: null,
                via: { address: "10.8.0.6", interface: "eth0" },
                noRoute: false,
                sourceFault: null,
              },
            ],
          },
        ],
      },
    ]);
  });

  it("groups by the user's networks first, then those of the reports, then /24 and /64", () => {
    const hosts = ["10.30.0.11", "10.30.1.11", "10.99.0.1", "fd00::1", "fd00:0:0:1::1", "192.0.2.1"];
    const seen = report(
      [diagnosis(hosts.map((address) => endpoint(address, [attempt(address, "rpc-serves")])))],
      {
        networks: [
          { name: "lab", cidr: "192.0.2.0/25" },
          { name: "theirs", cidr: "10.30.0.0/16" },
        ],
      },
    );
    const { groups } = compared({ a: seen, b: OTHER }, [{ name: "servers", cidr: "10.30.0.0/16" }]);
    expect(groups.map(({ network, rows }) => [network?.cidr, network?.name, rows.length])).toEqual([
      ["10.30.0.0/16", "servers", 2],
      ["10.99.0.0/24", null, 1],
      ["192.0.2.0/25", "lab", 1],
      ["fd00::/64", null, 1],
      ["fd00:0:0:1::/64", null, 1],
    ]);
  });

  it("sorts addresses by value", () => {
    const seen = diagnosis(
      ["10.0.0.10", "10.0.0.9", "10.0.0.100"].map((address) =>
        endpoint("kms1", [attempt(address, "rpc-serves")]),
      ),
    );
    const { groups } = compared({ a: report([seen]), b: OTHER });
    expect(groups.flatMap(({ rows }) => rows.map(({ address }) => address))).toEqual([
      "10.0.0.9",
      "10.0.0.10",
      "10.0.0.100",
    ]);
  });

  it("knows a name in other letters, and with a final dot", () => {
    const { groups } = compared({
      a: sees("10.1.0.9", { "KMS1.Corp.Example.": ["10.30.0.11", "rpc-serves"] }),
      b: sees("10.8.0.6", { "kms1.corp.example": ["10.30.0.11", "rpc-serves"] }),
    });
    expect(groups.flatMap(({ rows }) => rows.map(({ host }) => host))).toEqual(["kms1.corp.example"]);
  });

  it("tells a host that has other addresses there from one without any, and from one nobody looked at", () => {
    const { groups } = compared({
      a: sees("10.1.0.9", { kms1: ["10.30.0.11", "rpc-serves"] }),
      b: sees("10.8.0.6", { kms1: ["10.30.0.99", "tcp-refused"] }),
      c: report([diagnosis([endpoint("kms1", [])])]),
      d: report([]),
    });
    const [first] = groups[0]?.rows ?? [];
    expect(first?.cells).toMatchObject([
      { seen: "probed" },
      { seen: "other-addresses", addresses: ["10.30.0.99"] },
      { seen: "unprobed", code: "address-none", title: "host has no address" },
      { seen: "nothing" },
    ]);
  });

  it("has one row without address for a host that has none anywhere", () => {
    const none = report([diagnosis([endpoint("gone", [])])]);
    const { groups } = compared({ a: none, b: none });
    expect(groups).toMatchObject([{ network: null, rows: [{ host: "gone", address: null }] }]);
  });

  it("takes the better look where a place looked twice", () => {
    const twice = report([
      diagnosis([endpoint("kms1", [attempt("10.0.0.1", "tcp-no-answer")])]),
      diagnosis([endpoint("kms1", [attempt("10.0.0.1", "rpc-serves")])]),
      diagnosis([endpoint("kms1", [], { verdict: verdict("run-cut-short") })]),
    ]);
    const { groups } = compared({ a: twice, b: OTHER });
    expect(groups[0]?.rows[0]?.cells[0]).toMatchObject({ code: "rpc-serves" });
  });

  it("shows a code of a newer version by itself", () => {
    const novel = attempt("10.0.0.1", "rpc-serves", {
      verdict: { code: "quic-serves", layer: "quic", severity: "ok", serves: true },
    });
    const { groups } = compared({ a: report([diagnosis([endpoint("kms1", [novel])])]), b: OTHER });
    expect(groups[0]?.rows[0]?.cells[0]).toMatchObject({ code: "quic-serves", title: "quic-serves" });
  });
});
