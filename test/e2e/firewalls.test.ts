import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished } from "vitest";
import { attemptAt, causesOf, condition, diagnosisOf, kernelOf } from "./conditions.ts";
import { buildOffice, CLIENT, GUEST, KMS, needsNetwork, type Office, startSynProxy } from "./office.ts";
import { forThisTest, Peers, startHolder, startKms, startRpcScript } from "./peers.ts";

const TO_KMS = `ip daddr ${KMS} tcp dport 1688`;
/** Several connections at a time, which impacket's server can't: it stays on one that was cut off in silence. */
const MANY_AT_A_TIME = 1701;
const TO_MANY = `ip daddr ${KMS} tcp dport ${MANY_AT_A_TIME}`;
const FROM_KMS = `ip saddr ${KMS} tcp sport 1688`;

/** A segment with payload, as Linux sends it: PSH, and neither SYN nor RST. */
const PAYLOAD = "tcp flags & (psh|syn|rst) == psh";
/** The payload begins with version 5.0 and PTYPE bind (C706 12.6.3.1). */
const BIND = "@ih,0,24 0x05000b";
/** n_context_elem, byte 24 of a bind (C706 12.6.4.3). */
const THREE_CONTEXTS = "@ih,192,8 3";

describe.skipIf(needsNetwork("impacket").skip)("a firewall between client and host", () => {
  let office: Office;
  const peers = new Peers();

  beforeAll(async () => {
    office = buildOffice();
    await peers.add(startKms(office.kms, KMS));
    await peers.add(startRpcScript(office.kms, KMS, MANY_AT_A_TIME, "serves"));
  });

  afterEach(() => office.network.permitAll());

  afterAll(async () => {
    await peers.stop();
    office.network.remove();
  });

  condition("without a firewall the host serves", async (check) => {
    const checked = await check(office.client, [KMS]);
    expect(checked.code).toBe(0);
    expect(attemptAt(checked).via).toMatchObject({ address: CLIENT, interface: "to-router" });
  });

  // ------------------------------------------------------------------------------------------ silence

  /** What nobody without privileges can tell apart must all be named. */
  const SILENCE = [
    "filtered on the path",
    "filtered on the host",
    "stealth mode",
    "the host is off",
    "finds no way back",
    // Seen as well, and like the others in every detail: an overloaded host and this machine's own rules.
    "queue",
    "this machine's own",
  ];

  condition("a drop on the path is no answer", async (check) => {
    office.router.firewall({ forward: [`${TO_KMS} drop`] });
    const checked = await check(office.client, [KMS]);
    expect(checked.code).toBe(1);
    const { verdict, tcp } = attemptAt(checked);
    expect(tcp).toMatchObject({ outcome: "no-answer", cause: "deadline", tries: 2 });
    expect(verdict).toMatchObject({ certainty: "ambiguous", serves: false });
    expect(verdict.next).toContainEqual(
      expect.objectContaining({
        where: "firewall",
        command: `permit tcp from ${CLIENT} to ${KMS} port 1688`,
      }),
    );
    for (const cause of SILENCE) expect.soft(causesOf(verdict)).toContain(cause);
  });

  condition("a drop on the host is no answer", async (check) => {
    office.kms.firewall({ input: [`${TO_KMS} drop`] });
    const { verdict } = attemptAt(await check(office.client, [KMS]));
    expect(verdict.certainty).toBe("ambiguous");
    expect(causesOf(verdict)).toContain("filtered on the host");
  });

  condition("a drop by the client's own firewall is no answer", async (check) => {
    office.client.firewall({ output: [`${TO_KMS} drop`] });
    const { verdict } = attemptAt(await check(office.client, [KMS]));
    expect(verdict.certainty).toBe("ambiguous");
    expect(causesOf(verdict)).toContain("this machine's own");
  });

  condition("a SYN/ACK that finds no way back is no answer", async (check) => {
    office.kms.ip(`route add blackhole ${CLIENT}/32`);
    onTestFinished(() => office.kms.ip(`route del blackhole ${CLIENT}/32`));
    const { verdict } = attemptAt(await check(office.client, [KMS]));
    expect(verdict.certainty).toBe("ambiguous");
    expect(causesOf(verdict)).toContain("the answer finds no way back");
  });

  condition("a host whose queue is full is no answer", async (check) => {
    await forThisTest(startRpcScript(office.kms, KMS, 1700, "full"));
    const { verdict } = attemptAt(await check(office.client, [`${KMS}:1700`]));
    expect(verdict.certainty).toBe("ambiguous");
    expect(causesOf(verdict)).toContain("queue");
  });

  // ---------------------------------------------------------------------------------------- rejection

  condition("a TCP reset by a firewall is a refusal", async (check) => {
    office.router.firewall({ forward: [`${TO_KMS} reject with tcp reset`] });
    const { verdict, tcp } = attemptAt(await check(office.client, [KMS]));
    expect(tcp).toMatchObject({ outcome: "no-answer", cause: "ECONNREFUSED", tries: 1 });
    expect(verdict.certainty).toBe("ambiguous");
    expect(causesOf(verdict)).toContain("nothing listens on that port");
    expect(causesOf(verdict)).toContain("rejects with a TCP reset or an ICMP port-unreachable");
    expect(causesOf(verdict)).toContain("the address now belongs to another machine");
  });

  condition("an ICMP port-unreachable is a refusal", async (check) => {
    office.router.firewall({ forward: [`${TO_KMS} reject with icmp port-unreachable`] });
    const { verdict } = attemptAt(await check(office.client, [KMS]));
    expect(verdict.certainty).toBe("ambiguous");
    expect(causesOf(verdict)).toContain("ICMP port-unreachable");
  });

  condition("a port where nobody listens is a refusal", async (check) => {
    const { verdict } = attemptAt(await check(office.client, [`${KMS}:1699`]));
    expect(verdict.certainty).toBe("ambiguous");
    expect(causesOf(verdict)).toContain("nothing listens on that port");
  });

  condition("an ICMP host-unreachable is an unreachable host", async (check) => {
    office.router.firewall({ forward: [`${TO_KMS} reject with icmp host-unreachable`] });
    const { verdict, routeErrno } = attemptAt(await check(office.client, [KMS]));
    expect(routeErrno).toBeNull();
    expect(verdict.certainty).toBe("ambiguous");
    expect(causesOf(verdict)).toContain("ICMP host-unreachable");
  });

  condition("an ICMP admin-prohibited over IPv4 looks like an unreachable host", async (check) => {
    office.router.firewall({ forward: [`${TO_KMS} reject with icmp admin-prohibited`] });
    const { verdict } = attemptAt(await check(office.client, [KMS]));
    expect(verdict.certainty).toBe("ambiguous");
    expect(causesOf(verdict)).toContain("administratively prohibited");
  });

  condition("an ICMP net-unreachable is an unreachable network", async (check) => {
    office.router.firewall({ forward: [`${TO_KMS} reject with icmp net-unreachable`] });
    const { verdict } = attemptAt(await check(office.client, [KMS]));
    expect(verdict.certainty).toBe("ambiguous");
    expect(causesOf(verdict)).toContain("a router on the path has no route there");
    expect(causesOf(verdict)).toContain("a firewall rejects with ICMP net-unreachable");
  });

  condition("an ICMP net-prohibited looks like an unreachable network", async (check) => {
    office.router.firewall({ forward: [`${TO_KMS} reject with icmp net-prohibited`] });
    const { verdict } = attemptAt(await check(office.client, [KMS]));
    expect(verdict.certainty).toBe("ambiguous");
    expect(causesOf(verdict)).toContain("net-prohibited");
  });

  condition("a TCP reset by the client's own firewall is a refusal", async (check) => {
    office.client.firewall({ output: [`${TO_KMS} reject with tcp reset`] });
    const { verdict } = attemptAt(await check(office.client, [KMS]));
    expect(verdict.certainty).toBe("ambiguous");
    expect(causesOf(verdict)).toContain("this machine's own");
  });

  condition("an ICMP message by the client's own firewall", async (check) => {
    office.client.firewall({ output: [`${TO_KMS} reject with icmp host-unreachable`] });
    const { verdict } = attemptAt(await check(office.client, [KMS]));
    expect(verdict.certainty).toBe("ambiguous");
    expect(causesOf(verdict)).toContain("this machine's own");
  });

  condition("an ICMP protocol-unreachable is another error", async (check) => {
    office.router.firewall({ forward: [`${TO_KMS} reject with icmp prot-unreachable`] });
    const { verdict } = attemptAt(await check(office.client, [KMS]));
    expect(verdict.certainty).toBe("ambiguous");
    expect(verdict.observed).toContain("ENOPROTOOPT");
  });

  condition("a policy by source serves one subnet and not the other", async (check) => {
    office.router.firewall({ forward: [`${TO_KMS} ip saddr != 10.71.1.0/24 drop`] });
    const permitted = await check(office.client, [KMS]);
    const denied = await check(office.guest, [KMS]);
    expect(attemptAt(permitted).verdict.code).toBe("rpc-serves");
    const { verdict } = attemptAt(denied);
    expect(verdict.code).toBe("tcp-no-answer");
    const commands = verdict.next.map(({ command }) => command);
    expect(commands).toContain(`permit tcp from ${GUEST} to ${KMS} port 1688`);
  });

  // ----------------------------------------------------------------------------- after the handshake

  condition("a rule that drops what follows the handshake leaves our bytes unacknowledged", async (check) => {
    office.router.firewall({ forward: [`${TO_KMS} ${PAYLOAD} drop`] });
    const attempt = attemptAt(await check(office.client, [KMS]));
    expect(attempt.tcp.outcome).toBe("ok");
    expect(kernelOf(attempt).unacknowledgedBytes).toBe(160);
    expect(kernelOf(attempt).retransmissions).toBeGreaterThan(0);
    expect(attempt.verdict.certainty).toBe("likely");
    expect(causesOf(attempt.verdict)).toContain("a device drops data after the handshake");
    expect(causesOf(attempt.verdict)).not.toContain("the service hangs");
  });

  condition("a rule that drops the answers leaves our bytes acknowledged", async (check) => {
    office.router.firewall({ forward: [`${FROM_KMS} ${PAYLOAD} drop`] });
    const attempt = attemptAt(await check(office.client, [KMS]));
    expect(kernelOf(attempt)).toMatchObject({ unacknowledgedBytes: 0, retransmissions: 0 });
    expect(attempt.verdict.certainty).toBe("ambiguous");
    expect(causesOf(attempt.verdict)).toContain("the answer is lost on the way back");
    expect(causesOf(attempt.verdict)).toContain("the service hangs");
  });

  condition("a firewall that reads RPC and drops every bind", async (check) => {
    office.router.firewall({ forward: [`${TO_MANY} ${BIND} drop`] });
    const attempt = attemptAt(await check(office.client, [`${KMS}:${MANY_AT_A_TIME}`]));
    expect(kernelOf(attempt).unacknowledgedBytes).toBe(160);
    expect(causesOf(attempt.verdict)).toContain("inspection");
  });

  condition("a firewall that reads RPC and resets on every bind", async (check) => {
    office.router.firewall({ forward: [`${TO_MANY} ${BIND} reject with tcp reset`] });
    const { verdict } = attemptAt(await check(office.client, [`${KMS}:${MANY_AT_A_TIME}`]));
    expect(verdict.certainty).toBe("ambiguous");
    expect(causesOf(verdict)).toContain("a device on the path reads RPC");
  });

  for (const [manner, name] of [
    ["drop", "a firewall that reads RPC and drops a bind of three contexts"],
    ["reject with tcp reset", "a firewall that reads RPC and resets on a bind of three contexts"],
  ] as const) {
    condition(name, async (check) => {
      office.router.firewall({ forward: [`${TO_MANY} ${BIND} ${THREE_CONTEXTS} ${manner}`] });
      const checked = await check(office.client, [`${KMS}:${MANY_AT_A_TIME}`]);
      expect(attemptAt(checked).rpc?.plain?.answer.outcome).toBe("ok");
      expect(checked.code).toBe(1);
      expect(causesOf(attemptAt(checked).verdict)).toContain("reads RPC");
      expect(diagnosisOf(checked).findings.map(({ code }) => code)).toContain("rpc-reads-rpc");
    });
  }

  // -------------------------------------------------------------------- devices that answer in its place

  condition("a SYN proxy in front of a host that is gone", async (check) => {
    startSynProxy(office, TO_KMS);
    office.kms.firewall({ input: [`${TO_KMS} drop`] });
    const attempt = attemptAt(await check(office.client, [KMS]));
    expect(attempt.tcp.outcome).toBe("ok");
    expect(kernelOf(attempt)).toMatchObject({ unacknowledgedBytes: 160, retransmissions: 0 });
    expect(attempt.verdict.certainty).toBe("likely");
    expect(causesOf(attempt.verdict)).toContain("a SYN proxy or load balancer");
  });

  condition("a SYN proxy for every port in front of a host that is gone", async (check) => {
    startSynProxy(office, `ip daddr ${KMS} meta l4proto tcp`);
    office.kms.firewall({ input: [`ip daddr ${KMS} meta l4proto tcp drop`] });
    const { verdict } = attemptAt(await check(office.client, [KMS]));
    expect(causesOf(verdict)).toContain("something on the way accepts for every port");
  });

  condition("a SYN proxy in front of a host that refuses", async (check) => {
    startSynProxy(office, TO_KMS);
    office.kms.firewall({ input: [`${TO_KMS} reject with tcp reset`] });
    const { verdict } = attemptAt(await check(office.client, [KMS]));
    expect(verdict.certainty).toBe("ambiguous");
    expect(causesOf(verdict)).toContain("a SYN proxy or load balancer");
  });

  condition("a port that is another one behind NAT", async (check) => {
    office.router.firewall({ dnat: [`ip daddr ${KMS} tcp dport 1702 dnat ip to ${KMS}:${MANY_AT_A_TIME}`] });
    const checked = await check(office.client, [`${KMS}:1702`]);
    expect(diagnosisOf(checked).findings).toContainEqual(
      expect.objectContaining({ code: "rpc-other-port", observed: expect.stringContaining("1701") }),
    );
  });

  condition("a firewall that allows two connections and no more", async (check) => {
    office.router.firewall({ forward: [`${TO_MANY} ct state new ct count over 2 drop`] });
    await forThisTest(startHolder(office.guest, KMS, MANY_AT_A_TIME, 2));
    const { verdict } = attemptAt(await check(office.client, [`${KMS}:${MANY_AT_A_TIME}`]));
    expect(verdict.certainty).toBe("ambiguous");
    expect(causesOf(verdict)).toContain("filtered on the path");
  });
});
