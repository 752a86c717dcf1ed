import { describe, expect, it } from "vitest";
import type { Policy } from "../../../src/verify/laid-policy.ts";
import type { Look } from "../../../src/verify/plan.ts";
import { planOf, publicRange, requireExpectations } from "../../../src/verify/plan.ts";
import { policyOf } from "./policies.ts";

function planned(text: string, place?: string): Look[] {
  return planOf(policyOf(`version: 1\n${text}`, place === undefined ? {} : { place }));
}

/** Host, port, samples and clock of each named host. */
function hostsOf(look: Look | undefined): string[] {
  return [...(look?.hosts.values() ?? [])].map(
    ({ endpoint, wanted }) => `${endpoint.host}:${endpoint.port} ${wanted.samples ?? "–"} ${wanted.clock}`,
  );
}

const withHost = (rest: string): Policy => policyOf(`version: 1\nhosts: kms1.corp.example\n${rest}`);

describe("a policy", () => {
  it("that expects nothing is no policy: it would pass whatever is seen", () => {
    for (const empty of ["", "expect: []"])
      expect(() => requireExpectations(withHost(empty))).toThrow(
        "policy.yaml expects nothing, and would pass whatever is seen: add an entry under expect, such as '- serve: {}'",
      );
  });

  it("that expects something is one", () => {
    expect(() => requireExpectations(withHost("expect: [{ serve: {} }]"))).not.toThrow();
  });
});

describe("a plan", () => {
  it("has each target once, as thoroughly as anybody wants it", () => {
    const [look, ...more] = planned(`domains: corp.example
expect:
  - serve: { hosts: [a.example, b.example] }
  - latency: { hosts: a.example, p95: 1s, samples: 50 }
  - latency: { hosts: a.example, median: 1s, samples: 9 }
  - clock: { hosts: b.example, within: 1m }
  - agree: {}
`);
    expect(more).toEqual([]);
    expect(hostsOf(look)).toEqual(["a.example:1688 50 false", "b.example:1688 – true"]);
    expect([...(look?.domains ?? [])]).toEqual([["corp.example", { samples: null, clock: false }]]);
  });

  it("is one look for each source, with what is wanted from there", () => {
    const looks = planned(`domains: corp.example
from: eth0
expect:
  - serve: {}
  - closed: { hosts: [10.30.0.0/30, 10.30.0.9:22], ports: [445, 139] }
    from: [wg0, eth0]
  - permitted: { allow: [kms1.corp.example, 10.0.0.1] }
    from: wg0
`);
    expect(
      looks.map(({ from, domains, closed, names }) => [from, domains.size, closed.size, [...names]]),
    ).toEqual([
      ["eth0", 1, 9, []],
      ["wg0", 1, 9, ["kms1.corp.example"]],
    ]);
    expect([...(looks[0]?.closed.values() ?? [])].slice(0, 3)).toEqual([
      { host: "10.30.0.0", port: 445 },
      { host: "10.30.0.0", port: 139 },
      { host: "10.30.0.1", port: 445 },
    ]);
  });

  it("leaves out what is for other places", () => {
    const text =
      "expect:\n  - serve: { hosts: a.example }\n  - serve: { hosts: b.example }\n    places: vpn\nplaces: { vpn: {}, jump: {} }\n";
    expect(hostsOf(planned(text, "jump")[0])).toEqual(["a.example:1688 – false"]);
    expect(hostsOf(planned(text, "vpn")[0])).toEqual(["a.example:1688 – false", "b.example:1688 – false"]);
  });

  it("takes IPv6 subnets", () => {
    const [look] = planned("expect:\n  - closed: { hosts: 'fd00::/126' }\n");
    expect([...(look?.closed.values() ?? [])].map(({ host }) => host)).toEqual([
      "fd00::",
      "fd00::1",
      "fd00::2",
      "fd00::3",
    ]);
  });

  it("of more connects than a run may make is refused", () => {
    expect(() => planned("expect:\n  - closed: { hosts: 10.30.0.0/21, ports: [1, 2, 3] }\n")).toThrow(
      "policy.yaml: 6,144 addresses and ports are to be closed, and one run takes 4,096: name smaller subnets, or fewer ports",
    );
  });

  it.each([
    ["a public subnet", "closed: { hosts: [10.0.0.0/30, 9.9.9.0/30] }", "9.9.9.0"],
    ["a range that becomes public", "closed: { hosts: 10.255.255.254-11.0.0.1 }", "11.0.0.0"],
    ["a host by itself", "closed: { hosts: 9.9.9.9 }", null],
    ["a subnet of one", "closed: { hosts: 9.9.9.9/32 }", null],
    ["private ones", "closed: { hosts: [10.0.0.0/30, 'fd00::/126', 192.168.1.1-9] }", null],
    ["another place's", "closed: { hosts: 9.9.9.0/30 }\n    places: vpn", null],
  ])("knows ranges of public addresses: %s", (_, expectation, found) => {
    const text = `version: 1\nexpect:\n  - ${expectation}\nplaces: { vpn: {}, jump: {} }\n`;
    expect(publicRange(policyOf(text, { place: "jump" }))).toBe(found);
  });
});
