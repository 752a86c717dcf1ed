import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished } from "vitest";
import { zoneFile } from "../integration/support/zone.ts";
import { attemptAt, condition, diagnosisOf } from "./conditions.ts";
import { buildOffice, DNS, DNS6, KMS, KMS6, needsNetwork, type Office } from "./office.ts";
import { Peers, startDns, startRpcScript } from "./peers.ts";

const srv = (zone: string, target: string) => ({
  name: `_vlmcs._tcp.${zone}`,
  srv: { priority: 0, weight: 0, port: 1688, target },
});

const ZONES = {
  "six.test": zoneFile([srv("six.test", "kms.six.test"), { name: "kms.six.test", address: KMS6 }]),
  "both.test": zoneFile([
    srv("both.test", "kms.both.test"),
    { name: "kms.both.test", address: KMS },
    { name: "kms.both.test", address: KMS6 },
  ]),
};

describe.skipIf(needsNetwork("named").skip)("two address families", () => {
  let office: Office;
  const peers = new Peers();

  beforeAll(async () => {
    office = buildOffice();
    await peers.add(startDns(office.dns, { address: [DNS, DNS6], zones: ZONES }));
    await peers.add(startRpcScript(office.kms, KMS, 1688, "serves"));
    await peers.add(startRpcScript(office.kms, KMS6, 1688, "serves"));
  });

  afterEach(() => office.network.permitAll());

  afterAll(async () => {
    await peers.stop();
    office.network.remove();
  });

  function withoutIpv4(): void {
    office.client.ip("address del 10.71.1.10/24 dev to-router");
    onTestFinished(() =>
      office.client.ip("address add 10.71.1.10/24 dev to-router", "route add default via 10.71.1.1"),
    );
  }

  function withoutIpv6(): void {
    office.client.sysctl({ "net.ipv6.conf.all.disable_ipv6": 1 });
    onTestFinished(() => {
      office.client.sysctl({ "net.ipv6.conf.all.disable_ipv6": 0 });
      office.client.ip("address add fd71:1::10/64 dev to-router nodad", "route add default via fd71:1::1");
    });
  }

  condition("with IPv6 only, at the resolver and at the host", async (check) => {
    withoutIpv4();
    const checked = await check(office.client, ["-d", "six.test", "-r", DNS6]);
    expect(checked.code).toBe(0);
    expect(attemptAt(checked)).toMatchObject({
      address: KMS6,
      family: 6,
      via: { address: "fd71:1::10", interface: "to-router" },
    });
  });

  condition("a client with IPv6 only takes the address it can", async (check) => {
    withoutIpv4();
    const checked = await check(office.client, ["-d", "both.test", "-r", DNS6]);
    expect(checked.code).toBe(0);
    expect(checked.report.verdict.code).toBe("rpc-serves");
    expect(attemptAt(checked, KMS).verdict).toMatchObject({
      code: "tcp-net-unreachable",
      certainty: "certain",
    });
  });

  condition("AAAA is dead and A works", async (check) => {
    office.router.firewall({ forward: ["meta l4proto tcp ip6 daddr fd71:2::10 drop"] });
    const checked = await check(office.client, ["-d", "both.test", "-r", DNS]);
    expect(checked.code).toBe(0);
    expect(checked.report.verdict).toMatchObject({ code: "endpoint-partly-serves", severity: "degraded" });
    expect(attemptAt(checked, KMS).verdict.code).toBe("rpc-serves");
    expect(attemptAt(checked, KMS6).verdict.code).toBe("tcp-no-answer");
    const [view] = diagnosisOf(checked).outlook?.views ?? [];
    expect(view?.models.map(({ anyServes }) => anyServes)).toEqual([true, true]);
  });

  condition("AAAA is dead, and -4 leaves it out", async (check) => {
    office.router.firewall({ forward: ["meta l4proto tcp ip6 daddr fd71:2::10 drop"] });
    const checked = await check(office.client, ["-d", "both.test", "-r", DNS, "-4", "--require", "all"]);
    expect(checked.code).toBe(0);
    expect(checked.report.verdict.code).toBe("rpc-serves");
    expect(checked.report.settings.family).toBe(4);
    const [host] = diagnosisOf(checked).endpoints;
    expect(host?.attempts.map(({ address }) => address)).toEqual([KMS]);
    expect(host?.address).toMatchObject({ addresses: [KMS], leftOut: [KMS6] });
  });

  condition("-4 leaves nothing of a host that has IPv6 alone", async (check) => {
    const checked = await check(office.client, ["-d", "six.test", "-r", DNS, "-4"]);
    // It may serve, for all that is known.
    expect(checked.code).toBe(3);
    const [host] = diagnosisOf(checked).endpoints;
    expect(host?.attempts).toEqual([]);
    expect(host?.verdict).toMatchObject({
      code: "address-left-out",
      observed: `What is known of kms.six.test is ${KMS6}, which -4 leaves out: nothing was sent there.`,
    });
  });

  condition("IPv6 is switched off on the client", async (check) => {
    withoutIpv6();
    const checked = await check(office.client, [KMS6]);
    // Our own machine's fault, and not the host's.
    expect(checked.code).toBe(3);
    expect(attemptAt(checked).verdict.certainty).toBe("certain");
  });

  condition("a client with IPv6 switched off takes the address it can", async (check) => {
    withoutIpv6();
    const checked = await check(office.client, ["-d", "both.test", "-r", DNS]);
    expect(checked.code).toBe(0);
    expect(checked.report.verdict.code).toBe("rpc-serves");
    expect(attemptAt(checked, KMS6).verdict.code).toBe("tcp-no-local-address");
  });
});
