/** Addresses and names that are not what a record of the host's own says. */
import { afterAll, beforeAll, describe, expect } from "vitest";
import { type ZoneEntry, zoneFile } from "../integration/support/zone.ts";
import { causesOf, type Checked, condition, diagnosisOf } from "./conditions.ts";
import { buildOffice, DNS, KMS, needsNetwork, type Office } from "./office.ts";
import { Peers, startDns, startRpcScript } from "./peers.ts";

/** A further address of the name server's machine, for one that makes addresses up. */
const DNS64 = "10.71.4.11";

const srv = (zone: string, host = "kms"): ZoneEntry => ({
  name: `_vlmcs._tcp.${zone}`,
  srv: { priority: 0, weight: 0, port: 1688, target: `${host}.${zone}` },
});

/** "büro" as Microsoft DNS keeps it, in the spelling of zone files. */
const BUERO = "b\\195\\188ro";

const ZONES = {
  "wild.test": zoneFile([srv("wild.test", "kms-old"), { name: "*.wild.test", address: DNS }]),
  "proxied.test": zoneFile([srv("proxied.test"), { name: "kms.proxied.test", address: "198.18.0.5" }]),
  "made.test": zoneFile([srv("made.test"), { name: "kms.made.test", address: KMS }]),
  "utf.test": zoneFile([srv("utf.test", BUERO), { name: `${BUERO}.utf.test`, address: KMS }]),
};

describe.skipIf(needsNetwork("named").skip)("what DNS gives, and no record of the host's own", () => {
  let office: Office;
  const peers = new Peers();

  beforeAll(async () => {
    office = buildOffice();
    office.dns.ip(`address add ${DNS64}/24 dev to-router`);
    const options = "check-names primary ignore;";
    await peers.add(startDns(office.dns, { address: DNS, zones: ZONES, options }));
    const makes = "dns64 64:ff9b::/96 { clients { any; }; };";
    await peers.add(
      startDns(office.dns, { address: DNS64, zones: { "made.test": ZONES["made.test"] }, options: makes }),
    );
    await peers.add(startRpcScript(office.kms, KMS, 1688, "serves"));
  });

  afterAll(async () => {
    await peers.stop();
    office.network.remove();
  });

  condition("a host that only a wildcard of its zone names", async (check) => {
    const checked = await check(office.client, ask("wild.test"));
    expect(checked.report.verdict.causes[0]).toContain("kms-old.wild.test has no record of its own");
    expect(checked.report.verdict.next.map(({ where }) => where)).not.toContain("kms-host");
    expect(codesOf(checked)).toContain("address-by-wildcard");
    expect(diagnosisOf(checked).endpoints[0]?.address.nobody).toMatchObject({
      rcode: "NOERROR",
      found: [DNS],
    });
  });

  condition("a host whose address a proxy makes up", async (check) => {
    const checked = await check(office.client, ask("proxied.test"));
    expect(checked.report.verdict.causes[0]).toContain("(fake-ip, 198.18.0.0/15)");
    expect(codesOf(checked)).toContain("address-special");
  });

  condition("a host with an address that DNS64 makes up, and no NAT64", async (check) => {
    const checked = await check(office.client, ask("made.test", DNS64));
    expect(checked.code).toBe(0);
    const made = diagnosisOf(checked).endpoints[0]?.attempts.find(({ family }) => family === 6);
    expect(made?.verdict.causes[0]).toMatch(/^DNS64 made 64:ff9b::a47:20a up from 10\.71\.2\.10/);
    expect(codesOf(checked)).toEqual(["address-synthesised"]);
  });

  condition("a host by a name that only Microsoft's rules allow", async (check) => {
    const checked = await check(office.client, ask("utf.test"));
    expect(checked.code).toBe(0);
    expect(diagnosisOf(checked).endpoints[0]?.endpoint.host).toBe("büro.utf.test");
    expect(codesOf(checked)).toContain("address-unicode-name");
    expect(causesOf(checked.report.verdict)).not.toContain("a typing mistake");
  });
});

function ask(zone: string, resolver = DNS): string[] {
  return ["-d", zone, "-r", resolver];
}

function codesOf(checked: Checked): string[] {
  return diagnosisOf(checked).findings.map(({ code }) => code);
}
