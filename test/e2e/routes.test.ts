import { afterAll, beforeAll, describe, expect, onTestFinished, vi } from "vitest";
import { attemptAt, causesOf, condition } from "./conditions.ts";
import {
  buildOffice,
  CLIENT,
  DNS,
  GUEST,
  KMS,
  needsNetwork,
  NOBODY_HERE,
  NOBODY_THERE,
  type Office,
} from "./office.ts";
import type { Host } from "./topology.ts";

/** Long enough for the kernel to give up on a neighbour, which takes it 3.06 s. */
const UNTIL_ARP_FAILS = ["--timeout", "4s"];

/** Routes are what these tests are about: nobody needs to listen. */
describe.skipIf(needsNetwork().skip)("routes and neighbours", () => {
  let office: Office;

  beforeAll(() => {
    office = buildOffice();
  });

  afterAll(() => office.network.remove());

  // ------------------------------------------------------------------------------ the client's own table

  condition("a client without a route knows so for certain", async (check) => {
    office.client.ip("route del default via 10.71.1.1");
    onTestFinished(() => office.client.ip("route add default via 10.71.1.1"));
    const { verdict, via, routeErrno } = attemptAt(await check(office.client, [KMS]));
    expect({ via, routeErrno }).toEqual({ via: null, routeErrno: "ENETUNREACH" });
    expect(verdict.certainty).toBe("certain");
    expect(verdict.causes).toEqual([expect.stringContaining("this machine has no route there")]);
  });

  condition("a client whose only interface is down", async (check) => {
    office.client.ip("link set to-router down");
    onTestFinished(() => {
      // IPv6 addresses and all routes go with a link.
      office.client.ip(
        "link set to-router up",
        "address add fd71:1::10/64 dev to-router nodad",
        "route add default via 10.71.1.1",
        "route add default via fd71:1::1",
      );
    });
    const checked = await check(office.client, [KMS]);
    expect(checked.code).toBe(3);
    const { verdict, here } = attemptAt(checked);
    expect(here?.deadLinks).toContainEqual({ interface: "to-router", state: "down" });
    expect(verdict.certainty).toBe("certain");
    expect(verdict.causes[0]).toMatch(/its routes are gone with it: .*to-router is down/);
  });

  condition("a blackhole route of the client", async (check) => {
    routeForThisTest(office.client, `blackhole ${KMS}/32`);
    const { verdict, tcp } = attemptAt(await check(office.client, [KMS]));
    expect(tcp).toEqual({ outcome: "not-sent", errno: "EINVAL" });
    expect(verdict.certainty).toBe("certain");
  });

  condition("a prohibit route of the client", async (check) => {
    routeForThisTest(office.client, `prohibit ${KMS}/32`);
    const { verdict } = attemptAt(await check(office.client, [KMS]));
    expect(verdict.certainty).toBe("certain");
    expect(causesOf(verdict)).toContain("prohibit route");
  });

  condition("an unreachable route of the client", async (check) => {
    routeForThisTest(office.client, `unreachable ${KMS}/32`);
    const { verdict } = attemptAt(await check(office.client, [KMS]));
    expect(verdict.certainty).toBe("certain");
    expect(verdict.causes).toEqual(["an unreachable route on this machine"]);
  });

  condition("a rule that throws away what leaves from one address", async (check) => {
    office.client.ip("addr add 10.71.1.20/24 dev to-router", "rule add from 10.71.1.20 blackhole");
    onTestFinished(() =>
      office.client.ip("rule del from 10.71.1.20 blackhole", "addr del 10.71.1.20/24 dev to-router"),
    );
    const { verdict, here } = attemptAt(await check(office.client, [KMS, "--source", "10.71.1.20"]));
    expect(here?.refusedSource).toBe("10.71.1.20");
    expect(verdict.certainty).toBe("likely");
    expect(verdict.causes).toEqual([expect.stringContaining("a rule of this machine's routing policy")]);
  });

  // --------------------------------------------------------------------- a source that can't be used

  /** An interface beside the others, which is there for one test. */
  function spareInterface(...lines: readonly string[]): void {
    office.client.ip("link add spare type veth peer name spare-end", ...lines);
    onTestFinished(() => office.client.ip("link del spare"));
  }

  const FROM_SPARE = ["--source", "spare"];
  const BY_NAME = ["-d", "corp.test", "-r", DNS, ...FROM_SPARE];

  condition("a source whose interface is down", async (check) => {
    spareInterface();
    const checked = await check(office.client, [KMS, ...FROM_SPARE]);
    expect(checked.code).toBe(3);
    const { verdict, here, tcp } = attemptAt(checked);
    expect(tcp).toEqual({ outcome: "not-sent", errno: "EAFNOSUPPORT" });
    expect(here?.sourceFault).toEqual({ interface: "spare", state: "down" });
    expect(verdict.certainty).toBe("certain");
    expect(verdict.causes).toEqual([expect.stringMatching(/^the interface spare, the source, is down/)]);
    const asked = await check(office.client, BY_NAME);
    expect(asked.code).toBe(3);
    expect(asked.report.diagnoses[0]?.verdict.causes).toEqual(verdict.causes);
  });

  condition("a source whose interface has no address", async (check) => {
    spareInterface("link set spare up", "link set spare-end up");
    // The kernel tells of a carrier up to a second late.
    await vi.waitFor(
      () => expect(office.client.run(["ip", "link", "show", "spare"])).not.toContain("NO-CARRIER"),
      10_000,
    );
    const checked = await check(office.client, [KMS, ...FROM_SPARE]);
    expect(checked.code).toBe(3);
    const { verdict, here } = attemptAt(checked);
    expect(here?.sourceFault).toEqual({ interface: "spare", state: "no-address" });
    expect(verdict.causes).toEqual([
      expect.stringMatching(/^the interface spare, the source, has no address/),
    ]);
    const asked = await check(office.client, BY_NAME);
    expect(asked.report.diagnoses[0]?.verdict.causes).toEqual(verdict.causes);
  });

  condition("a source whose interface has no carrier", async (check) => {
    spareInterface("addr add 10.71.7.10/24 dev spare", "link set spare up");
    const { verdict, here, via } = attemptAt(await check(office.client, ["10.71.7.99", ...FROM_SPARE]));
    expect(via).toMatchObject({ address: "10.71.7.10", interface: "spare" });
    expect(here).toMatchObject({
      noCarrier: true,
      sourceFault: { interface: "spare", state: "no-carrier" },
    });
    expect(verdict.causes.filter((cause) => cause.includes("no carrier"))).toEqual([
      expect.stringMatching(/^spare has no carrier/),
    ]);
  });

  condition("a source whose interface is down, and packets that leave by another", async (check) => {
    spareInterface("addr add 10.71.7.10/24 dev spare");
    for (const source of ["spare", "10.71.7.10"]) {
      const { verdict, via } = attemptAt(await check(office.client, [KMS, "--source", source]));
      expect(via).toMatchObject({ address: "10.71.7.10", interface: "to-router", owner: "spare" });
      expect(verdict.causes[0]).toMatch(/^the interface spare, the source, is down/);
    }
  });

  condition("the broadcast address of the client's own subnet", async (check) => {
    const { verdict } = attemptAt(await check(office.client, ["10.71.1.255"]));
    expect(verdict.certainty).toBe("certain");
    expect(verdict.causes).toEqual([expect.stringContaining("is a broadcast or multicast address")]);
  });

  // ----------------------------------------------------------------------------------------- on the way

  condition("a blackhole route on the way is no answer", async (check) => {
    routeForThisTest(office.router, `blackhole ${KMS}/32`);
    const { verdict } = attemptAt(await check(office.client, [KMS]));
    expect(verdict.certainty).toBe("ambiguous");
  });

  condition("a router without a route is an unreachable network", async (check) => {
    const { verdict, routeErrno } = attemptAt(await check(office.client, ["10.71.200.10"]));
    expect(routeErrno).toBeNull();
    expect(verdict.certainty).toBe("ambiguous");
    expect(causesOf(verdict)).toContain("a router on the path has no route there");
  });

  condition("a packet that goes in a circle is an unreachable host", async (check) => {
    office.guest.sysctl({ "net.ipv4.ip_forward": 1 });
    routeForThisTest(office.router, `${KMS}/32 via ${GUEST}`);
    const { verdict } = attemptAt(await check(office.client, [KMS]));
    expect(verdict.certainty).toBe("ambiguous");
    expect(causesOf(verdict)).toContain("packets go in a circle");
  });

  // ----------------------------------------------------------------------------------------- neighbours

  for (const { name, address } of [
    { name: "a neighbour on the own subnet that answers no ARP", address: NOBODY_HERE },
    { name: "a neighbour on the last subnet that answers no ARP", address: NOBODY_THERE },
    { name: "a neighbour on the own subnet that answers no neighbour query", address: "fd71:1::99" },
    { name: "a neighbour on the last subnet that answers no neighbour query", address: "fd71:2::99" },
  ] as const) {
    condition(name, async (check) => {
      const { verdict, tcp, here } = attemptAt(await check(office.client, [address, ...UNTIL_ARP_FAILS]));
      expect(tcp).toMatchObject({ outcome: "no-answer", cause: "EHOSTUNREACH" });
      expect(verdict.certainty).toBe("likely");
      const own = address === NOBODY_HERE || address === "fd71:1::99";
      expect(here?.nextHop).toEqual({
        gateway: own ? null : address.includes(":") ? "fd71:1::1" : "10.71.1.1",
        answers: !own,
      });
      expect(verdict.causes).toEqual(
        own
          ? [expect.stringContaining("on the same subnet"), expect.stringContaining("netmask is too wide")]
          : [
              expect.stringContaining("no machine on the last subnet has it"),
              expect.stringContaining("one on the way doesn't find the next one"),
            ],
      );
    });
  }

  condition("a router whose own next router is gone", async (check) => {
    routeForThisTest(office.router, "10.71.201.0/24 via 10.71.3.99");
    const { verdict } = attemptAt(await check(office.client, ["10.71.201.10", ...UNTIL_ARP_FAILS]));
    expect(verdict.certainty).toBe("likely");
    expect(causesOf(verdict)).toContain("one on the way doesn't find the next one");
    expect(causesOf(verdict)).not.toContain("on the same subnet");
  });

  condition("a client whose netmask is too wide", async (check) => {
    office.client.ip("address add 10.71.1.20/16 dev to-router");
    onTestFinished(() => office.client.ip("address del 10.71.1.20/16 dev to-router"));
    const { verdict } = attemptAt(await check(office.client, [KMS, ...UNTIL_ARP_FAILS]));
    expect(causesOf(verdict)).toContain(`this machine takes ${KMS} for its own subnet's`);
    expect(causesOf(verdict)).not.toContain("behind a router");
    expect(verdict.next.map(({ command }) => command)).toContain("ip -br addr show dev to-router");
  });

  for (const { name, used } of [
    { name: "a host in the subnet of a client's Docker, and no container runs", used: false },
    { name: "a host in the subnet of a client's Docker, and one runs", used: true },
  ] as const) {
    condition(name, async (check) => {
      office.client.ip(
        "link add docker0 type bridge",
        "address add 172.17.0.1/16 dev docker0",
        "link set docker0 up",
      );
      onTestFinished(() => office.client.ip("link del docker0"));
      if (used) {
        office.client.ip(
          "link add veth7 type veth peer name veth8",
          "link set veth7 master docker0 up",
          "link set veth8 up",
        );
        onTestFinished(() => office.client.ip("link del veth7"));
      }
      const { verdict, here } = attemptAt(await check(office.client, ["172.17.5.10", ...UNTIL_ARP_FAILS]));
      expect(here?.ownBridge).toBe(true);
      expect(verdict.causes[0]).toMatch(
        /^docker0 is a bridge of this machine's own .* whose subnet takes in 172\.17\.5\.10/,
      );
      expect(verdict.next[0]?.command).toBe("ip -br addr show dev docker0");
    });
  }

  condition("a gateway that answers no ARP", async (check) => {
    office.client.ip(`route replace default via ${NOBODY_HERE}`);
    onTestFinished(() => office.client.ip("route replace default via 10.71.1.1"));
    const { verdict, via } = attemptAt(await check(office.client, [KMS, ...UNTIL_ARP_FAILS]));
    expect(via?.address).toBe(CLIENT);
    expect(verdict.causes).toEqual([
      expect.stringContaining(`this machine's gateway doesn't answer: ${NOBODY_HERE} is off`),
    ]);
    expect(verdict.next.map(({ where }) => where)).not.toContain("kms-host");
  });
});

function routeForThisTest(host: Host, route: string): void {
  host.ip(`route add ${route}`);
  onTestFinished(() => host.ip(`route del ${route}`));
}
