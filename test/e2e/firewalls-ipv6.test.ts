import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished } from "vitest";
import { type Branch, BRANCH_KMS6, buildBranch } from "./branch.ts";
import { attemptAt, causesOf, condition } from "./conditions.ts";
import { needsNetwork } from "./office.ts";
import { Peers, startRpcScript } from "./peers.ts";

const TO_KMS = `ip6 daddr ${BRANCH_KMS6} tcp dport 1688`;

/**
 * On a wire that takes a millisecond: what comes back while connect() is still at work, as on a bare veth, an ICMPv6
 * error included, Linux reports with the next SYN only.
 */
describe.skipIf(needsNetwork("tun").skip)("a firewall between client and host, IPv6", () => {
  let branch: Branch;
  const peers = new Peers();

  beforeAll(async () => {
    branch = await buildBranch();
    await peers.add(startRpcScript(branch.kms, BRANCH_KMS6, 1688, "serves"));
  });

  afterEach(() => branch.network.permitAll());

  afterAll(async () => {
    await peers.stop();
    await branch.stop();
  });

  condition("without a firewall the host serves over IPv6", async (check) => {
    const attempt = attemptAt(await check(branch.client, [BRANCH_KMS6]));
    expect(attempt).toMatchObject({ family: 6, via: { address: "fd71:1::10", interface: "to-near" } });
    expect(attempt.verdict.certainty).toBe("certain");
  });

  condition("a drop over IPv6 is no answer", async (check) => {
    branch.far.firewall({ forward: [`${TO_KMS} drop`] });
    const { verdict } = attemptAt(await check(branch.client, [BRANCH_KMS6]));
    expect(verdict.certainty).toBe("ambiguous");
  });

  for (const { name, manner, errno, causes } of [
    {
      name: "a TCP reset over IPv6 is a refusal",
      manner: "reject with tcp reset",
      errno: "ECONNREFUSED",
      causes: ["nothing listens on that port", "TCP reset"],
    },
    {
      name: "an ICMPv6 port-unreachable is a refusal",
      manner: "reject with icmpv6 port-unreachable",
      errno: "ECONNREFUSED",
      causes: ["nothing listens on that port", "ICMP port-unreachable"],
    },
    {
      name: "an ICMPv6 address-unreachable is an unreachable host",
      manner: "reject with icmpv6 addr-unreachable",
      errno: "EHOSTUNREACH",
      causes: ["a firewall rejects", "the last router says that the host doesn't answer"],
    },
    {
      name: "an ICMPv6 no-route is an unreachable network",
      manner: "reject with icmpv6 no-route",
      errno: "ENETUNREACH",
      causes: ["a router on the path has no route there", "a firewall rejects"],
    },
    {
      name: "an ICMPv6 admin-prohibited is not permitted",
      manner: "reject with icmpv6 admin-prohibited",
      errno: "EACCES",
      causes: ["a local security policy", "a firewall on the path rejects as administratively prohibited"],
    },
  ] as const) {
    condition(name, async (check) => {
      branch.far.firewall({ forward: [`${TO_KMS} ${manner}`] });
      const { verdict, tcp, routeErrno } = attemptAt(await check(branch.client, [BRANCH_KMS6]));
      expect(tcp).toMatchObject({ outcome: "no-answer", cause: errno });
      expect(routeErrno).toBeNull();
      expect(verdict.certainty).toBe("ambiguous");
      for (const cause of causes) expect(causesOf(verdict)).toContain(cause);
    });
  }

  for (const { name, kind } of [
    { name: "a prohibit route of the client for IPv6", kind: "prohibit" },
    { name: "a blackhole route of the client for IPv6", kind: "blackhole" },
  ] as const) {
    condition(name, async (check) => {
      branch.client.ip(`route add ${kind} ${BRANCH_KMS6}/128`);
      onTestFinished(() => branch.client.ip(`route del ${kind} ${BRANCH_KMS6}/128`));
      const { verdict } = attemptAt(await check(branch.client, [BRANCH_KMS6]));
      expect(verdict.certainty).toBe("certain");
    });
  }
});
