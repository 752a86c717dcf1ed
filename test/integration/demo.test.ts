import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createSocket } from "node:dgram";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startLab } from "../../src/demo/lab.ts";
import type { Lab } from "../../src/demo/lab.ts";
import { probeTargetAddresses } from "../../src/probe/address.ts";
import type { ProbeContext } from "../../src/probe/context.ts";
import { probeAddress } from "../../src/probe/probe.ts";
import { probeSrv } from "../../src/probe/srv.ts";
import type { SocketAddress, SrvFacts } from "../../src/model/dns.ts";
import type { AttemptEvidence } from "../../src/model/evidence.ts";
import { concat, fromHex, toHex } from "../../src/protocol/bytes.ts";
import { encodeBind, WINDOWS_CONTEXTS } from "../../src/protocol/dcerpc/bind.ts";
import { encodeQuery } from "../../src/protocol/dns/query.ts";
import { decodeResponse } from "../../src/protocol/dns/response.ts";
import type { QueryType } from "../../src/protocol/dns/query.ts";
import type { DnsResponse } from "../../src/protocol/dns/response.ts";
import { DEFAULT_SETTINGS } from "../../src/run/settings.ts";
import { monotonicClock } from "../../src/transport/clock.ts";

const LOOPBACK = "127.0.0.1";

const context: ProbeContext = {
  settings: {
    ...DEFAULT_SETTINGS,
    timeoutMs: 1_500,
    retries: 0,
    rpcTimeoutMs: 500,
    dnsTimeoutMs: 3_000,
    deadlineMs: 10_000,
    clientTimeoutMs: 3_000,
    count: 2,
  },
  source: null,
  signal: new AbortController().signal,
  clock: monotonicClock,
  wallNowMs: () => Date.now(),
  randomU16: () => Math.floor(Math.random() * 0x10000),
  callId: () => Math.floor(Math.random() * 0x10000),
};

let lab: Lab;

beforeAll(async () => {
  lab = await startLab();
});

afterAll(async () => {
  await lab.stop();
});

function portOf(label: string): number {
  const found = lab.hosts.find(({ host }) => host === `${label}.${lab.domain}`);
  if (found === undefined) throw new Error(`the lab lists no ${label}`);
  return found.port;
}

function resolver(): SocketAddress {
  const [first] = lab.resolvers;
  if (first === undefined) throw new Error("the lab has no resolver");
  return first;
}

async function srvFacts(over: Partial<ProbeContext["settings"]> = {}): Promise<SrvFacts> {
  const settings = { ...context.settings, ...over };
  const { answer } = await probeSrv(lab.domain, resolver(), { ...context, settings });
  if (answer.outcome !== "ok") throw new Error(`SRV: ${answer.outcome}`);
  return answer.facts;
}

describe("the zone", () => {
  test.each([false, true])("lists every host in order, with TCP: %s", async (dnsTcp) => {
    const { records, dropped } = await srvFacts({ dnsTcp });
    expect(dropped).toBe(0);
    expect(records.map(({ target, port }) => ({ host: target, port }))).toEqual(
      lab.hosts.map(({ host, port }) => ({ host, port })),
    );
  });

  test("fits one datagram with all its glue, which says what the names say", async () => {
    const { exchange } = await probeSrv(lab.domain, resolver(), context);
    expect(exchange).toMatchObject({ transport: "udp", tries: 1, truncated: false, edns: true });
    const { records, glue } = await srvFacts();
    for (const { target } of records) {
      const { lookups, addresses } = await probeTargetAddresses(target, lab.resolvers, [], context);
      const label = target.split(".")[0];
      const outcomes = lookups.map(({ answer }) => answer.outcome);
      if (label === "gone") {
        expect(lookups.map(({ answer }) => answer)).toEqual([
          expect.objectContaining({
            outcome: "denied",
            denial: { rcode: "NXDOMAIN", nodata: false, chain: null, aliases: [] },
          }),
          expect.objectContaining({
            outcome: "denied",
            denial: { rcode: "NXDOMAIN", nodata: false, chain: null, aliases: [] },
          }),
        ]);
      } else if (addresses.length === 1) {
        expect(addresses).toEqual([LOOPBACK]);
        expect(outcomes).toEqual(["ok", "denied"]);
      } else {
        expect(label).toBe("half");
        expect(addresses).toEqual([LOOPBACK, "::1"]);
      }
      if (label !== "alias") {
        expect(glue.filter(({ name }) => name === target).map(({ address }) => address)).toEqual(addresses);
      }
    }
  });

  test("leads from the alias to its name", async () => {
    const { lookups } = await probeTargetAddresses(`alias.${lab.domain}`, lab.resolvers, [], context);
    expect(lookups.map(({ answer }) => answer)).toEqual([
      expect.objectContaining({ facts: expect.objectContaining({ aliases: [`kms3.${lab.domain}`] }) }),
      expect.objectContaining({
        outcome: "denied",
        denial: { rcode: "NOERROR", nodata: true, chain: null, aliases: [`kms3.${lab.domain}`] },
      }),
    ]);
  });
});

/** What was seen at an address, in one line: the layer that spoke, and what it said. */
function seen({ tcp, rpc }: AttemptEvidence): string {
  if (rpc === null) return `tcp ${tcp.outcome === "no-answer" ? tcp.cause : tcp.outcome}`;
  const word = ({ answer }: typeof rpc.bind): string => {
    if (answer.outcome === "no-answer") return answer.cause;
    if (answer.outcome === "malformed") return answer.looksLike;
    const ack =
      answer.outcome === "ok"
        ? answer.facts
        : answer.outcome === "denied" && answer.denial.kind === "contexts"
          ? answer.denial.ack
          : null;
    const results = ack?.contexts.map(({ result, reason }) => `${result}/${reason}`).join(" ");
    return results ?? answer.outcome;
  };
  const plain = rpc.plain === null ? "" : `, plain ${word(rpc.plain)}`;
  const control = rpc.control.answer === "not-asked" ? "" : `, control ${rpc.control.answer}`;
  return `rpc ${word(rpc.bind)}${plain}${control}`;
}

describe("each endpoint shows what it is there to show", () => {
  test.each([
    ["kms1", "rpc 2/2 0/0 3/3, control rejected"],
    ["kms2", "rpc 0/0 2/2 3/3, control rejected"],
    ["alias", "rpc 2/2 0/0 3/3, control rejected"],
    ["half", "rpc 2/2 0/0 3/3, control rejected"],
    ["refused", "tcp ECONNREFUSED"],
    ["plain-only", "rpc closed, plain 0/0, control rejected"],
    ["anything", "rpc 2/2 0/0 3/3, control accepted"],
    ["no-kms", "rpc 2/1 2/1 3/3"],
    ["web", "rpc http"],
    ["silent", "rpc deadline, plain deadline"],
    ["closing", "rpc closed, plain closed"],
  ])("%s: %s", async (label, expected) => {
    const evidence = await probeAddress(LOOPBACK, portOf(label), context);
    expect(seen(evidence)).toBe(expected);
    // Two samples asked for: every responder answers alter_context.
    if (expected.includes("control")) expect(evidence.rpc?.latency.samplesMs).toHaveLength(2);
  });

  test("filtered: what the lab found out about this machine", async () => {
    const { expected } = lab.hosts.find(({ host }) => host.startsWith("filtered.")) ?? {};
    const line = seen(await probeAddress(LOOPBACK, portOf("filtered"), context));
    if (process.platform === "linux") expect(expected).toBe("tcp-no-answer");
    if (expected === "tcp-no-answer") expect(line).toBe("tcp deadline");
    if (expected === "tcp-refused") expect(line).toBe("tcp ECONNREFUSED");
  });

  test("filtered: stays full while many try at once", async () => {
    if (process.platform !== "linux") return;
    const tries = Array.from({ length: 8 }, () => probeAddress(LOOPBACK, portOf("filtered"), context));
    expect(new Set((await Promise.all(tries)).map(seen))).toEqual(new Set(["tcp deadline"]));
  });

  test("half: nobody at ::1", async () => {
    const { addresses } = await probeTargetAddresses(`half.${lab.domain}`, lab.resolvers, [], context);
    const { expected } = lab.hosts.find(({ host }) => host.startsWith("half.")) ?? {};
    expect(expected).toBe(addresses.length === 2 ? "endpoint-partly-serves" : "rpc-serves");
    if (addresses.length === 2) {
      expect(seen(await probeAddress("::1", portOf("half"), context))).toBe("tcp ECONNREFUSED");
    }
  });
});

/** Writes on a connection of its own and reads until the peer has said nothing for `quietMs`, or closes. */
function converse(
  port: number,
  bytes: Uint8Array,
  quietMs = 200,
): Promise<{ received: Uint8Array; end: "quiet" | "closed" | "reset" }> {
  return new Promise((resolve) => {
    const chunks: Uint8Array[] = [];
    const socket = connect({ host: LOOPBACK, port }, () => socket.write(bytes));
    const finish = (end: "quiet" | "closed" | "reset"): void => {
      socket.destroy();
      resolve({ received: concat(chunks), end });
    };
    socket.setTimeout(quietMs, () => finish("quiet"));
    socket.on("data", (chunk) => chunks.push(chunk));
    socket.on("end", () => finish("closed"));
    socket.on("error", () => finish("reset"));
  });
}

/** A request with no operation anybody has and nothing in it: the one shape ever sent, and to our own lab only. */
const REQUEST = fromHex("05000003100000001800000007000000000000000000ffff");

/** nca_op_rng_error, with the flag that says nothing was executed. */
const REFUSAL = "0500032310000000200000000700000000000000000000000200011c00000000";

const RESPONDERS = ["kms1", "kms2", "alias", "half", "plain-only", "anything", "no-kms"];

describe("responders", () => {
  test("answer a Windows-shaped bind as 64-bit Windows does, byte by byte", async () => {
    const port = portOf("kms1");
    const { received } = await converse(port, encodeBind(WINDOWS_CONTEXTS, 1));
    const secondary = Buffer.from(`${port}\0`).toString("hex");
    const padding = "00".repeat((4 - ((26 + secondary.length / 2) % 4)) % 4);
    const length = (26 + secondary.length / 2 + padding.length / 2 + 4 + 3 * 24)
      .toString(16)
      .padStart(2, "0");
    const sized = (secondary.length / 2).toString(16).padStart(2, "0");
    expect(toHex(received).replace(/^(.{40}).{8}/, "$1assoc---")).toBe(
      `05000c0310000000${length}00000001000000d016d016assoc---${sized}00${secondary}${padding}03000000` +
        `02000200${"00".repeat(20)}` +
        "0000000033057171babe37498319b5dbef9ccc3601000000" +
        `03000300${"00".repeat(20)}`,
    );
  });

  test.each(RESPONDERS)(
    "%s refuses a request, bound or not, with a fault and nothing else",
    async (label) => {
      const port = portOf(label);
      expect(toHex((await converse(port, REQUEST)).received)).toBe(REFUSAL);
      const [plain] = WINDOWS_CONTEXTS;
      const bind = encodeBind(plain === undefined ? [] : [plain], 3);
      const { received, end } = await converse(port, concat([bind, REQUEST, REQUEST]));
      const answer = toHex(received);
      expect(answer).toMatch(/^05000c03/);
      expect(answer.endsWith(REFUSAL + REFUSAL)).toBe(true);
      const acknowledged = answer.slice(0, -2 * REFUSAL.length);
      expect(acknowledged).toHaveLength(2 * Number.parseInt(acknowledged.slice(16, 18), 16));
      expect(end).toBe("quiet");
    },
  );

  test("take a bind in pieces", async () => {
    const bind = encodeBind(WINDOWS_CONTEXTS, 1);
    const whole = await converse(portOf("kms1"), bind);
    const received = await new Promise<Uint8Array>((resolve) => {
      const socket = connect({ host: LOOPBACK, port: portOf("kms1"), noDelay: true });
      let at = 0;
      const next = (): void => {
        socket.write(bind.subarray(at, at + 1));
        at += 1;
        if (at < bind.length) setImmediate(next);
      };
      socket.once("connect", next);
      socket.once("data", (data) => {
        socket.destroy();
        resolve(data);
      });
    });
    expect(received).toHaveLength(whole.received.length);
    expect(at28(received)).toBe(at28(whole.received));
  });

  test.each(RESPONDERS)("%s outlives hostile bytes, and buffers no more than a fragment", async (label) => {
    const port = portOf(label);
    const bind = encodeBind(WINDOWS_CONTEXTS, 1);
    const hostile = [
      new Uint8Array(100_000).fill(0xff),
      fromHex("47455420"),
      // frag_length 65535, 15 and 0; a type that doesn't exist; one that is a server's own.
      ...["ffff", "0f00", "0000"].map((length) => fromHex(`05000b0310000000${length}000001000000`)),
      fromHex("05006303100000001000000001000000"),
      fromHex("05000c03100000001000000001000000"),
      // Counts that the bytes can't hold.
      withByte(bind, 24, 0xff),
      withByte(bind, 30, 0xff),
      withByte(bind, 24, 0),
      // Big-endian, which our own UUIDs are not.
      fromHex("05000b0300000000001000000000000001"),
      ...Array.from({ length: 50 }, (_, seed) => garble(bind, seed)),
    ];
    await Promise.all(hostile.map((bytes) => converse(port, bytes, 50)));
    const { received } = await converse(port, REQUEST);
    expect(toHex(received)).toBe(REFUSAL);
  });

  test("do not read from a peer that does not read", async () => {
    const batch = concat(Array.from({ length: 4_000 }, () => REQUEST));
    const offered = 400 * batch.length;
    let taken = 0;
    const socket = connect({ host: LOOPBACK, port: portOf("kms1") }).pause();
    const next = (): void => {
      socket.write(batch, () => {
        taken += batch.length;
        if (taken < offered) next();
      });
    };
    next();
    // What the kernel's buffers hold, both ways, is taken; then nothing more.
    for (let before = -1; before < taken;) {
      before = taken;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    socket.destroy();
    expect(taken).toBeGreaterThan(0);
    expect(taken).toBeLessThan(offered);
    expect(toHex((await converse(portOf("kms1"), REQUEST)).received)).toBe(REFUSAL);
  });
});

/** What follows the association group, which differs each time. */
function at28(bytes: Uint8Array): string {
  return toHex(bytes.subarray(24));
}

function withByte(bytes: Uint8Array, at: number, value: number): Uint8Array {
  return bytes.map((byte, index) => (index === at ? value : byte));
}

/** The same bytes with a few turned over, the same ones for the same seed. */
function garble(bytes: Uint8Array, seed: number): Uint8Array {
  return bytes.map((byte, index) => ((index * 31 + seed * 17) % 23 === 0 ? byte ^ (seed * 37) : byte));
}

function askUdp(query: Uint8Array, patienceMs = 2_000): Promise<Uint8Array | null> {
  const { address, port } = resolver();
  return new Promise((resolve) => {
    const socket = createSocket("udp4");
    const finish = (answer: Uint8Array | null): void => {
      clearTimeout(timer);
      socket.close();
      resolve(answer);
    };
    const timer = setTimeout(() => finish(null), patienceMs);
    socket.once("message", finish);
    socket.send(query, port, address);
  });
}

async function askTcp(queries: readonly Uint8Array[]): Promise<Uint8Array[]> {
  const framed = queries.flatMap((query) => [Uint8Array.of(query.length >> 8, query.length & 0xff), query]);
  let { received } = await converse(resolver().port, concat(framed));
  const answers: Uint8Array[] = [];
  while (received.length > 2) {
    const end = 2 + Buffer.from(received).readUInt16BE();
    answers.push(received.subarray(2, end));
    received = received.subarray(end);
  }
  return answers;
}

function decoded(bytes: Uint8Array | null | undefined): DnsResponse {
  const answer = bytes ? decodeResponse(bytes) : null;
  if (!answer?.ok) throw new Error(`no DNS answer: ${bytes ? toHex(bytes) : "silence"}`);
  return answer.value;
}

describe("the name server", () => {
  const srv = { name: "_vlmcs._tcp.lab.test", type: "SRV" } as const;

  test("truncates for an asker without EDNS, and gives it all over TCP", async () => {
    const query = encodeQuery(srv, 7, false);
    const short = await askUdp(query);
    expect(short?.length).toBeLessThanOrEqual(512);
    expect(decoded(short)).toMatchObject({ id: 7, isResponse: true, truncated: true, answers: [] });
    const [whole] = await askTcp([query]);
    expect(decoded(whole)).toMatchObject({ id: 7, truncated: false });
    expect(decoded(whole).answers).toHaveLength(lab.hosts.length);
  });

  test("leaves glue out before it truncates", async () => {
    const query = encodeQuery(srv, 8, true);
    const whole = (await askUdp(query))?.length ?? 0;
    // The size the asker can take stands where an OPT record has its class, eight bytes before the end.
    const tight = Uint8Array.from(query);
    tight.set([(whole - 1) >> 8, (whole - 1) & 0xff], query.length - 8);
    const answer = decoded(await askUdp(tight));
    expect(answer.truncated).toBe(false);
    expect(answer.answers).toHaveLength(lab.hosts.length);
    expect(answer.additionals.length).toBeGreaterThan(0);
    expect(answer.additionals.length).toBeLessThan(decoded(await askUdp(query)).additionals.length);
  });

  test("answers several questions on one connection", async () => {
    const queries = [1, 2, 3].map((id) => encodeQuery(srv, id, true));
    expect((await askTcp(queries)).map((answer) => decoded(answer).id)).toEqual([1, 2, 3]);
  });

  test.each<[string, QueryType, string, number]>([
    ["nobody.lab.test", "A", "NXDOMAIN", 0],
    ["kms1.lab.test", "AAAA", "NOERROR", 0],
    ["kms1.lab.test", "A", "NOERROR", 1],
    ["_tcp.lab.test", "SRV", "NOERROR", 0],
    ["lab.test", "A", "NOERROR", 0],
    ["alias.lab.test", "A", "NOERROR", 2],
    ["alias.lab.test", "AAAA", "NOERROR", 1],
    ["example.org", "A", "REFUSED", 0],
    ["xlab.test", "A", "REFUSED", 0],
  ])("%s %s: %s, %i records", async (name, type, rcode, count) => {
    const answer = decoded(await askUdp(encodeQuery({ name, type }, 1, true)));
    expect(answer.rcode).toBe(rcode);
    expect(answer.answers).toHaveLength(count);
    expect(answer.question).toEqual({ name, type, class: "IN" });
  });

  test("repeats the letters of the question as they came (0x20)", async () => {
    const query = encodeQuery({ name: "kMs1.LAB.tesT", type: "A" }, 1, true);
    const answer = await askUdp(query);
    expect(toHex(answer ?? new Uint8Array(0))).toContain(toHex(query.subarray(12, 12 + 15 + 4)));
    expect(decoded(answer).answers).toHaveLength(1);
  });

  test("says what it can't do: another opcode, another class, another EDNS, two questions", async () => {
    const query = encodeQuery({ name: "kms1.lab.test", type: "A" }, 1, true);
    const notify = await askUdp(withByte(query, 2, 0x20));
    expect(decoded(notify).rcode).toBe("NOTIMP");
    // QR and the same opcode.
    expect(notify?.[2]).toBe(0xa0);
    expect(decoded(await askUdp(withByte(query, 12 + 15 + 3, 3))).rcode).toBe("REFUSED");
    expect(decoded(await askUdp(withByte(query, query.length - 5, 1))).rcode).toBe("BADVERS");
    expect(decoded(await askUdp(withByte(query, 5, 2))).rcode).toBe("FORMERR");
  });

  test("is silent to responses and to what has no header, and outlives hostile bytes", async () => {
    const query = encodeQuery(srv, 1, true);
    expect(await askUdp(withByte(query, 2, 0x81), 200)).toBeNull();
    expect(await askUdp(query.subarray(0, 11), 200)).toBeNull();
    expect(await askUdp(new Uint8Array(0), 200)).toBeNull();
    const hostile = [
      ...Array.from({ length: 50 }, (_, cut) => query.subarray(0, 12 + (cut % (query.length - 12)))),
      ...Array.from({ length: 200 }, (_, seed) => garble(query, seed)),
      new Uint8Array(1_200).fill(0xc0),
      new Uint8Array(1_200),
    ];
    const socket = createSocket("udp4");
    for (const bytes of hostile) socket.send(bytes, resolver().port, resolver().address);
    await askTcp(hostile);
    await converse(resolver().port, new Uint8Array(200_000).fill(0xff), 50);
    socket.close();
    expect(decoded(await askUdp(query)).answers).toHaveLength(lab.hosts.length);
  });
});

describe("stopping", () => {
  test("takes the ports away, and may be asked for twice", async () => {
    const other = await startLab();
    await Promise.all([other.stop(), other.stop()]);
    await other.stop();
    for (const { port } of other.hosts) {
      expect(seen(await probeAddress(LOOPBACK, port, context))).toBe("tcp ECONNREFUSED");
    }
    const [dns] = other.resolvers;
    expect(dns && (await converse(dns.port, new Uint8Array(0))).end).toBe("reset");
  });

  test("leaves nothing behind that keeps a bundled process alive", async () => {
    const dir = await mkdtemp(join(tmpdir(), "kmsprobe-demo-"));
    try {
      const entry = join(dir, "entry.ts");
      const source = join(import.meta.dirname, "../../src/demo/lab.ts");
      await writeFile(
        entry,
        `import { startLab } from ${JSON.stringify(source)};
         void startLab().then(async (lab) => {
           const during = process.getActiveResourcesInfo().length;
           await lab.stop();
           setImmediate(() => console.log(JSON.stringify({ during, after: process.getActiveResourcesInfo() })));
         });`,
      );
      const outfile = join(dir, "entry.cjs");
      await build({ entryPoints: [entry], bundle: true, platform: "node", format: "cjs", outfile });
      const { stdout, stderr } = await promisify(execFile)(process.execPath, [outfile], { timeout: 30_000 });
      expect(stderr).toBe("");
      const { during, after } = JSON.parse(stdout);
      expect(during).toBeGreaterThan(10);
      // The pipe to us is not the lab's.
      expect(after.filter((each: string) => each !== "PipeWrap" && each !== "Immediate")).toEqual([]);
    } finally {
      await rm(dir, { recursive: true });
    }
  });
});
