import { Buffer } from "node:buffer";
import type { RemoteInfo } from "node:dgram";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { srvEvidenceSchema } from "../../../src/model/dns.ts";
import type { DnsExchange, SrvAnswer } from "../../../src/model/dns.ts";
import type { Settings } from "../../../src/model/settings.ts";
import type { ProbeContext } from "../../../src/probe/context.ts";
import { probeHostAddresses, probeTargetAddresses } from "../../../src/probe/address.ts";
import { ask } from "../../../src/probe/question.ts";
import { probeSrv } from "../../../src/probe/srv.ts";
import { freePort, loopbackAddress } from "../servers/free-port.ts";
import { drip, framed, impatient, reply, srvRecord, startDnsPeer, withoutTimes } from "./peers.ts";
import type { DnsPeer, DnsScript, Query } from "./peers.ts";

const DOMAIN = "corp.test";
const NAME = `_vlmcs._tcp.${DOMAIN}`;
const NONE = { source: 0, id: 0, question: 0, malformed: 0 };

/** Datagrams from elsewhere are counted where the kernel lets two sockets share a port. */
const FROM_ELSEWHERE = process.platform === "linux" ? 1 : 0;

const running: DnsPeer[] = [];
afterEach(async () => {
  for (const peer of running.splice(0)) await peer.stop();
});

async function start(script: DnsScript): Promise<DnsPeer> {
  const peer = await startDnsPeer(script);
  running.push(peer);
  return peer;
}

/** Asks a scripted resolver for the SRV records; the answer keeps its times. */
async function askScripted(
  script: DnsScript,
  over: Partial<Settings> = {},
  signal?: AbortSignal,
): Promise<SrvAnswer & { peer: DnsPeer }> {
  const peer = await start(script);
  const answer = await probeSrv(DOMAIN, peer.resolver, impatient(over, signal));
  srvEvidenceSchema.parse(answer.answer);
  return { ...answer, peer };
}

/** What is the same for every answer of a kind; what it says of itself is looked at where it matters. */
const exchange = (
  over: Partial<DnsExchange> = {},
): Omit<DnsExchange, "said" | "overTcp" | "deadLink" | "from"> => ({
  transport: "udp",
  tries: 1,
  truncated: false,
  edns: true,
  ignored: NONE,
  ...over,
});

const good = (query: Query): Buffer => reply(query, { answers: [srvRecord(NAME, "kms1.corp.test")] });
const KMS1 = { priority: 0, weight: 50, port: 1688, target: "kms1.corp.test", ttlSeconds: 600 };
/** What a scripted answer of one record says of itself. */
const SAID = {
  authoritative: false,
  recursion: true,
  soa: null,
  referral: null,
  policy: null,
  errors: [],
  records: 1,
  udpSize: null,
};
const NOTHING_ELSE = { aliases: [], glue: [], authoritative: false, dropped: 0 };
const FOUND = { outcome: "ok", facts: { records: [KMS1], ...NOTHING_ELSE } };
const denied = (rcode: string, over: object = {}): object => ({
  outcome: "denied",
  denial: { rcode, nodata: false, chain: null, notOffered: false, unfinished: false, aliases: [], ...over },
});

/** Sends what `before` makes, then the true answer. */
const preceded =
  (before: (query: Query) => Uint8Array[]): NonNullable<DnsScript["udp"]> =>
  (query, send) => {
    for (const bytes of before(query)) send(bytes);
    send(good(query));
  };

/** Ten thousand datagrams that the resolver did not send. */
const flood = async (peer: DnsPeer, bytes: Buffer, asker: RemoteInfo): Promise<void> => {
  for (let sent = 0; sent < 10_000; sent += 100) {
    await Promise.all(Array.from({ length: 100 }, () => peer.sendFrom(peer.resolver.address, bytes, asker)));
  }
};

/** A context that probes from a source of its own. */
const sourced = (over: object): ProbeContext => ({
  ...impatient(),
  source: { label: "test", ipv4: null, ipv6: null, interface: "lo", link: "loopback", ...over },
});

const TC = 0x0200;
const truncated: NonNullable<DnsScript["udp"]> = (query, send) => send(reply(query, { flags: TC }));
const overTcp = (over: Partial<DnsExchange> = {}): ReturnType<typeof exchange> =>
  exchange({ transport: "tcp", tries: 2, truncated: true, ...over });

/** What an answer with this in it is taken for. */
const answered = async (more: Parameters<typeof reply>[1]): Promise<unknown> => {
  const { answer } = await askScripted({ udp: (query, send) => send(reply(query, more)) });
  return withoutTimes(answer);
};

const cname = (name: string, data: string): object => ({ name, type: "CNAME", ttl: 60, data });
const aRecord = (name: string, data: string, ttl = 60): object => ({ name, type: "A", ttl, data });
const aaaaRecord = (name: string, data: string, ttl = 60): object => ({ name, type: "AAAA", ttl, data });

describe("answers over UDP", () => {
  test("one question with EDNS, one answer", async () => {
    const { peer, ...answer } = await askScripted({ udp: (query, send) => send(good(query)) });
    expect(withoutTimes(answer)).toEqual({
      resolver: peer.resolver,
      name: NAME,
      exchange: { ...exchange(), said: SAID, deadLink: null, from: null, overTcp: null },
      answer: FOUND,
      controls: [],
      sourceFault: null,
    });
    expect(peer.queries).toMatchObject([{ transport: "udp", name: NAME, type: "SRV", edns: true }]);
    expect(answer.answer).toHaveProperty("elapsedMs", expect.any(Number));
  });

  test.each([1, 2])("an answer to transmission %i only, after silence", async (heeded) => {
    const { peer, ...answer } = await askScripted({
      udp: (query, send) => {
        if (query.index === heeded) send(good(query));
      },
    });
    // The last of three goes without EDNS, which what is silent may drop.
    const edns = heeded < 2;
    expect(withoutTimes(answer)).toMatchObject({
      exchange: exchange({ tries: heeded + 1, edns }),
      answer: FOUND,
    });
    const [first] = peer.queries;
    expect(peer.queries.map((query) => query.bytes.equals(first?.bytes ?? Buffer.alloc(0)))).toEqual(
      [true, true, false].slice(0, heeded + 1),
    );
  });

  test("silence: three transmissions, then no answer when the patience is over", async () => {
    const { peer, ...answer } = await askScripted({}, { dnsTimeoutMs: 300 });
    expect(withoutTimes(answer)).toMatchObject({
      exchange: exchange({ tries: 3 }),
      answer: { outcome: "no-answer", cause: "deadline" },
    });
    expect(peer.queries.length).toBe(3);
    expect(answer.answer).toHaveProperty(
      "elapsedMs",
      expect.toSatisfy((ms: number) => ms >= 299 && ms < 1_500),
    );
  });

  test("a closed port: asked twice, then the errno", async () => {
    const address = loopbackAddress();
    const resolver = { address, port: await freePort(address) };
    const answer = await probeSrv(DOMAIN, resolver, impatient({ dnsTimeoutMs: 5_000 }));
    expect(withoutTimes(answer)).toMatchObject({
      exchange: exchange({ tries: 2 }),
      answer: { outcome: "no-answer", cause: "ECONNREFUSED" },
    });
    expect(answer.answer).toHaveProperty(
      "elapsedMs",
      expect.toSatisfy((ms: number) => ms < 900),
    );
  });

  test("600 questions in flight to one resolver: none is handed another's answer", async () => {
    const heard = new Set<string>();
    const peer = await start({
      udp: (query, send) => {
        if (heard.has(query.name)) return;
        heard.add(query.name);
        setTimeout(() => send(reply(query, { answers: [srvRecord(query.name, `t.${query.name}`)] })), 800);
      },
    });
    const context = impatient({ dnsTimeoutMs: 30_000, deadlineMs: 60_000 });
    const answers = await Promise.all(
      Array.from({ length: 600 }, async (_, index) => {
        // In groups, which the peer's socket has room for; all of them are in flight before the first answer.
        await sleep(15 * Math.floor(index / 50));
        const asked = await ask(peer.resolver, { name: `n${index}.test`, type: "SRV" }, context);
        const records = asked.answer.outcome === "ok" ? asked.answer.response.answers : [];
        const targets = records.map((record) => (record.type === "SRV" ? record.target : record.type));
        // Tries are not looked at: a machine under load may lose a burst of questions.
        return { ignored: asked.exchange.ignored, targets };
      }),
    );
    expect(answers).toEqual(
      Array.from({ length: 600 }, (_, index) => ({ ignored: NONE, targets: [`t.n${index}.test`] })),
    );
  });
});

describe("answers that are not ours", () => {
  test.each([
    ["another port", (peer: DnsPeer) => peer.resolver.address],
    ["another address", () => loopbackAddress()],
  ])("from %s: counted, and the true answer is taken", async (_, from) => {
    const peer: DnsPeer = await start({
      udp: (query, send, asker) => {
        const forged = reply(query, { answers: [srvRecord(NAME, "forged.test")] });
        void peer.sendFrom(from(peer), forged, asker).then(() => setTimeout(() => send(good(query)), 20));
      },
    });
    const answer = await probeSrv(DOMAIN, peer.resolver, impatient());
    expect(withoutTimes(answer)).toMatchObject({
      exchange: exchange({ ignored: { ...NONE, source: FROM_ELSEWHERE } }),
      answer: FOUND,
    });
  });

  test.runIf(FROM_ELSEWHERE === 1)("only from elsewhere: not an answer, and not silence either", async () => {
    const peer: DnsPeer = await start({
      udp: (query, _send, asker) => void peer.sendFrom(loopbackAddress(), good(query), asker),
    });
    const answer = await probeSrv(DOMAIN, peer.resolver, impatient({ dnsTimeoutMs: 300 }));
    expect(withoutTimes(answer)).toMatchObject({
      exchange: exchange({ tries: 3, ignored: { ...NONE, source: 3 } }),
      answer: {
        outcome: "malformed",
        fault: { at: 0, what: "only answers to other questions came, or from elsewhere" },
      },
    });
  });

  test.runIf(FROM_ELSEWHERE === 1)(
    "ten thousand datagrams from elsewhere don't keep the true answer out",
    async () => {
      let flooded: Promise<void> = Promise.resolve();
      const peer: DnsPeer = await start({
        udp: (query, send, asker) => {
          if (query.index > 0) return;
          flooded = flood(peer, good(query), asker)
            .then(() => sleep(50))
            .then(() => send(good(query)));
        },
      });
      const answer = await probeSrv(DOMAIN, peer.resolver, impatient({ dnsTimeoutMs: 50_000 }));
      await flooded;
      expect(withoutTimes(answer.answer)).toEqual(FOUND);
      expect(answer.exchange.ignored).toEqual({ ...NONE, source: expect.any(Number) });
      // No more than 256 are looked at; a burst may overrun the socket's buffer before that.
      expect(answer.exchange.ignored.source).toBeGreaterThan(50);
      expect(answer.exchange.ignored.source).toBeLessThanOrEqual(256);
    },
  );

  test("ten thousand wrong datagrams from the resolver itself end when the patience does", async () => {
    const { exchange: went, answer } = await askScripted(
      {
        udp: (query, send) => {
          const wrong = reply(query, { id: query.id ^ 1 });
          if (query.index === 0) for (let sent = 0; sent < 10_000; sent++) send(wrong);
        },
      },
      { dnsTimeoutMs: 1_000 },
    );
    expect(answer).toMatchObject({ outcome: "malformed", fault: { at: 0 } });
    expect(answer).toHaveProperty(
      "elapsedMs",
      expect.toSatisfy((ms: number) => ms >= 999 && ms < 5_000),
    );
    expect(went.ignored).toEqual({ ...NONE, id: expect.any(Number) });
    expect(went.ignored.id).toBeGreaterThan(50);
    expect(went.ignored.id).toBeLessThanOrEqual(256);
  });

  test.each<[string, keyof typeof NONE, (query: Query) => Uint8Array]>([
    ["another id", "id", (query) => reply(query, { id: query.id ^ 0x8000 })],
    ["another name in the question", "question", (query) => reply(query, { name: "_vlmcs._tcp.other.test" })],
    ["another type in the question", "question", (query) => reply(query, { type: "A" })],
    ["another class in the question", "question", (query) => patched(reply(query), -1, 3)],
    ["no question", "question", (query) => header(query.id, 0x8180)],
    ["a question sent back as it is", "question", (query) => query.bytes],
    ["another opcode", "question", (query) => reply(query, { flags: 0x2800 })],
    ["counts beyond the bytes", "malformed", (query) => patched(reply(query), 7, 200)],
    [
      "the right id and garbage",
      "malformed",
      (query) => Buffer.concat([query.bytes.subarray(0, 2), Buffer.alloc(40, 0xff)]),
    ],
    ["the id alone", "malformed", (query) => query.bytes.subarray(0, 2)],
    ["eleven bytes of nothing", "malformed", () => Buffer.alloc(11)],
    ["an empty datagram", "malformed", () => Buffer.alloc(0)],
    ["the answer cut by one byte", "malformed", (query) => good(query).subarray(0, -1)],
  ])("with %s: counted as %s, and the true answer is taken", async (_, kind, wrong) => {
    const answer = await askScripted({ udp: preceded((query) => [wrong(query), wrong(query)]) });
    expect(withoutTimes(answer)).toMatchObject({
      exchange: exchange({ ignored: { ...NONE, [kind]: 2 } }),
      answer: FOUND,
    });
  });

  test("case in the question that comes back is no difference", async () => {
    const answer = await askScripted({
      udp: (query, send) =>
        send(
          reply(query, {
            name: query.name.toUpperCase(),
            answers: [srvRecord(NAME.toUpperCase(), "KMS1.corp.test")],
          }),
        ),
    });
    expect(withoutTimes(answer)).toMatchObject({ exchange: exchange(), answer: FOUND });
  });

  test("only garbage: what was wrong with the last of it", async () => {
    const answer = await askScripted(
      { udp: (query, send) => send(good(query).subarray(0, -3)) },
      { dnsTimeoutMs: 300 },
    );
    expect(withoutTimes(answer)).toMatchObject({
      exchange: exchange({ tries: 3, ignored: { ...NONE, malformed: 3 } }),
      answer: { outcome: "malformed", fault: { what: "RDLENGTH is 22, 19 bytes are left" } },
    });
  });

  test("a late answer to the first transmission is an answer", async () => {
    const answer = await askScripted(
      {
        udp: (query, send) => {
          if (query.index === 0) setTimeout(() => send(good(query)), 250);
        },
      },
      { dnsTimeoutMs: 1_000 },
    );
    expect(withoutTimes(answer)).toMatchObject({ exchange: exchange({ tries: 2 }), answer: FOUND });
  });
});

describe("where the question comes from", () => {
  test.each([false, true])("a chosen source is the asker's address (over TCP: %s)", async (dnsTcp) => {
    const ipv4 = loopbackAddress();
    const askers: (string | undefined)[] = [];
    const peer = await start({
      udp: (query, send, asker) => {
        askers.push(asker.address);
        send(good(query));
      },
      tcp: (query, socket) => {
        askers.push(socket.remoteAddress);
        socket.write(framed(good(query)));
      },
    });
    const context = sourced({ ipv4 });
    const answer = await probeSrv(DOMAIN, peer.resolver, {
      ...context,
      settings: { ...context.settings, dnsTcp },
    });
    expect(withoutTimes(answer.answer)).toEqual(FOUND);
    expect(askers).toEqual([ipv4]);
  });

  test("a source without an address of the resolver's family sends nothing", async () => {
    const peer = await start({ udp: (query, send) => send(good(query)) });
    const answer = await probeSrv(DOMAIN, peer.resolver, sourced({ ipv6: "::1" }));
    expect(answer).toMatchObject({
      exchange: exchange({ tries: 0 }),
      answer: { outcome: "not-sent", errno: "EAFNOSUPPORT" },
    });
    expect(peer.queries).toEqual([]);
  });

  test("a source this machine does not have is our own failure", async () => {
    const peer = await start({ udp: (query, send) => send(good(query)) });
    const answer = await probeSrv(DOMAIN, peer.resolver, sourced({ ipv4: "192.0.2.1" }));
    expect(answer.answer).toEqual({ outcome: "not-sent", errno: "EADDRNOTAVAIL" });
    expect(peer.queries).toEqual([]);
  });
});

describe("truncation and TCP", () => {
  test("TC, then the whole answer over TCP", async () => {
    const { peer, ...answer } = await askScripted({
      udp: truncated,
      tcp: (query, socket) => socket.write(framed(good(query))),
    });
    expect(withoutTimes(answer)).toMatchObject({ exchange: overTcp(), answer: FOUND });
    expect(peer.queries.map((query) => [query.transport, query.name, query.edns])).toEqual([
      ["udp", NAME, true],
      ["tcp", NAME, true],
    ]);
  });

  test("TC, cut inside a record, then the whole answer over TCP", async () => {
    const { peer: _, ...answer } = await askScripted({
      udp: (query, send) => {
        const whole = reply(query, { flags: TC, answers: [srvRecord(NAME, "kms1.corp.test")] });
        send(whole.subarray(0, whole.length - 7));
      },
      tcp: (query, socket) => socket.write(framed(good(query))),
    });
    expect(withoutTimes(answer)).toMatchObject({ exchange: overTcp(), answer: FOUND });
  });

  test("TC and nobody listens on TCP: the errno, not the half answer", async () => {
    const answer = await askScripted({
      udp: (query, send) => send(reply(query, { flags: TC, answers: [srvRecord(NAME, "kms1.corp.test")] })),
    });
    expect(withoutTimes(answer)).toMatchObject({
      exchange: overTcp(),
      answer: { outcome: "no-answer", cause: "ECONNREFUSED" },
    });
  });

  test.each<[string, string, NonNullable<DnsScript["tcp"]>]>([
    ["says nothing", "deadline", () => {}],
    ["closes", "closed", (_, socket) => socket.end()],
    ["resets", "ECONNRESET", (_, socket) => socket.resetAndDestroy()],
    [
      "stops inside the message",
      "deadline",
      (query, socket) => socket.write(framed(good(query)).subarray(0, 30)),
    ],
    [
      "closes inside the message",
      "closed",
      (query, socket) => socket.end(framed(good(query)).subarray(0, 30)),
    ],
    ["closes inside the length", "closed", (_, socket) => socket.end(Buffer.of(0))],
    ["promises 65535 bytes and sends ten", "deadline", (_, socket) => socket.write(Buffer.alloc(12, 0xff))],
  ])("TC and TCP that %s: no answer, %s", async (_, cause, tcp) => {
    const answer = await askScripted({ udp: truncated, tcp }, { dnsTimeoutMs: 300 });
    expect(withoutTimes(answer)).toMatchObject({
      exchange: overTcp(),
      answer: { outcome: "no-answer", cause },
    });
  });

  test("an answer in segments of one byte each", async () => {
    const answer = await askScripted(
      { udp: truncated, tcp: (query, socket) => void drip(socket, framed(good(query)), 1) },
      { dnsTimeoutMs: 5_000 },
    );
    expect(withoutTimes(answer)).toMatchObject({ exchange: overTcp(), answer: FOUND });
  });

  test("bytes behind the message are left alone", async () => {
    const answer = await askScripted({
      udp: truncated,
      tcp: (query, socket) => socket.write(Buffer.concat([framed(good(query)), Buffer.alloc(500, 0xaa)])),
    });
    expect(withoutTimes(answer)).toMatchObject({ exchange: overTcp(), answer: FOUND });
  });

  test("the largest message there is: 256 records kept, the others counted", async () => {
    const answer = await askScripted(
      {
        udp: truncated,
        tcp: (query, socket) => {
          // dns-packet compresses nothing: 65535 bytes hold this many.
          const answers = Array.from({ length: 1_000 }, (_, index) => srvRecord(NAME, `k${index}.test`));
          socket.write(framed(reply(query, { answers })));
        },
      },
      { dnsTimeoutMs: 5_000 },
    );
    expect(answer.exchange).toEqual({
      ...overTcp(),
      said: { ...SAID, records: 1000 },
      deadLink: null,
      from: null,
      overTcp: null,
    });
    if (answer.answer.outcome !== "ok") throw new Error(answer.answer.outcome);
    const { records, dropped } = answer.answer.facts;
    expect([records.length, records.at(-1)?.target, dropped]).toEqual([256, "k255.test", 744]);
  });

  test.each<[string, keyof typeof NONE, (query: Query) => Buffer]>([
    ["another id", "id", (query) => reply(query, { id: query.id ^ 1 })],
    ["another question", "question", (query) => reply(query, { name: "other.test" })],
    ["garbage", "malformed", (query) => Buffer.concat([query.bytes.subarray(0, 2), Buffer.alloc(60, 0xff)])],
    ["an empty message", "malformed", () => Buffer.alloc(0)],
  ])("TCP that answers with %s is malformed at once", async (_, kind, wrong) => {
    const answer = await askScripted(
      { udp: truncated, tcp: (query, socket) => socket.write(framed(wrong(query))) },
      { dnsTimeoutMs: 5_000 },
    );
    expect(withoutTimes(answer)).toMatchObject({
      exchange: overTcp({ ignored: { ...NONE, [kind]: 1 } }),
      answer: { outcome: "malformed" },
    });
    expect(answer.answer).toHaveProperty(
      "elapsedMs",
      expect.toSatisfy((ms: number) => ms < 2_000),
    );
  });

  test("TC over TCP without a record is not taken for NODATA", async () => {
    const { answer } = await askScripted({
      udp: truncated,
      tcp: (query, socket) => socket.write(framed(reply(query, { flags: TC }))),
    });
    expect(answer).toMatchObject({
      outcome: "malformed",
      fault: { what: "TC is set in the answer over TCP, too" },
    });
  });

  test("FORMERR late, TC late and TCP late take no more than the patience for one question", async () => {
    const startedMs = performance.now();
    const { answer, exchange: went } = await askScripted(
      {
        udp: (query, send) => {
          setTimeout(() => send(reply(query, { flags: query.edns ? 1 : TC })), 150);
        },
        tcp: (query, socket) => {
          setTimeout(() => !socket.destroyed && socket.write(framed(good(query))), 290);
        },
      },
      { dnsTimeoutMs: 500 },
    );
    expect(answer).toMatchObject({ outcome: "no-answer", cause: "deadline" });
    expect(went).toMatchObject({ transport: "tcp", truncated: true, edns: false });
    expect(performance.now() - startedMs).toBeLessThan(700);
  });

  test("TC over TCP is not followed any further", async () => {
    const { peer, ...answer } = await askScripted({
      udp: truncated,
      tcp: (query, socket) =>
        socket.write(framed(reply(query, { flags: TC, answers: [srvRecord(NAME, "kms1.corp.test")] }))),
    });
    expect(withoutTimes(answer)).toMatchObject({ exchange: overTcp(), answer: FOUND });
    expect(peer.queries.length).toBe(2);
  });

  test("TCP alone, where it is wanted", async () => {
    const { peer, ...answer } = await askScripted(
      { udp: (query, send) => send(good(query)), tcp: (query, socket) => socket.write(framed(good(query))) },
      { dnsTcp: true },
    );
    expect(withoutTimes(answer)).toMatchObject({
      exchange: exchange({ transport: "tcp" }),
      answer: FOUND,
    });
    expect(peer.queries.map(({ transport }) => transport)).toEqual(["tcp"]);
  });
});

describe("resolvers without EDNS", () => {
  test.each([
    ["FORMERR", (query: Query) => reply(query, { flags: 1 })],
    ["FORMERR without the question", (query: Query) => header(query.id, 0x8181)],
    ["NOTIMP", (query: Query) => reply(query, { flags: 4 })],
    [
      "BADVERS",
      (query: Query) =>
        reply(query, {
          additionals: [
            { type: "OPT", name: ".", udpPayloadSize: 512, extendedRcode: 1, flags: 0, options: [] },
          ],
        }),
    ],
  ])("%s to EDNS, and an answer without", async (_, refusal) => {
    const { peer, ...answer } = await askScripted({
      udp: (query, send) => send(query.edns ? refusal(query) : good(query)),
    });
    expect(withoutTimes(answer)).toMatchObject({
      exchange: exchange({ tries: 2, edns: false }),
      answer: FOUND,
    });
    expect(peer.queries.map(({ edns }) => edns)).toEqual([true, false]);
  });

  test("dropped by a firewall: the last of three goes without, and its answer counts", async () => {
    const { peer, ...answer } = await askScripted(
      { udp: (query, send) => (query.edns ? undefined : send(good(query))) },
      { dnsTimeoutMs: 600 },
    );
    expect(withoutTimes(answer)).toMatchObject({
      exchange: exchange({ tries: 3, edns: false }),
      answer: FOUND,
    });
    expect(peer.queries.map(({ edns }) => edns)).toEqual([true, true, false]);
    const ids = peer.queries.map(({ id }) => id);
    expect(ids[0]).toBe(ids[1]);
    expect(ids[2]).not.toBe(ids[0]);
  });

  test("a late answer to a question with EDNS, while the one without is on its way, is one with EDNS", async () => {
    const answer = await askScripted(
      {
        udp: (query, send) => {
          if (query.index === 0) setTimeout(() => send(good(query)), 450);
        },
      },
      { dnsTimeoutMs: 800 },
    );
    expect(withoutTimes(answer)).toMatchObject({
      exchange: exchange({ tries: 3, edns: true }),
      answer: FOUND,
    });
  });

  test("FORMERR to both is a denial", async () => {
    const answer = await askScripted({ udp: (query, send) => send(reply(query, { flags: 1 })) });
    expect(withoutTimes(answer)).toMatchObject({
      exchange: exchange({ tries: 2, edns: false }),
      answer: denied("FORMERR"),
    });
  });

  test("silence after FORMERR is no answer", async () => {
    const answer = await askScripted(
      {
        udp: (query, send) => {
          if (query.edns) send(reply(query, { flags: 1 }));
        },
      },
      { dnsTimeoutMs: 300 },
    );
    expect(withoutTimes(answer)).toMatchObject({
      exchange: exchange({ tries: 4, edns: false }),
      answer: { outcome: "no-answer", cause: "deadline" },
    });
  });

  test("FORMERR, then TC, then TCP, all without EDNS from the second on", async () => {
    const { peer, ...answer } = await askScripted({
      udp: (query, send) => send(reply(query, { flags: query.edns ? 1 : 0x0200 })),
      tcp: (query, socket) => socket.write(framed(good(query))),
    });
    expect(withoutTimes(answer)).toMatchObject({
      exchange: exchange({ transport: "tcp", tries: 3, truncated: true, edns: false }),
      answer: FOUND,
    });
    expect(peer.queries.map(({ edns }) => edns)).toEqual([true, false, false]);
  });
});

describe("what the answer says", () => {
  test.each([
    [2, "SERVFAIL"],
    [3, "NXDOMAIN"],
    [5, "REFUSED"],
    [9, "NOTAUTH"],
    [15, "RCODE15"],
  ])("rcode %i is a denial, %s", async (flags, rcode) => {
    expect(await answered({ flags })).toEqual(denied(rcode));
  });

  test("name servers in place of an answer are a referral, unless the answer is the zone's own", async () => {
    const authorities = [{ name: "test", type: "NS", ttl: 60, data: "ns.test" }];
    const referred = await askScripted({ udp: (query, send) => send(reply(query, { authorities })) });
    expect(referred.exchange.said).toMatchObject({ referral: "test", soa: null });
    const AA = 0x0400;
    const own = await askScripted({ udp: (query, send) => send(reply(query, { flags: AA, authorities })) });
    expect(own.exchange.said).toMatchObject({ authoritative: true, referral: null });
  });

  test("NOERROR without a record is NODATA", async () => {
    expect(await answered({})).toEqual(denied("NOERROR", { nodata: true, chain: null }));
  });

  test("NOERROR with records of other types and owners only is NODATA", async () => {
    const answers = [
      { name: NAME, type: "A", ttl: 1, data: "10.0.0.1" },
      srvRecord("_vlmcs._tcp.other.test", "a.test"),
    ];
    expect(await answered({ answers })).toEqual(denied("NOERROR", { nodata: true, chain: null }));
  });

  test("a lone Target . is decidedly not offered", async () => {
    expect(await answered({ answers: [srvRecord(NAME, ".", { port: 0 })] })).toEqual(
      denied("NOERROR", { notOffered: true }),
    );
  });

  test("Target . and port 0 beside others are dropped, and counted", async () => {
    const answers = [
      srvRecord(NAME, "."),
      srvRecord(NAME, "kms1.corp.test"),
      srvRecord(NAME, "kms2.corp.test", { port: 0 }),
      srvRecord("_vlmcs._tcp.other.test", "kms3.corp.test"),
    ];
    expect(await answered({ answers })).toEqual({
      outcome: "ok",
      facts: { records: [KMS1], ...NOTHING_ELSE, dropped: 3 },
    });
  });

  test("glue of both families is kept, of whatever name", async () => {
    const additionals = [
      { name: "KMS1.corp.test", type: "A", ttl: 1, data: "10.0.0.1" },
      { name: "kms1.corp.test", type: "AAAA", ttl: 1, data: "2001:db8::1" },
      { name: "elsewhere.test", type: "A", ttl: 1, data: "10.9.9.9" },
    ];
    expect(await answered({ answers: [srvRecord(NAME, "kms1.corp.test")], additionals })).toEqual({
      outcome: "ok",
      facts: {
        ...NOTHING_ELSE,
        records: [KMS1],
        glue: [
          { name: "kms1.corp.test", address: "10.0.0.1" },
          { name: "kms1.corp.test", address: "2001:db8::1" },
          { name: "elsewhere.test", address: "10.9.9.9" },
        ],
      },
    });
  });
});

describe("aliases", () => {
  test("a chain in one message", async () => {
    const answer = await askScripted({
      udp: (query, send) =>
        send(
          reply(query, {
            answers: [
              cname("b.test", "c.test"),
              cname(NAME, "a.test"),
              srvRecord("c.test", "kms1.corp.test"),
              cname("a.test", "b.test"),
            ],
          }),
        ),
    });
    expect(withoutTimes(answer)).toMatchObject({
      exchange: exchange(),
      answer: {
        outcome: "ok",
        facts: { records: [KMS1], aliases: ["a.test", "b.test", "c.test"], dropped: 0 },
      },
    });
  });

  test("a chain over three messages: three questions, their tries and wrong answers added up", async () => {
    const chain: Record<string, object> = {
      [NAME]: cname(NAME, "A.test"),
      "a.test": cname("a.test", "b.test"),
      "b.test": srvRecord("b.test", "kms1.corp.test"),
    };
    const { peer, ...answer } = await askScripted({
      udp: (query, send) => {
        send(reply(query, { id: query.id ^ 1 }));
        const record = chain[query.name];
        if (record && query.index !== 1) send(reply(query, { answers: [record] }));
      },
    });
    expect(withoutTimes(answer)).toMatchObject({
      exchange: exchange({ tries: 4, ignored: { ...NONE, id: 4 } }),
      answer: { outcome: "ok", facts: { records: [KMS1], aliases: ["a.test", "b.test"] } },
    });
    expect(peer.queries.map(({ name }) => name)).toEqual([NAME, "a.test", "a.test", "b.test"]);
  });

  test("a loop in one message is told after one more question", async () => {
    const { peer, ...answer } = await askScripted({
      udp: (query, send) => send(reply(query, { answers: [cname(NAME, "a.test"), cname("a.test", NAME)] })),
    });
    expect(withoutTimes(answer.answer)).toEqual(denied("NOERROR", { chain: "loop", aliases: ["a.test"] }));
    expect(peer.queries.map(({ name }) => name)).toEqual([NAME, "a.test"]);
  });

  test("an alias of itself is a loop", async () => {
    const { peer, ...answer } = await askScripted({
      udp: (query, send) => send(reply(query, { answers: [cname(NAME, NAME)] })),
    });
    expect(withoutTimes(answer.answer)).toEqual(denied("NOERROR", { chain: "loop" }));
    expect(peer.queries.length).toBe(1);
  });

  test("a loop over two messages is told", async () => {
    const { peer, ...answer } = await askScripted({
      udp: (query, send) => {
        send(reply(query, { answers: [cname(query.name, query.name === "a.test" ? "b.test" : "a.test")] }));
      },
    });
    expect(withoutTimes(answer.answer)).toEqual(
      denied("NOERROR", { chain: "loop", aliases: ["a.test", "b.test"] }),
    );
    expect(peer.queries.map(({ name }) => name)).toEqual([NAME, "a.test", "b.test"]);
  });

  test("a chain without an end is followed for eight aliases", async () => {
    const { peer, ...answer } = await askScripted({
      udp: (query, send) => send(reply(query, { answers: [cname(query.name, `a${query.index}.test`)] })),
    });
    expect(withoutTimes(answer.answer)).toEqual(
      denied("NOERROR", {
        chain: "too-long",
        aliases: Array.from({ length: 8 }, (_, i) => `a${i}.test`),
      }),
    );
    expect(peer.queries.map(({ name }) => name)).toEqual([
      NAME,
      ...Array.from({ length: 7 }, (_, i) => `a${i}.test`),
    ]);
  });

  test("a chain whose every answer is late ends with the deadline", async () => {
    const { answer } = await askScripted(
      {
        udp: (query, send) => {
          setTimeout(() => send(reply(query, { answers: [cname(query.name, `a${query.index}.test`)] })), 80);
        },
      },
      { deadlineMs: 200, dnsTimeoutMs: 1_000 },
    );
    expect(withoutTimes(answer)).toEqual({ outcome: "skipped", reason: "deadline" });
  });

  test("an alias that can't be asked for is not", async () => {
    const { peer, ...answer } = await askScripted({
      udp: (query, send) => send(reply(query, { answers: [cname(NAME, "a b.test")] })),
    });
    expect(withoutTimes(answer.answer)).toEqual(
      denied("NOERROR", { nodata: true, chain: null, aliases: ["a\\032b.test"] }),
    );
    expect(peer.queries.length).toBe(1);
  });

  test("an alias into a zone that denies it is that denial", async () => {
    const { answer } = await askScripted({
      udp: (query, send) =>
        send(
          query.name === NAME
            ? reply(query, { answers: [cname(NAME, "a.test")] })
            : reply(query, { flags: 3 }),
        ),
    });
    expect(withoutTimes(answer)).toEqual(denied("NXDOMAIN", { aliases: ["a.test"] }));
  });
});

describe("an interrupted question", () => {
  test("is skipped at once, wherever it stands", async () => {
    const controller = new AbortController();
    const startedMs = performance.now();
    const { answer, exchange: went } = await askScripted(
      { udp: () => setTimeout(() => controller.abort("interrupted"), 30) },
      { dnsTimeoutMs: 20_000 },
      controller.signal,
    );
    expect(answer).toEqual({ outcome: "skipped", reason: "interrupted" });
    expect(went).toEqual({ ...exchange(), said: null, deadLink: null, from: null, overTcp: null });
    expect(performance.now() - startedMs).toBeLessThan(3_000);
  });

  test("is skipped over TCP as well", async () => {
    const controller = new AbortController();
    const { answer } = await askScripted(
      { tcp: () => controller.abort("deadline") },
      { dnsTimeoutMs: 20_000, dnsTcp: true },
      controller.signal,
    );
    expect(answer).toEqual({ outcome: "skipped", reason: "deadline" });
  });

  test("is not sent where the signal was aborted before", async () => {
    const { answer, exchange: went, peer } = await askScripted({}, {}, AbortSignal.abort("interrupted"));
    expect(answer).toEqual({ outcome: "skipped", reason: "interrupted" });
    expect(went).toEqual({
      ...exchange({ tries: 0 }),
      said: null,
      deadLink: null,
      from: null,
      overTcp: null,
    });
    expect(peer.queries).toEqual([]);
  });
});

describe("addresses", () => {
  test("A and AAAA of a target at two resolvers, and its glue: the union, in order of first sight", async () => {
    const first = await start({
      udp: (query, send) => {
        const answers =
          query.type === "A"
            ? [aRecord(query.name, "10.0.0.1", 30), aRecord(query.name, "10.0.0.2", 20)]
            : [];
        send(reply(query, { answers }));
      },
    });
    const second = await start({
      udp: (query, send) => {
        const answers =
          query.type === "A" ? [aRecord(query.name, "10.0.0.2")] : [aaaaRecord(query.name, "2001:db8::1")];
        send(reply(query, { answers }));
      },
    });
    const evidence = await probeTargetAddresses(
      "KMS1.corp.test",
      [first.resolver, second.resolver],
      ["10.0.0.9", "10.0.0.1"],
      impatient(),
    );
    expect(evidence).toMatchObject({
      literal: false,
      validName: true,
      glue: ["10.0.0.9", "10.0.0.1"],
      addresses: ["10.0.0.1", "10.0.0.2", "2001:db8::1", "10.0.0.9"],
      dropped: 0,
    });
    expect(withoutTimes(evidence.lookups.map(({ family, answer }) => ({ family, answer })))).toEqual([
      {
        family: 4,
        answer: {
          outcome: "ok",
          facts: { addresses: ["10.0.0.1", "10.0.0.2"], ttlSeconds: 20, aliases: [] },
        },
      },
      {
        family: 6,
        answer: { outcome: "denied", denial: { rcode: "NOERROR", nodata: true, chain: null, aliases: [] } },
      },
      {
        family: 4,
        answer: { outcome: "ok", facts: { addresses: ["10.0.0.2"], ttlSeconds: 60, aliases: [] } },
      },
      {
        family: 6,
        answer: { outcome: "ok", facts: { addresses: ["2001:db8::1"], ttlSeconds: 60, aliases: [] } },
      },
    ]);
  });

  test("an AAAA question that is never answered does not hide the A record", async () => {
    const peer = await start({
      udp: (query, send) => {
        if (query.type === "A") send(reply(query, { answers: [aRecord(query.name, "10.0.0.1")] }));
      },
    });
    const evidence = await probeTargetAddresses(
      "kms1.corp.test",
      [peer.resolver],
      [],
      impatient({ dnsTimeoutMs: 300 }),
    );
    expect(evidence.addresses).toEqual(["10.0.0.1"]);
    expect(evidence.lookups.map(({ answer }) => answer.outcome)).toEqual(["ok", "no-answer"]);
  });

  test("an address record cut to two bytes makes no address", async () => {
    const peer = await start({
      udp: (query, send) => {
        const whole = reply(query, { answers: [aRecord(query.name, "10.0.0.1")] });
        // The last RDLENGTH says two, and two bytes are there.
        send(query.type === "A" ? patched(whole, -5, 2).subarray(0, -2) : reply(query));
      },
    });
    const evidence = await probeTargetAddresses(
      "kms1.corp.test",
      [peer.resolver],
      [],
      impatient({ dnsTimeoutMs: 300 }),
    );
    expect(evidence.addresses).toEqual([]);
    expect(evidence.lookups[0]?.answer).toMatchObject({
      outcome: "malformed",
      fault: { what: "RDLENGTH of A is 2" },
    });
  });

  test("twenty addresses: sixteen are probed, four are counted", async () => {
    const peer = await start({
      udp: (query, send) => {
        const many = Array.from({ length: 20 }, (_, index) => aRecord(query.name, `10.0.0.${index + 1}`));
        send(reply(query, { answers: query.type === "A" ? many : [] }));
      },
    });
    const evidence = await probeTargetAddresses("kms1.corp.test", [peer.resolver], [], impatient());
    expect([evidence.addresses.length, evidence.addresses.at(-1), evidence.dropped]).toEqual([
      16,
      "10.0.0.16",
      4,
    ]);
  });

  test.each(["10.0.0.1", "2001:db8::1", "kms 1.test", "-kms.test", "", "."])(
    "the target %j is no host name, and nobody is asked",
    async (target) => {
      const peer = await start({});
      expect(await probeTargetAddresses(target, [peer.resolver], ["10.0.0.7"], impatient())).toEqual({
        literal: false,
        validName: false,
        lookups: [],
        glue: ["10.0.0.7"],
        addresses: [],
        dropped: 0,
        special: [],
        nobody: null,
      });
      expect(peer.queries).toEqual([]);
    },
  );

  test("a loopback address is probed where a server on loopback gives it, and glue confirms nothing", async () => {
    const peer = await start({
      udp: (query, send) => {
        const answers = query.type === "A" ? [aRecord(query.name, "127.0.1.1")] : [];
        send(reply(query, { answers }));
      },
    });
    const evidence = await probeTargetAddresses(
      "kms1.corp.test",
      [peer.resolver],
      ["127.0.1.2", "0.0.0.0", "10.0.0.1"],
      impatient(),
    );
    expect(evidence.addresses).toEqual(["127.0.1.1", "10.0.0.1"]);
    expect(evidence.special).toEqual([
      { address: "127.0.1.2", use: "loopback" },
      { address: "0.0.0.0", use: "unspecified" },
    ]);
  });

  test("an address for documents is told, and probed all the same", async () => {
    const peer = await start({
      udp: (query, send) => {
        const answers = query.type === "A" ? [aRecord(query.name, "192.0.2.7")] : [];
        send(reply(query, { answers }));
      },
    });
    const evidence = await probeTargetAddresses("kms1.corp.test", [peer.resolver], [], impatient());
    expect(evidence.addresses).toEqual(["192.0.2.7"]);
    expect(evidence.special).toEqual([{ address: "192.0.2.7", use: "documentation" }]);
  });

  test("a host in the hosts file is not asked for", async () => {
    const peer = await start({});
    const local = { hosts: [{ address: "10.0.0.5", names: ["kms1"] }], suffixes: ["corp.test"] };
    const evidence = await probeHostAddresses("KMS1", [peer.resolver], local, impatient());
    expect(evidence.addresses).toEqual(["10.0.0.5"]);
    expect(evidence.lookups).toMatchObject([
      { family: 4, asked: { by: "hosts-file" }, answer: { outcome: "ok" } },
    ]);
    expect(peer.queries).toEqual([]);
  });

  test("a name without a dot is asked for under each suffix until one knows it", async () => {
    const peer = await start({
      udp: (query, send) => {
        const known = query.name === "kms1.b.test" && query.type === "A";
        send(
          known ? reply(query, { answers: [aRecord(query.name, "10.0.0.3")] }) : reply(query, { flags: 3 }),
        );
      },
    });
    const local = { hosts: [], suffixes: ["a.test", "b.test", "c.test"] };
    const evidence = await probeHostAddresses("kms1", [peer.resolver], local, impatient());
    expect(evidence.addresses).toEqual(["10.0.0.3"]);
    expect(evidence.lookups.map(({ name, answer }) => [name, answer.outcome])).toEqual([
      ["kms1.a.test", "denied"],
      ["kms1.a.test", "denied"],
      ["kms1.b.test", "ok"],
      ["kms1.b.test", "denied"],
    ]);
    expect(new Set(peer.queries.map(({ name }) => name))).toEqual(new Set(["kms1.a.test", "kms1.b.test"]));
  });
});

/** A copy with one byte replaced; negative offsets count from the end. */
function patched(bytes: Buffer, at: number, value: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at < 0 ? copy.length + at : at] = value;
  return copy;
}

/** A header with nothing behind it. */
function header(id: number, flags: number): Buffer {
  const bytes = Buffer.alloc(12);
  bytes.writeUInt16BE(id, 0);
  bytes.writeUInt16BE(flags, 2);
  return bytes;
}
