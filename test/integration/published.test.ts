/** What DNS lists, asked of resolvers that follow a script. */
import { describe, expect, onTestFinished, test } from "vitest";
import type { SocketAddress } from "../../src/model/dns.ts";
import { lookUpPublished } from "../../src/run/published.ts";
import { impatient, reply, srvRecord, startDnsPeer } from "./scripted/peers.ts";
import type { DnsPeer, Query } from "./scripted/peers.ts";

async function resolver(answers: (query: Query) => Buffer | null): Promise<DnsPeer> {
  const peer = await startDnsPeer({
    udp: (query, send) => {
      const answer = answers(query);
      if (answer !== null) send(answer);
    },
  });
  onTestFinished(() => peer.stop());
  return peer;
}

const NXDOMAIN = 3;
const NAME = "_vlmcs._tcp.corp.test";

/** A zone of these records; addresses by name. */
function zone(records: object[], addresses: Record<string, string[]>): (query: Query) => Buffer {
  return (query) => {
    const { name, type } = query;
    if (type === "SRV") return reply(query, { answers: name === NAME ? records : [] });
    const found = (addresses[name] ?? []).filter((each) => each.includes(":") === (type === "AAAA"));
    if (!(name in addresses)) return reply(query, { flags: NXDOMAIN });
    return reply(query, { answers: found.map((data) => ({ name, type, ttl: 60, data })) });
  };
}

async function lookUp(
  domains: string[],
  resolvers: SocketAddress[],
  concurrency = 8,
): ReturnType<typeof lookUpPublished> {
  return await lookUpPublished(domains, resolvers, concurrency, impatient({ dnsTimeoutMs: 400 }));
}

describe("what DNS lists", () => {
  test("is every host of every resolver, with all of its addresses", async () => {
    const one = await resolver(
      zone([srvRecord(NAME, "kms1.corp.test"), srvRecord(NAME, "kms2.corp.test", { port: 1700 })], {
        "kms1.corp.test": ["127.0.0.9", "::9"],
        "kms2.corp.test": ["127.0.0.10"],
      }),
    );
    const two = await resolver(
      zone([srvRecord(NAME, "kms1.corp.test"), srvRecord(NAME, "gone.corp.test")], {
        "kms1.corp.test": ["127.0.0.9"],
      }),
    );
    const [found, ...rest] = await lookUp(["corp.test", "corp.test"], [one.resolver, two.resolver]);
    expect(rest).toEqual([]);
    expect(found?.domain).toBe("corp.test");
    expect(found?.srv.map(({ resolver: { address }, answer }) => [address, answer.outcome])).toEqual([
      [one.resolver.address, "ok"],
      [two.resolver.address, "ok"],
    ]);
    expect(found?.hosts).toEqual([
      { endpoint: { host: "gone.corp.test", port: 1688 }, addresses: [], gone: true },
      { endpoint: { host: "kms1.corp.test", port: 1688 }, addresses: ["127.0.0.9", "::9"], gone: false },
      { endpoint: { host: "kms2.corp.test", port: 1700 }, addresses: ["127.0.0.10"], gone: false },
    ]);
    // Only who lists a host is asked for its addresses.
    expect(two.queries.filter(({ name }) => name === "kms2.corp.test")).toEqual([]);
  });

  test("is nothing for a domain that is denied, and the others all the same", async () => {
    const peer = await resolver((query) => {
      if (query.name.endsWith("none.test")) return reply(query, { flags: NXDOMAIN });
      return zone([srvRecord(NAME, "kms1.corp.test")], { "kms1.corp.test": ["127.0.0.9"] })(query);
    });
    const found = await lookUp(["none.test", "corp.test"], [peer.resolver]);
    expect(found.map(({ domain, hosts, srv }) => [domain, hosts.length, srv[0]?.answer.outcome])).toEqual([
      ["none.test", 0, "denied"],
      ["corp.test", 1, "ok"],
    ]);
  });

  test("is nothing where nobody answers, and says so", async () => {
    const peer = await resolver(() => null);
    const [found] = await lookUp(["corp.test"], [peer.resolver]);
    expect(found?.hosts).toEqual([]);
    expect(found?.srv[0]?.answer).toMatchObject({ outcome: "no-answer", cause: "deadline" });
  });

  test("is looked up for 128 hosts of a domain at most, a few at a time", async () => {
    const hosts = Array.from({ length: 150 }, (_, n) => `k${String(n).padStart(3, "0")}.t`);
    let waiting = 0;
    let most = 0;
    const peer = await startDnsPeer({
      udp: (query, send) => {
        if (query.type === "SRV") {
          send(reply(query, { answers: hosts.map((host) => srvRecord(query.name, host)) }));
          return;
        }
        most = Math.max(most, ++waiting);
        setTimeout(() => {
          waiting -= 1;
          send(
            reply(query, {
              answers: query.type === "A" ? [{ name: query.name, type: "A", ttl: 1, data: "127.0.0.9" }] : [],
            }),
          );
        }, 5);
      },
    });
    onTestFinished(() => peer.stop());
    const [found] = await lookUp(["corp.test"], [peer.resolver], 4);
    expect(found?.hosts).toHaveLength(128);
    expect(found?.hosts.every(({ addresses }) => addresses.join() === "127.0.0.9")).toBe(true);
    // An A and an AAAA for each of four hosts.
    expect(most).toBeLessThanOrEqual(8);
  });
});
