/**
 * Clocks of real servers, some of them shifted, and of peers that follow a script. The claim under test is always the
 * same: the true offset lies within what the reading says of itself.
 */
import { createSocket } from "node:dgram";
import { createServer, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { clockEvidenceSchema, ownClockEvidenceSchema } from "../../src/model/clock.ts";
import type { ClockEvidence, ClockReading } from "../../src/model/clock.ts";
import type { Finding } from "../../src/model/finding.ts";
import { type ClockPorts, probeClock, probeOwnClock } from "../../src/probe/clock.ts";
import type { ProbeContext } from "../../src/probe/context.ts";
import { judgeClock, judgeOwnClock } from "../../src/verdict/clock.ts";
import { impatient } from "./scripted/peers.ts";
import { needs } from "./servers/available.ts";
import { startChronyd } from "./servers/chrony.ts";
import { freePort, loopbackAddress } from "./servers/free-port.ts";
import type { RunningServer } from "./servers/process.ts";
import { startSmbd } from "./servers/smbd.ts";
import { startNginx } from "./servers/tcp-services.ts";

const HOUR = 3_600_000;
const { skip } = needs("linux", "root", "smbd", "chronyd", "nginx", "faketime");

const wallNowMs = (): number => Date.now();

const QUICK = { timeoutMs: 300, dnsTimeoutMs: 500 };

type Ports = { smb2?: number; sntp?: number; http?: number[] };

/** Asks at these ports; those that aren't given are closed ones. */
async function look(
  address: string,
  ports: Ports,
  context: ProbeContext = impatient({ timeoutMs: 5_000, dnsTimeoutMs: 2_000 }),
  now = wallNowMs,
): Promise<ClockEvidence> {
  const closed = await freePort(address);
  const all: ClockPorts = { smb2: closed, sntp: closed, http: [], ...ports };
  const evidence = await probeClock(address, context, { wallNowMs: now, ports: all });
  expect(clockEvidenceSchema.parse(evidence)).toEqual(evidence);
  return evidence;
}

function reading(evidence: ClockEvidence, by: ClockReading["by"]): ClockReading["answer"] {
  const found = evidence.readings.findLast((each) => each.by === by);
  if (found === undefined) throw new Error(`no reading by ${by}`);
  return found.answer;
}

/** Where the truth is known: it must lie within the reading's own uncertainty. */
function expectOffset(answer: ClockReading["answer"], trueMs: number, atMostMs: number): void {
  if (answer.outcome !== "ok") throw new Error(JSON.stringify(answer));
  const { offsetMs, uncertaintyMs, at } = answer.facts;
  expect(Math.abs(offsetMs - trueMs)).toBeLessThanOrEqual(uncertaintyMs);
  expect(uncertaintyMs).toBeLessThan(atMostMs);
  expect(Math.abs(Date.parse(at) - (Date.now() + trueMs))).toBeLessThan(10_000);
}

function judged(evidence: ClockEvidence): Finding[] {
  return judgeClock(evidence, { host: "kms.corp.test", address: "10.1.0.1", subject: "/clock" });
}

function codes(evidence: ClockEvidence): string[] {
  return judged(evidence).map(({ code }) => code);
}

describe.skipIf(skip)("real servers", () => {
  const running: RunningServer[] = [];
  const start = async (server: Promise<RunningServer>): Promise<RunningServer> => {
    const started = await server;
    running.push(started);
    return started;
  };
  /** Hosts with the three services on one address and under one clock. */
  type Host = { address: string; ports: Ports };
  const hosts: Record<"level" | "behind" | "ahead", Host | null> = { level: null, behind: null, ahead: null };
  let only311: RunningServer;
  let unset: RunningServer;

  async function startHost(shiftSeconds: number): Promise<Host> {
    const address = loopbackAddress();
    const smbd = await start(startSmbd({ address, shiftSeconds }));
    const chronyd = await start(startChronyd({ address, shiftSeconds }));
    const nginx = await start(startNginx({ address, shiftSeconds }));
    return { address, ports: { smb2: smbd.port, sntp: chronyd.port, http: [nginx.port] } };
  }

  function host(name: keyof typeof hosts): Host {
    const found = hosts[name];
    if (found === null) throw new Error(`${name} is not up`);
    return found;
  }

  beforeAll(async () => {
    hosts.level = await startHost(0);
    hosts.behind = await startHost(-5 * 3600);
    hosts.ahead = await startHost(3 * 3600);
    only311 = await start(startSmbd({ minProtocol: "SMB3_11" }));
    unset = await start(startChronyd({ unset: true, shiftSeconds: 3 * 3600 }));
  });

  afterAll(async () => {
    await Promise.all(running.map(({ stop }) => stop()));
  });

  test.each([
    ["level", 0, []],
    ["behind", -5 * HOUR, ["clock-beyond-four-hours"]],
    ["ahead", 3 * HOUR, ["clock-off"]],
  ] as const)("a host whose clock is %s", async (name, trueMs, expected) => {
    const { address, ports } = host(name);
    const evidence = await look(address, ports);
    expectOffset(reading(evidence, "smb2"), trueMs, 2_000);
    expectOffset(reading(evidence, "sntp"), trueMs, 200);
    expectOffset(reading(evidence, "http"), trueMs, 1_500);
    expect(codes(evidence)).toEqual(expected);
  });

  test.each([
    [4 * HOUR - 3_000, "clock-off", "within the four hours"],
    [4 * HOUR + 3_000, "clock-beyond-four-hours", "more than the four hours"],
  ])("the limit, by each of the real servers: %i ms", async (off, code, words) => {
    const { address, ports } = host("level");
    for (const sign of [1, -1]) {
      // As if this machine's clock were off: the servers' are level.
      const evidence = await look(address, ports, undefined, () => Date.now() - sign * off);
      for (const each of evidence.readings) {
        if (each.answer.outcome !== "ok") throw new Error(JSON.stringify(each));
        const { offsetMs, uncertaintyMs } = each.answer.facts;
        expect(Math.abs(offsetMs - sign * off)).toBeLessThanOrEqual(uncertaintyMs);
        const [finding, ...more] = judged({ readings: [each] });
        expect([finding?.code, ...more]).toEqual([code]);
        expect(finding?.observed).toContain(words);
        expect(finding?.observed).toContain(sign > 0 ? "ahead of this machine" : "behind this machine");
      }
    }
  });

  test("many looks in a row, while others are looking: the truth is always within", async () => {
    const { address, ports } = host("behind");
    const all = await Promise.all(Array.from({ length: 20 }, () => look(address, ports)));
    for (const evidence of all) {
      expectOffset(reading(evidence, "smb2"), -5 * HOUR, 5_000);
      expectOffset(reading(evidence, "sntp"), -5 * HOUR, 2_000);
      expectOffset(reading(evidence, "http"), -5 * HOUR, 5_000);
    }
  });

  test("a host that takes SMB 3.1.1 only has no clock signal there, and nothing is wrong with it", async () => {
    const evidence = await look(only311.address, { smb2: only311.port });
    expect(reading(evidence, "smb2")).toMatchObject({
      outcome: "denied",
      denial: { what: "takes none of SMB 2.0.2 to 3.0.2 (3.1.1 only, perhaps)" },
    });
    expect(codes(evidence)).toEqual(["clock-no-signal"]);
  });

  test("a server that nobody sets shows its clock, and that it is so", async () => {
    const evidence = await look(unset.address, { sntp: unset.port });
    const answer = reading(evidence, "sntp");
    expectOffset(answer, 3 * HOUR, 200);
    expect(answer.outcome === "ok" && answer.facts.detail).toBe("by its own word set by nobody");
    expect(codes(evidence)).toEqual(["clock-off"]);
  });

  test("HTTP's second port is asked where the first shows no clock, and only there", async () => {
    const { address, ports } = host("level");
    const [http = 0] = ports.http ?? [];
    const closed = await freePort(address);
    const [, , first, second, ...none] = (await look(address, { http: [closed, http] })).readings;
    expect([first?.port, first?.answer.outcome]).toEqual([closed, "no-answer"]);
    expect([second?.port, second?.answer.outcome, none.length]).toEqual([http, "ok", 0]);
    expect((await look(address, { http: [http, closed] })).readings).toHaveLength(3);
  });

  test("services under different clocks on one address are said to differ", async () => {
    const address = loopbackAddress();
    const smbd = await start(startSmbd({ address, shiftSeconds: -5 * 3600 }));
    const chronyd = await start(startChronyd({ address }));
    const evidence = await look(address, { smb2: smbd.port, sntp: chronyd.port });
    expect(codes(evidence)).toEqual(["clock-off", "clock-signals-differ"]);
  });

  test("a service in another language is no clock", async () => {
    const { address, ports } = host("level");
    const [http = 0] = ports.http ?? [];
    const evidence = await look(address, { smb2: http, http: [ports.smb2 ?? 0] }, impatient(QUICK));
    expect(reading(evidence, "smb2")).toMatchObject({
      outcome: "malformed",
      fault: { at: 0, what: "the transport's first byte is 72, not 0" },
    });
    expect(reading(evidence, "http")).toMatchObject({ outcome: "no-answer", cause: "deadline" });
  });

  test("our own clock, held against resolvers that are an hour and more off", async () => {
    const { behind, ahead } = { behind: host("behind"), ahead: host("ahead") };
    const ports: ClockPorts = { smb2: behind.ports.smb2 ?? 0, sntp: behind.ports.sntp ?? 0, http: [] };
    const context = impatient({ timeoutMs: 5_000, dnsTimeoutMs: 2_000 });
    const resolver = { address: behind.address, port: 53 };
    const evidence = await probeOwnClock([resolver, resolver], context, { wallNowMs, ports }, () => false);
    expect(ownClockEvidenceSchema.parse(evidence)).toEqual(evidence);
    expect(evidence.peers.map(({ address }) => address)).toEqual([behind.address]);
    const [finding] = judgeOwnClock(evidence, "/ownClock");
    expect(finding?.code).toBe("clock-own-off");
    expect(finding?.observed).toMatch(/^This machine is (5 h|4 h 59 min 59 s) ahead of the clock of /);

    // Two real hosts that show the same difference: it is ours, and the host that agrees with them is well.
    const twice = {
      peers: [...evidence.peers, ...evidence.peers.map((peer) => ({ ...peer, address: "10.0.0.2" }))],
    };
    const about = { host: "kms", address: "10.1.0.1", subject: "/clock" };
    expect(judgeClock(await look(behind.address, behind.ports), about, twice)).toEqual([]);
    const [apart] = judgeClock(await look(ahead.address, ahead.ports), about, twice);
    expect(apart?.code).toBe("clock-beyond-four-hours");
  });

  test("a resolver on this machine shows this machine's clock, and is not asked", async () => {
    const { address, ports } = host("behind");
    const context = impatient(QUICK);
    const all: ClockPorts = { smb2: ports.smb2 ?? 0, sntp: ports.sntp ?? 0, http: [] };
    const resolvers = [address, "127.0.0.53", "::1"].map((each) => ({ address: each, port: 53 }));
    expect(await probeOwnClock(resolvers, context, { wallNowMs, ports: all })).toEqual({ peers: [] });
  });
});

/** A TCP peer that does as told with each connection. `closed` settles when the prober has let go of all of them. */
async function tcpPeer(
  serve: (socket: Socket) => void,
  address = loopbackAddress(),
): Promise<{ address: string; port: number; closed: () => Promise<void> }> {
  const port = await freePort(address);
  const ends: Promise<void>[] = [];
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    ends.push(new Promise((resolve) => socket.once("close", () => resolve())));
    socket.on("error", () => {});
    serve(socket);
    // A socket that isn't read from doesn't notice that the other end is gone.
    socket.resume();
  });
  await new Promise<void>((resolve) => server.listen(port, address, () => resolve()));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { address, port, closed: async () => void (await Promise.all(ends)) };
}

/** A UDP peer that answers each request by the script: null stays silent. */
async function udpPeer(
  reply: (request: Buffer, count: number) => Buffer[],
): Promise<{ address: string; port: number; requests: Buffer[] }> {
  const address = loopbackAddress();
  const port = await freePort(address);
  const socket = createSocket("udp4");
  const requests: Buffer[] = [];
  socket.on("message", (request, from) => {
    requests.push(request);
    for (const each of reply(request, requests.length)) socket.send(each, from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(port, address, () => resolve()));
  onTestFinished(() => void socket.close());
  return { address, port, requests };
}

/** A reply to that request from a server so many milliseconds ahead. */
function sntpReply(
  request: Buffer,
  offsetMs: number,
  over: { first?: number; stratum?: number; id?: string } = {},
): Buffer {
  const { first = 0x24, stratum = 2, id = "\u007f\u0000\u0000\u0001" } = over;
  const reply = Buffer.alloc(48);
  reply[0] = first;
  reply[1] = stratum;
  reply[3] = 0xec;
  reply.write(id, 12, "latin1");
  request.copy(reply, 24, 40, 48);
  const seconds = (Date.now() + offsetMs) / 1000 + 2_208_988_800;
  for (const at of [32, 40]) {
    reply.writeUInt32BE(Math.floor(seconds), at);
    reply.writeUInt32BE(Math.floor((seconds % 1) * 2 ** 32), at + 4);
  }
  return reply;
}

describe("SNTP peers by script", () => {
  test("a lost datagram costs a try, and the second request has another cookie", async () => {
    const peer = await udpPeer((request, count) => (count === 1 ? [] : [sntpReply(request, 7_000)]));
    const evidence = await look(peer.address, { sntp: peer.port }, impatient(QUICK));
    expectOffset(reading(evidence, "sntp"), 7_000, 100);
    expect(peer.requests).toHaveLength(2);
    const [one, other] = peer.requests.map((request) => request.toString("hex"));
    expect(one).toMatch(/^23(00){39}[0-9a-f]{16}$/);
    expect(one).not.toBe(other);
  });

  test("a reply to another request is passed over, and the true one counts", async () => {
    const peer = await udpPeer((request) => {
      const forged = sntpReply(request, 9 * HOUR);
      forged.writeUInt8(forged.readUInt8(24) ^ 1, 24);
      return [forged, Buffer.from("noise"), sntpReply(request, 0)];
    });
    expectOffset(reading(await look(peer.address, { sntp: peer.port }), "sntp"), 0, 100);
  });

  test("only replies to other requests are no answer to ours", async () => {
    const peer = await udpPeer((request) => {
      const forged = sntpReply(request, 9 * HOUR);
      forged.fill(0, 24, 32);
      return [forged];
    });
    const evidence = await look(peer.address, { sntp: peer.port }, impatient(QUICK));
    expect(reading(evidence, "sntp")).toMatchObject({
      outcome: "malformed",
      fault: { at: 32, what: "the originate timestamp is not that of our request" },
    });
  });

  test("kiss-o'-death is an answer, and ends it", async () => {
    const peer = await udpPeer((request) => [sntpReply(request, 0, { stratum: 0, id: "RATE" })]);
    const evidence = await look(peer.address, { sntp: peer.port });
    expect(reading(evidence, "sntp")).toMatchObject({
      outcome: "denied",
      denial: { what: "sends no time (kiss-o'-death RATE)" },
    });
    expect(peer.requests).toHaveLength(1);
  });

  test("silence ends with the patience for it", async () => {
    const peer = await udpPeer(() => []);
    const started = performance.now();
    const evidence = await look(peer.address, { sntp: peer.port }, impatient({ dnsTimeoutMs: 400 }));
    expect(performance.now() - started).toBeLessThan(1_500);
    expect(reading(evidence, "sntp")).toMatchObject({ outcome: "no-answer", cause: "deadline" });
    expect(peer.requests).toHaveLength(2);
  });
});

describe("TCP peers by script", () => {
  const DATE = "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n";
  const OFF_MS = Date.UTC(1994, 10, 6, 8, 49, 37);

  test("an answer in single bytes is put together, and the connection is closed at once", async () => {
    const peer = await tcpPeer((socket) => {
      const bytes = Buffer.from(`HTTP/1.1 200 OK\r\n${DATE}\r\n`);
      socket.setNoDelay(true);
      const next = (at: number): void => {
        if (at >= bytes.length || socket.destroyed) return;
        socket.write(bytes.subarray(at, at + 1), () => setTimeout(() => next(at + 1), 1));
      };
      socket.once("data", () => next(0));
    });
    const answer = reading(await look(peer.address, { http: [peer.port] }), "http");
    if (answer.outcome !== "ok") throw new Error(JSON.stringify(answer));
    expect(answer.facts.at).toBe("1994-11-06T08:49:37.000Z");
    const trueMs = OFF_MS + 500 - Date.now();
    expect(Math.abs(answer.facts.offsetMs - trueMs)).toBeLessThan(2_000);
    await peer.closed();
  });

  test.each([
    ["a cache", `HTTP/1.1 200 OK\r\n${DATE}Age: 60\r\n\r\n`, "answers out of a cache, with an old date"],
    ["no date", "HTTP/1.1 404 Not Found\r\n\r\n", "answers HTTP (404) without a date"],
  ])("%s is an answer without a clock", async (_, text, what) => {
    const peer = await tcpPeer((socket) => socket.once("data", () => socket.write(text)));
    expect(reading(await look(peer.address, { http: [peer.port] }), "http")).toMatchObject({
      outcome: "denied",
      denial: { what },
    });
    await peer.closed();
  });

  test.skipIf(needs("ipv6").skip)("the request names an IPv6 host in brackets", async () => {
    let head = "";
    const peer = await tcpPeer((socket) => {
      socket.on("data", (bytes) => {
        head += bytes.toString("latin1");
        socket.end(`HTTP/1.1 200 OK\r\n${DATE}\r\n`);
      });
    }, "::1");
    await look("::1", { http: [peer.port] });
    expect(head.split("\r\n").slice(0, 2)).toEqual(["HEAD / HTTP/1.1", "Host: [::1]"]);
  });

  test("a peer that accepts and stays silent costs its patience, and not more", async () => {
    const peer = await tcpPeer(() => {});
    const started = performance.now();
    const evidence = await look(peer.address, { smb2: peer.port, http: [peer.port] }, impatient(QUICK));
    expect(performance.now() - started).toBeLessThan(1_500);
    for (const by of ["smb2", "http"] as const)
      expect(reading(evidence, by)).toMatchObject({ outcome: "no-answer", cause: "deadline" });
    await peer.closed();
  });

  test.each([
    ["a close", (socket: Socket) => socket.end(), "closed"],
    ["a reset", (socket: Socket) => socket.resetAndDestroy(), "ECONNRESET"],
  ] as const)("%s instead of an answer", async (_, act, cause) => {
    const peer = await tcpPeer((socket) => socket.once("data", () => void act(socket)));
    const evidence = await look(peer.address, { smb2: peer.port, http: [peer.port] });
    for (const by of ["smb2", "http"] as const)
      expect(reading(evidence, by)).toMatchObject({ outcome: "no-answer", cause });
  });

  test("an answer cut short is malformed, not silence", async () => {
    const peer = await tcpPeer((socket) =>
      socket.once("data", () => socket.end(Buffer.from("000000cafe534d42", "hex"))),
    );
    const evidence = await look(peer.address, { smb2: peer.port });
    expect(reading(evidence, "smb2")).toMatchObject({
      outcome: "malformed",
      fault: { at: 8, what: "cut short: StructureSize needs 2 bytes, 0 are left" },
    });
  });

  test("a peer that floods is read up to the limit", async () => {
    const peer = await tcpPeer((socket) => {
      const line = `X-Filler: ${"x".repeat(1_000)}\r\n`;
      const more = (): void => {
        while (!socket.destroyed && socket.write(line));
      };
      socket.once("data", () => {
        socket.write("HTTP/1.1 200 OK\r\n");
        socket.on("drain", more);
        more();
      });
    });
    const evidence = await look(peer.address, { http: [peer.port] });
    expect(reading(evidence, "http")).toMatchObject({ outcome: "malformed", fault: { at: 16_384 } });
    await peer.closed();
  });
});

test("nobody there: every port says so at once, and the finding names each", async () => {
  const address = loopbackAddress();
  const http = [await freePort(address), await freePort(address)];
  const started = performance.now();
  const evidence = await look(address, { http }, impatient(QUICK));
  expect(performance.now() - started).toBeLessThan(1_000);
  expect(evidence.readings.map(({ by, answer }) => [by, answer])).toEqual(
    ["smb2", "sntp", "http", "http"].map((by) => [
      by,
      { outcome: "no-answer", cause: "ECONNREFUSED", elapsedMs: expect.any(Number) },
    ]),
  );
  const [finding] = judged(evidence);
  expect(finding?.code).toBe("clock-no-signal");
  for (const port of http) expect(finding?.observed).toContain(`${port}/tcp ECONNREFUSED`);
});

test.each(["interrupted", "deadline"] as const)(
  "%s in the middle, every look ends at once and none is held against the host",
  async (reason) => {
    const silent = await tcpPeer(() => {});
    const controller = new AbortController();
    const udp = await udpPeer(() => {
      controller.abort(reason);
      return [];
    });
    const patient = impatient({ timeoutMs: 30_000, dnsTimeoutMs: 30_000 }, controller.signal);
    const started = performance.now();
    // On an address each, so that the port is closed there for nobody.
    const [tcp, sntp] = await Promise.all([
      look(silent.address, { smb2: silent.port, http: [silent.port, silent.port] }, patient),
      look(udp.address, { sntp: udp.port }, patient),
    ]);
    expect(performance.now() - started).toBeLessThan(2_000);
    for (const answer of [reading(tcp, "smb2"), reading(tcp, "http"), reading(sntp, "sntp")])
      expect(answer).toEqual({ outcome: "skipped", reason });
    await silent.closed();
  },
);

test("a source without an address of the host's family sends nothing", async () => {
  const source = { label: "eth9", ipv4: null, ipv6: "fd00::9", interface: null, link: "unknown" } as const;
  const address = loopbackAddress();
  const evidence = await look(address, { http: [80] }, { ...impatient(QUICK), source });
  for (const { answer } of evidence.readings)
    expect(answer).toEqual({ outcome: "not-sent", errno: "EAFNOSUPPORT" });
});
