import { describe, expect, it } from "vitest";
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
  sentences,
} from "./reports.ts";

type Seen = Record<string, readonly [string, VerdictCode]>;

/** Three hosts of one subnet. */
function three(...codes: [VerdictCode, VerdictCode, VerdictCode]): Seen {
  return {
    kms1: ["10.30.0.11", codes[0]],
    kms2: ["10.30.0.12", codes[1]],
    kms3: ["10.30.0.13", codes[2]],
  };
}

const ALL = three("rpc-serves", "rpc-serves", "rpc-serves");
const NONE = three("tcp-no-answer", "tcp-no-answer", "tcp-no-answer");
const SUBNETS =
  "Subnets are /24 (IPv6: /64) where --network names none; the source is the probe's own address, which NAT on the way may change.";

describe("a subnet that is closed to one place", () => {
  it("is named with the rule to ask for, without a claim about where it is blocked", () => {
    const comparison = compared({ office: sees("10.1.0.9", ALL), vpn: sees("10.8.0.6", NONE) });
    expect(sentences(comparison)).toEqual([
      "From vpn nothing reaches 10.30.0.0/24 (3 hosts, no answer); from office all 3 serve. Blocked between vpn and the hosts, or at the hosts by source address: ask for 10.8.0.0/24 → 10.30.0.0/24 tcp/1688.",
      SUBNETS,
    ]);
    expect(comparison.conclusions[0]).toMatchObject({
      rule: "blocked",
      places: ["vpn"],
      asks: [{ place: "vpn", from: "10.8.0.0/24", to: ["10.30.0.0/24"], ports: [1688] }],
    });
  });

  it("is one sentence for several such places", () => {
    const comparison = compared({
      office: sees("10.1.0.9", ALL),
      vpn: sees("10.8.0.6", NONE),
      branch: sees("10.9.0.6", NONE),
    });
    expect(sentences(comparison, "blocked")).toEqual([
      "From vpn and branch nothing reaches 10.30.0.0/24 (3 hosts, no answer); from office all 3 serve. Blocked between vpn and branch and the hosts, or at the hosts by source address: ask for 10.8.0.0/24 and 10.9.0.0/24 → 10.30.0.0/24 tcp/1688.",
    ]);
  });

  it("carries the names of subnets, and asks for addresses where the named one is larger than a LAN", () => {
    const comparison = compared({ office: sees("10.1.0.9", ALL), vpn: sees("10.8.0.6", NONE) }, [
      { name: "servers", cidr: "10.30.0.0/16" },
      { name: "pool", cidr: "10.8.0.0/22" },
    ]);
    expect(sentences(comparison, "blocked")).toEqual([
      "From vpn nothing reaches servers (10.30.0.0/16) (3 hosts, no answer); from office all 3 serve. Blocked between vpn and the hosts, or at the hosts by source address: ask for 10.8.0.0/22 → 10.30.0.11, 10.30.0.12 and 10.30.0.13 tcp/1688.",
    ]);
  });

  it("counts the reasons, and says where each host serves if no place has all", () => {
    const comparison = compared({
      office: sees("10.1.0.9", three("rpc-serves", "rpc-serves", "tcp-no-answer")),
      branch: sees("10.2.0.9", three("tcp-no-answer", "rpc-serves", "rpc-serves")),
      vpn: sees("10.8.0.6", three("tcp-no-answer", "tcp-no-answer", "tcp-refused")),
    });
    expect(sentences(comparison, "blocked")[0]).toMatch(
      /^From office kms3 \(10\.30\.0\.13\) gets no connection/,
    );
    expect(sentences(comparison, "blocked").at(-1)).toBe(
      "From vpn nothing reaches 10.30.0.0/24 (3 hosts, 2 no answer, 1 refused); each of them serves from office or branch. Blocked between vpn and the hosts, or at the hosts by source address: ask for 10.8.0.0/24 → 10.30.0.0/24 tcp/1688.",
    );
  });

  it("is not blamed on the way where the place is in that subnet itself", () => {
    const comparison = compared({ office: sees("10.1.0.9", ALL), beside: sees("10.30.0.99", NONE) });
    expect(sentences(comparison)).toEqual([
      "From beside nothing reaches 10.30.0.0/24 (3 hosts, no answer); from office all 3 serve. beside and the hosts seem to share a subnet: look at the firewall of the hosts first.",
    ]);
  });
});

const from = (via: string, name: string, seen: Seen, label: string | null = null) => {
  const file = sees(via, seen);
  for (const each of file.diagnoses) {
    each.source = label;
    for (const { attempts } of each.endpoints)
      for (const one of attempts) one.via = { address: via, interface: name };
  }
  return { ...file, from: { host: "laptop", platform: "linux" } };
};

describe("one machine with a VPN", () => {
  it("is served by way of the tunnel, and not without it", () => {
    const comparison = compared({
      down: from("192.168.1.5", "wlan0", NONE),
      up: from("10.8.0.6", "wg0", ALL),
    });
    expect(sentences(comparison, "blocked")).toEqual([
      "From down nothing reaches 10.30.0.0/24 (3 hosts, no answer); from up all 3 serve. Blocked between down and the hosts, or at the hosts by source address: ask for 192.168.1.0/24 → 10.30.0.0/24 tcp/1688. By way of wg0 (10.8.0.6) that same machine is served.",
    ]);
  });

  it("is two places in one report with two sources", () => {
    const both = {
      ...from("192.168.1.5", "wlan0", NONE, "wlan0"),
      sources: [{ label: "wlan0" }, { label: "wg0" }],
    };
    both.diagnoses.push(...from("10.8.0.6", "wg0", ALL, "wg0").diagnoses);
    expect(sentences(compared({ laptop: both }), "blocked")[0]).toMatch(
      /^From wlan0 nothing reaches 10\.30\.0\.0\/24 \(3 hosts, no answer\); from wg0 all 3 serve\./,
    );
  });
});

describe("one host that is closed to one place", () => {
  it("while its neighbours connect, lacks a rule or filters by source", () => {
    const comparison = compared({
      office: sees("10.1.0.9", ALL),
      vpn: sees("10.8.0.6", three("rpc-serves", "tcp-no-answer", "rpc-not-dcerpc")),
    });
    expect(sentences(comparison, "blocked", "rpc-blocked")).toEqual([
      "From vpn kms2 (10.30.0.12) gets no connection (no answer), while others in 10.30.0.0/24 connect; from office it serves. The way to the subnet is open: what is missing is a rule for it, or the host filters by source address: ask for 10.8.0.0/24 → 10.30.0.12 tcp/1688.",
      "From vpn kms3 (10.30.0.13) connects, and RPC does not get through (other service); from office it serves. Something between vpn and the host reads or drops RPC or answers for it, or the host treats that source so: ask for 10.8.0.0/24 → 10.30.0.13 tcp/1688, without application inspection.",
    ]);
  });

  it.each<[VerdictCode, string]>([
    [
      "tcp-net-unreachable",
      "From vpn kms1 (10.30.0.11) can't be reached (network unreachable); from office it serves. No way to it is known: a VPN that is down, or a route that was not pushed, before any firewall rule.",
    ],
    [
      "tcp-neighbour-silent",
      "From vpn kms1 (10.30.0.11) can't be reached (neighbour doesn't answer); from office it serves. The last subnet, its VLAN or the gateway of vpn come before any firewall rule.",
    ],
    [
      "tcp-refused",
      "From vpn kms1 (10.30.0.11) gets no connection (refused); from office it serves. Blocked between vpn and the host, or at the host by source address: ask for 10.8.0.0/24 → 10.30.0.11 tcp/1688.",
    ],
    [
      "srv-other-rcode",
      "From vpn kms1 (10.30.0.11) does not serve (resolver answers with an error); from office it serves.",
    ],
  ])("%s", (code, expected) => {
    const comparison = compared({
      office: sees("10.1.0.9", { kms1: ["10.30.0.11", "rpc-serves"] }),
      vpn: sees("10.8.0.6", { kms1: ["10.30.0.11", code] }),
    });
    expect(sentences(comparison)[0]).toBe(expected);
  });

  it("has no route where the machine itself has none", () => {
    const none = attempt("10.30.0.11", "tcp-net-unreachable", { via: null, routeErrno: "ENETUNREACH" });
    const comparison = compared({
      office: sees("10.1.0.9", { kms1: ["10.30.0.11", "rpc-serves"] }),
      vpn: report([diagnosis([endpoint("kms1", [none])])]),
    });
    expect(sentences(comparison, "no-route")).toEqual([
      "From vpn kms1 (10.30.0.11) can't be reached (network unreachable); from office it serves. The machine there has no route to it: a VPN that is down, or a route that was not pushed, before any firewall rule.",
    ]);
  });

  it("has no address there: DNS, and the path is still to be tested", () => {
    const comparison = compared({
      office: sees("10.1.0.9", { kms1: ["10.30.0.11", "rpc-serves"] }),
      vpn: report([diagnosis([endpoint("kms1", [])])]),
    });
    expect(sentences(comparison)).toEqual([
      "From vpn kms1 (10.30.0.11) has no usable address (host has no address); from office it serves. That is DNS at vpn: the path was not tested.",
      "From vpn the path to kms1 (10.30.0.11) was not tested; run there: kmsprobe check 10.30.0.11:1688",
    ]);
  });

  it("changed over time where machine and address are the same", () => {
    const then = sees("10.8.0.6", { kms1: ["10.30.0.11", "rpc-serves"] });
    const now = {
      ...sees("10.8.0.6", { kms1: ["10.30.0.11", "tcp-refused"] }),
      startedAt: "2026-10-21T11:00:00Z",
    };
    expect(sentences(compared({ before: then, after: now }))).toEqual([
      "kms1 (10.30.0.11) served at before and not at after (refused), seen from the same machine and address (10.8.0.6): something changed in between, at the host or on the path.",
      "The reports are up to 1 d 1 h apart: a host or a path may have changed in between.",
    ]);
  });
});

describe("a source that can't be used", () => {
  const DEAD = three("tcp-source-unusable", "tcp-source-unusable", "tcp-source-unusable");
  const ITSELF =
    "Look at the source itself first, before any route or firewall rule: its interface is down, or has no carrier or no address.";

  it("is named beside one that serves, with no rule to ask for", () => {
    const comparison = compared({ hq0: sees("10.1.0.9", ALL), wg0: sees("10.8.0.6", DEAD) });
    expect(sentences(comparison)).toEqual([
      `From wg0 nothing was sent to kms1 (10.30.0.11), kms2 (10.30.0.12) and kms3 (10.30.0.13) (source interface unusable); from hq0 all 3 serve. ${ITSELF}`,
    ]);
    expect(comparison.conclusions[0]).toMatchObject({ rule: "source-unusable", places: ["wg0"], asks: [] });
    expect(comparison.serving).toBe("differs");
  });

  it("says nothing of a host: what the others saw of it stands as without that source", () => {
    const off = { kms2: ["10.30.0.12", "tcp-refused"] } as const;
    const dead = { kms2: ["10.30.0.12", "tcp-source-unusable"] } as const;
    const two = { hq0: sees("10.1.0.9", { ...off }), branch0: sees("10.2.0.9", { ...off }) };
    const comparison = compared({ ...two, wg0: sees("10.8.0.6", { ...dead }) });
    expect(sentences(comparison)).toEqual([
      "Nothing differs: of 1 host, none serves, from hq0 and branch0 alike.",
      `From wg0 nothing was sent to kms2 (10.30.0.12) (source interface unusable). ${ITSELF}`,
      "kms2 (10.30.0.12) refuses from hq0 and branch0: the host, or what stands in front of it, not the path.",
    ]);
    expect(comparison).toMatchObject({ serving: "same", differences: [] });
  });

  it("is no second fault of a host that one other source saw fail", () => {
    const comparison = compared({ hq0: sees("10.1.0.9", NONE), wg0: sees("10.8.0.6", DEAD) });
    expect(sentences(comparison, "same-everywhere", "differs-everywhere")).toEqual([]);
    expect(sentences(comparison)[0]).toBe(
      "No host came to a result at two places: there is nothing to compare.",
    );
  });

  it("is one sentence for several, and blames no host where all are dead", () => {
    const comparison = compared({ wg0: sees("10.8.0.6", DEAD), wg1: sees("10.9.0.6", DEAD) });
    expect(sentences(comparison, "same-everywhere")).toEqual([]);
    expect(sentences(comparison, "source-unusable")).toEqual([
      "From wg0 and wg1 nothing was sent to kms1 (10.30.0.11), kms2 (10.30.0.12) and kms3 (10.30.0.13) (source interface unusable). Look at the sources themselves first, before any route or firewall rule: their interfaces are down, or have no carrier or no address.",
    ]);
  });

  it("comes before a rule also where packets left by another interface, and is told with its state", () => {
    const lost = attempt("10.30.0.11", "tcp-no-answer", {
      here: { sourceFault: { interface: "branch0", state: "down" } },
    });
    const answered = attempt("10.30.0.12", "tcp-refused", { here: lost.here ?? null });
    const comparison = compared({
      hq0: sees("10.1.0.9", ALL),
      branch0: report([diagnosis([endpoint("kms1", [lost]), endpoint("kms2", [answered])])]),
    });
    expect(sentences(comparison, "source-unusable", "blocked")).toEqual([
      "From branch0 nothing came of connects to kms1 (10.30.0.11) (no answer); from hq0 it serves. Look at the source itself first, before any route or firewall rule: its interface branch0 is down.",
      // Somebody answered: packets from there come back.
      expect.stringMatching(/^From branch0 kms2 \(10\.30\.0\.12\) gets no connection \(refused\)/),
    ]);
  });

  it("takes nothing from what another source lacks, and counts many hosts", () => {
    const fourth = { kms4: ["10.30.0.14", "rpc-serves"] } as const;
    const comparison = compared({
      hq0: sees("10.1.0.9", { ...ALL, ...fourth }),
      vpn0: sees("10.9.0.6", { ...three("rpc-serves", "tcp-no-answer", "rpc-serves"), ...fourth }),
      wg0: sees("10.8.0.6", { ...DEAD, kms4: ["10.30.0.14", "tcp-source-unusable"] }),
    });
    expect(sentences(comparison, "source-unusable", "blocked")).toEqual([
      `From wg0 nothing was sent to 4 hosts (source interface unusable); from hq0 all 4 serve. ${ITSELF}`,
      "From vpn0 kms2 (10.30.0.12) gets no connection (no answer), while others in 10.30.0.0/24 connect; from hq0 it serves. The way to the subnet is open: what is missing is a rule for it, or the host filters by source address: ask for 10.9.0.0/24 → 10.30.0.12 tcp/1688.",
    ]);
  });
});

const alike = (code: VerdictCode, vpn = "10.8.0.6") =>
  sentences(
    compared({
      office: sees("10.1.0.9", { kms2: ["10.30.0.12", code] }),
      vpn: sees(vpn, { kms2: ["10.30.0.12", code] }),
    }),
    "same-everywhere",
  );

describe("hosts that serve nowhere", () => {
  it.each<[VerdictCode, string]>([
    [
      "tcp-refused",
      "refuses from everywhere (office and vpn): the host, or what stands in front of it, not the path.",
    ],
    [
      "tcp-no-answer",
      "gives no answer from everywhere (office and vpn): off, filtered at the host, or behind something that these paths share, rather than on one path.",
    ],
    [
      "rpc-not-dcerpc",
      "fails alike (other service) from everywhere (office and vpn): the host, or what stands in front of it, not the path.",
    ],
    [
      "tcp-host-unreachable",
      "fails alike (host unreachable) from everywhere (office and vpn): the host, or what these paths share.",
    ],
  ])("%s", (code, expected) => {
    expect(alike(code)).toEqual([`kms2 (10.30.0.12) ${expected}`]);
  });

  it("tell nothing of host and path when seen from one subnet only", () => {
    expect(alike("tcp-refused", "10.1.0.77")).toEqual([
      "kms2 (10.30.0.12) refuses from everywhere (office and vpn): seen from one subnet only (10.1.0.0/24), which does not tell the host from the path; look from another one.",
    ]);
  });

  it("are one sentence when they fail alike", () => {
    const comparison = compared({
      office: sees("10.1.0.9", NONE),
      vpn: sees("10.8.0.6", NONE),
      lost: report([]),
    });
    expect(sentences(comparison, "same-everywhere")).toEqual([
      "kms1 (10.30.0.11), kms2 (10.30.0.12) and kms3 (10.30.0.13) give no answer from office and vpn: off, filtered at the hosts, or behind something that these paths share, rather than on one path.",
    ]);
  });

  it("may fail for two reasons", () => {
    const comparison = compared({
      office: sees("10.1.0.9", { kms2: ["10.30.0.12", "tcp-refused"] }),
      vpn: sees("10.8.0.6", { kms2: ["10.30.0.12", "tcp-no-answer"] }),
    });
    expect(sentences(comparison)).toEqual([
      "kms2 (10.30.0.12) serves from nowhere, and not for one reason: refused from office, no answer from vpn. That is two faults, or one seen through different paths.",
    ]);
  });
});

describe("hosts that serve nowhere, each for two reasons", () => {
  it("are one sentence with an example", () => {
    const comparison = compared({
      office: sees("10.1.0.9", three("tcp-refused", "rpc-not-dcerpc", "tcp-refused")),
      vpn: sees("10.8.0.6", NONE),
    });
    expect(sentences(comparison)).toEqual([
      "3 hosts serve from nowhere, each not for one reason, such as kms1 (10.30.0.11): refused from office, no answer from vpn. That is two faults, or one seen through different paths.",
    ]);
  });
});

describe("DNS", () => {
  const kms1 = endpoint("kms1.corp.example", [attempt("10.30.0.11", "rpc-serves")]);

  it("alone differs, as far as was seen, and kept the path from being tested", () => {
    const comparison = compared({
      office: report([asked([kms1], [lists("kms1.corp.example")])]),
      vpn: report([asked([], [denies("NXDOMAIN")])]),
    });
    expect(sentences(comparison)).toEqual([
      "As far as was seen, only DNS differs. Under corp.example office gets kms1.corp.example:1688; vpn gets NXDOMAIN.",
      "From vpn the path to kms1.corp.example (10.30.0.11) was not tested; run there: kmsprobe check 10.30.0.11:1688",
    ]);
    expect(comparison.serving).toBe("differs");
  });

  it("is split where a name has other addresses", () => {
    const comparison = compared({
      office: sees("10.1.0.9", { kms1: ["10.30.0.11", "rpc-serves"] }),
      home: sees("192.168.1.5", { kms1: ["203.0.113.5", "tcp-no-answer"] }),
    });
    expect(sentences(comparison)).toEqual([
      "kms1 is 10.30.0.11 at office, 203.0.113.5 at home: split DNS, or answers of different age.",
      "From home the path to kms1 (10.30.0.11) was not tested; run there: kmsprobe check 10.30.0.11:1688",
    ]);
  });
});

describe("the rest", () => {
  it("says that nothing differs, and of what", () => {
    expect(sentences(compared({ a: sees("10.1.0.9", ALL), b: sees("10.8.0.6", ALL) }))).toEqual([
      "Nothing differs: of 3 hosts, 3 serve, from a and b alike.",
    ]);
    const some = compared({
      a: sees("10.1.0.9", ALL),
      b: sees("10.8.0.6", { kms1: ["10.30.0.11", "rpc-serves"] }),
    });
    expect(sentences(some)).toEqual([
      "Nothing differs among what two places looked at: of 1 host, 1 serves, from a and b alike.",
    ]);
  });

  it("does not say that nothing differs where nothing was compared", () => {
    const comparison = compared({
      a: sees("10.1.0.9", { kms1: ["10.30.0.11", "rpc-serves"] }),
      b: sees("10.8.0.6", { kms2: ["10.40.0.11", "rpc-serves"] }),
    });
    expect(sentences(comparison)).toEqual([
      "No host and no suffix was looked at from two places: there is nothing to compare.",
    ]);
  });

  it("names what a reader must know: versions, time, interruption, what came to no result", () => {
    const late = {
      ...sees("10.8.0.6", { kms1: ["10.30.0.11", "run-cut-short"] }),
      startedAt: "2026-10-20T10:47:00Z",
      tool: { version: "0.2.0" },
      interrupted: true,
    };
    expect(
      sentences(compared({ a: sees("10.1.0.9", { kms1: ["10.30.0.11", "rpc-serves"] }), b: late })),
    ).toEqual([
      "No host came to a result at two places: there is nothing to compare.",
      "Made by different versions of kmsprobe: a 0.1.0 and b 0.2.0.",
      "The reports are up to 47 min apart: a host or a path may have changed in between.",
      "Interrupted at b: what was not reached there is not compared.",
      "1 address came to no result at some place (not finished): nothing is concluded from that.",
    ]);
  });

  it("tells a host that answers, and may serve or not, from one that was not looked at to the end", () => {
    const seen = {
      kms1: ["10.30.0.11", "rpc-accepts-anything"],
      kms2: ["10.30.0.12", "rpc-serves"],
    } as const;
    const found = sentences(compared({ a: sees("10.1.0.9", { ...seen }), b: sees("10.8.0.6", { ...seen }) }));
    expect(found.slice(0, 2)).toEqual([
      "Nothing differs: of 1 host, 1 serves, from a and b alike.",
      "1 address answers, and may serve or not (accepts any interface): nothing is concluded from that.",
    ]);
  });

  it("speaks only of places that came to a result", () => {
    const cut = sees("10.8.0.7", { kms1: ["10.30.0.11", "run-cut-short"] });
    const serves = { kms1: ["10.30.0.11", "rpc-serves"] } as const;
    const found = sentences(
      compared({ a: sees("10.1.0.9", { ...serves }), b: sees("10.8.0.6", { ...serves }), c: cut }),
    );
    expect(found[0]).toBe(
      "Nothing differs, as far as it was finished: of 1 host, 1 serves, from a and b alike.",
    );
  });

  it("compares latency by example", () => {
    const slow = sees("10.8.0.6", ALL);
    for (const { attempts } of slow.diagnoses.flatMap(({ endpoints }) => endpoints))
      for (const each of attempts) each.tcp.elapsedMs = 80.25;
    expect(sentences(compared({ office: sees("10.1.0.9", ALL), vpn: slow }))).toEqual([
      "3 addresses are slower from vpn than from office: at most, kms1 (10.30.0.11) connects in 80.3 ms from vpn, in 2.0 ms from office.",
    ]);
  });
});
