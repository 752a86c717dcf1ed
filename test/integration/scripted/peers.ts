/**
 * Peers that follow a script: for what real servers won't do. They listen on loopback only, each on an address of
 * its own, and write their bytes with code that shares nothing with the program's.
 */
import { Buffer } from "node:buffer";
import { createSocket } from "node:dgram";
import type { RemoteInfo, Socket as DatagramSocket } from "node:dgram";
import { setMaxListeners } from "node:events";
import { createServer } from "node:net";
import type { Server, Socket } from "node:net";
import dnsPacket from "dns-packet";
import type { SocketAddress } from "../../../src/model/dns.ts";
import type { Settings } from "../../../src/model/settings.ts";
import type { ProbeContext } from "../../../src/probe/context.ts";
import { DEFAULT_SETTINGS } from "../../../src/run/settings.ts";
import { monotonicClock } from "../../../src/transport/clock.ts";
import { freePort, loopbackAddress } from "../servers/free-port.ts";

// ---------------------------------------------------------------------------------------------------------------
// The prober's side
// ---------------------------------------------------------------------------------------------------------------

/** Settings with little patience; a test that waits for silence brings less. Ids are drawn at random. */
export function impatient(
  over: Partial<Settings> = {},
  signal: AbortSignal = new AbortController().signal,
): ProbeContext {
  // Hundreds of questions may wait on it.
  setMaxListeners(0, signal);
  return {
    settings: {
      ...DEFAULT_SETTINGS,
      timeoutMs: 2_000,
      retries: 0,
      rpcTimeoutMs: 2_000,
      dnsTimeoutMs: 2_500,
      deadlineMs: 20_000,
      ...over,
    },
    source: null,
    signal,
    clock: monotonicClock,
    wallNowMs: () => Date.now(),
    randomU16: () => Math.floor(Math.random() * 0x10000),
    callId: () => Math.floor(Math.random() * 0x10000),
  };
}

/** A copy without what differs from run to run: `elapsedMs` goes, samples become their number. */
export function withoutTimes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutTimes);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]: [string, unknown]): [string, unknown][] => {
      if (key === "elapsedMs") return [];
      if (key === "samplesMs" && Array.isArray(inner)) return [["samples", inner.length]];
      return [[key, withoutTimes(inner)]];
    }),
  );
}

// ---------------------------------------------------------------------------------------------------------------
// DNS
// ---------------------------------------------------------------------------------------------------------------

export type Query = {
  transport: "udp" | "tcp";
  /** How many queries of that transport came before. */
  index: number;
  id: number;
  name: string;
  type: string;
  edns: boolean;
  bytes: Buffer;
};

type OnDatagram = (query: Query, send: (bytes: Uint8Array) => void, asker: RemoteInfo) => void;

export type DnsScript = {
  /** `send` answers from the resolver's own address and port. */
  udp?: OnDatagram;
  /**
   * Nobody listens unless there is a script for it.
   * @param socket writes are not prefixed with their length
   */
  tcp?: (query: Query, socket: Socket) => void;
};

export type DnsPeer = {
  resolver: SocketAddress;
  queries: Query[];
  /** Sends to an asker from another address, or from the same address and another port: always the same one. */
  sendFrom: (address: string, bytes: Uint8Array, asker: RemoteInfo) => Promise<void>;
  stop: () => Promise<void>;
};

export async function startDnsPeer(script: DnsScript): Promise<DnsPeer> {
  const address = loopbackAddress();
  const port = await freePort(address);
  const queries: Query[] = [];
  const others = new Map<string, Promise<DatagramSocket>>();
  let stopped = false;
  const note = (transport: "udp" | "tcp", bytes: Buffer): Query => {
    const index = queries.filter((query) => query.transport === transport).length;
    const query = { transport, index, bytes, ...readQuery(bytes) };
    queries.push(query);
    return query;
  };
  const udp = await bound(address, port);
  udp.on("message", (bytes, asker) => {
    const send = (answer: Uint8Array): void => {
      if (!stopped) udp.send(answer, asker.port, asker.address);
    };
    const query = note("udp", bytes);
    script.udp?.(query, send, asker);
  });
  const { tcp: onQuery } = script;
  const tcp = onQuery
    ? await listenTcp(address, port, (socket) => {
        let pending = Buffer.alloc(0);
        socket.on("data", (chunk) => {
          pending = Buffer.concat([pending, chunk]);
          if (pending.length < 2 || pending.length < 2 + pending.readUInt16BE(0)) return;
          onQuery(note("tcp", pending.subarray(2)), socket);
          pending = Buffer.alloc(0);
        });
      })
    : null;
  return {
    resolver: { address, port },
    queries,
    async sendFrom(from, bytes, asker) {
      const known = others.get(from);
      const opened = known ?? bound(from, 0);
      if (!known) others.set(from, opened);
      const socket = await opened;
      if (stopped) return;
      await new Promise<void>((resolve) => {
        socket.send(bytes, asker.port, asker.address, () => resolve());
      });
    },
    async stop() {
      stopped = true;
      udp.close();
      for (const socket of await Promise.all(others.values())) socket.close();
      await tcp?.stop();
    },
  };
}

function readQuery(bytes: Buffer): Pick<Query, "id" | "name" | "type" | "edns"> {
  const packet = dnsPacket.decode(bytes);
  const [question] = packet.questions;
  return {
    id: packet.id,
    name: question?.name ?? "",
    type: question?.type ?? "",
    edns: packet.additionals.some((record) => record.type === "OPT"),
  };
}

/** An answer to `query`; `flags` are QR, RD and RA, to which an rcode or TC can be added. */
export function reply(
  query: Pick<Query, "id" | "name" | "type">,
  more: {
    id?: number;
    flags?: number;
    name?: string;
    type?: string;
    answers?: object[];
    authorities?: object[];
    additionals?: object[];
  } = {},
): Buffer {
  const { id = query.id, flags = 0, name = query.name, type = query.type, ...sections } = more;
  const questions = [{ name, type, class: "IN" }];
  return Buffer.from(
    dnsPacket.encode({ id, type: "response", flags: 0x0180 | flags, questions, ...sections }),
  );
}

/** With the length in front that TCP wants. */
export function framed(message: Uint8Array): Buffer {
  return Buffer.concat([Buffer.of(message.length >> 8, message.length & 0xff), message]);
}

export function srvRecord(name: string, target: string, over: object = {}): object {
  return { name, type: "SRV", ttl: 600, data: { priority: 0, weight: 50, port: 1688, target, ...over } };
}

// ---------------------------------------------------------------------------------------------------------------
// TCP and DCE/RPC
// ---------------------------------------------------------------------------------------------------------------

/** A PDU as it came, and what an answer needs of it. */
export type SeenPdu = {
  connection: number;
  ptype: number;
  callId: number;
  assocGroupId: number;
  contexts: { id: number; abstract: string; transfer: string }[];
  bytes: Buffer;
};

export type TcpScript = {
  connected?: (socket: Socket, connection: number) => void;
  pdu?: (pdu: SeenPdu, socket: Socket) => void;
};

export type TcpPeer = SocketAddress & {
  /** Connections accepted so far. */
  connections: () => number;
  /** Every PDU that came, on all connections, in order. */
  seen: SeenPdu[];
  /** What a prober must never do, and did. */
  violations: string[];
  stop: () => Promise<void>;
};

/** PTYPEs of bind and alter_context: all that a prober may send. */
const MAY_BE_SENT = new Set([11, 14]);

/**
 * Listens, and watches every byte of every connection: only bind and alter_context PDUs may arrive, whole, and each
 * bind in one read.
 */
export async function startTcpPeer(script: TcpScript): Promise<TcpPeer> {
  const address = loopbackAddress();
  const port = await freePort(address);
  const seen: SeenPdu[] = [];
  const violations: string[] = [];
  let connections = 0;
  const { stop } = await listenTcp(address, port, (socket) => {
    const connection = connections++;
    let pending = Buffer.alloc(0);
    socket.on("data", (chunk) => {
      const inOneRead = pending.length === 0;
      pending = Buffer.concat([pending, chunk]);
      while (pending.length >= 16 && pending.length >= pending.readUInt16LE(8)) {
        const bytes = pending.subarray(0, Math.max(16, pending.readUInt16LE(8)));
        pending = pending.subarray(bytes.length);
        const pdu = readPdu(bytes, connection);
        seen.push(pdu);
        if (!MAY_BE_SENT.has(pdu.ptype)) violations.push(`connection ${connection}: PTYPE ${pdu.ptype}`);
        if (pdu.ptype === 11 && (!inOneRead || bytes.length !== chunk.length)) {
          violations.push(`connection ${connection}: a bind did not come alone, in one read`);
        }
        script.pdu?.(pdu, socket);
      }
    });
    socket.on("close", () => {
      if (pending.length > 0) violations.push(`connection ${connection}: ${pending.length} bytes are no PDU`);
    });
    script.connected?.(socket, connection);
  });
  return { address, port, connections: () => connections, seen, violations, stop };
}

function readPdu(bytes: Buffer, connection: number): SeenPdu {
  const ptype = bytes.readUInt8(2);
  const contexts: SeenPdu["contexts"] = [];
  const count = MAY_BE_SENT.has(ptype) && bytes.length >= 28 ? bytes.readUInt8(24) : 0;
  for (let at = 28; contexts.length < count && at + 44 <= bytes.length; at += 44) {
    contexts.push({
      id: bytes.readUInt16LE(at),
      abstract: bytes.toString("hex", at + 4, at + 20),
      transfer: bytes.toString("hex", at + 24, at + 40),
    });
  }
  const assocGroupId = bytes.length >= 24 ? bytes.readUInt32LE(20) : 0;
  return { connection, ptype, callId: bytes.readUInt32LE(12), assocGroupId, contexts, bytes };
}

/** First bytes of a p_cont_elem_t's abstract syntax, as `SeenPdu` shows them. */
export const KMS_UUID = "7521c8514e845047b0d8ec255555bc06";

/** A list of results in answer to a bind (12) or an alter_context (15): one "result/reason" each. */
export function resultPdu(
  pdu: Pick<SeenPdu, "callId">,
  results: readonly string[],
  over: { ptype?: number; secondaryAddress?: string } = {},
): Buffer {
  const { ptype = 12, secondaryAddress = ptype === 12 ? "1688\0" : "" } = over;
  const head = Buffer.alloc(26);
  head.writeUInt16LE(4280, 16);
  head.writeUInt16LE(4280, 18);
  head.writeUInt32LE(0x5a5a0001, 20);
  head.writeUInt16LE(secondaryAddress.length, 24);
  const padding = Buffer.alloc((4 - ((26 + secondaryAddress.length) % 4)) % 4, 0xcc);
  const elements = results.map((text) => {
    const [result = 0, reason = 0] = text.split("/").map(Number);
    const element = Buffer.alloc(24);
    element.writeUInt16LE(result, 0);
    element.writeUInt16LE(reason, 2);
    return element;
  });
  const list = Buffer.of(results.length, 0, 0, 0);
  const bytes = Buffer.concat([head, Buffer.from(secondaryAddress), padding, list, ...elements]);
  return withHeader(bytes, ptype, pdu.callId);
}

/** What `resultPdu` says, as the prober's evidence has it. */
export const ACK_FACTS = {
  maxXmitFrag: 4280,
  maxRecvFrag: 4280,
  assocGroupId: 0x5a5a0001,
  secondaryAddress: "1688",
  pfcFlags: 3,
  byteOrder: "little",
} as const;

export function bindNakPdu(pdu: Pick<SeenPdu, "callId">, reason: number): Buffer {
  const bytes = Buffer.alloc(24);
  bytes.writeUInt16LE(reason, 16);
  bytes.set([1, 5, 0], 18);
  return withHeader(bytes, 13, pdu.callId);
}

export function faultPdu(pdu: Pick<SeenPdu, "callId">, status: number): Buffer {
  const bytes = Buffer.alloc(32);
  bytes.writeUInt32LE(32, 16);
  bytes.writeUInt32LE(status, 24);
  return withHeader(bytes, 3, pdu.callId);
}

function withHeader(bytes: Buffer, ptype: number, callId: number): Buffer {
  bytes.set([5, 0, ptype, 3, 0x10, 0, 0, 0]);
  bytes.writeUInt16LE(bytes.length, 8);
  bytes.writeUInt32LE(callId, 12);
  return bytes;
}

// ---------------------------------------------------------------------------------------------------------------
// Sockets
// ---------------------------------------------------------------------------------------------------------------

/** Writes bytes in pieces, each in a segment of its own. */
export async function drip(socket: Socket, bytes: Uint8Array, size: number, pauseMs = 0): Promise<void> {
  socket.setNoDelay(true);
  for (let at = 0; at < bytes.length && !socket.destroyed; at += size) {
    socket.write(bytes.subarray(at, at + size));
    await new Promise((resolve) => {
      setTimeout(resolve, pauseMs);
    });
  }
}

function bound(address: string, port: number): Promise<DatagramSocket> {
  return new Promise((resolve, reject) => {
    const socket = createSocket("udp4");
    socket.once("error", reject);
    socket.bind({ address, port }, () => {
      // An asker that has left answers with ICMP.
      socket.removeAllListeners("error").on("error", () => {});
      resolve(socket);
    });
  });
}

function listenTcp(
  address: string,
  port: number,
  onConnection: (socket: Socket) => void,
): Promise<{ stop: () => Promise<void> }> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    onConnection(socket);
  });
  const stop = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host: address, port }, () => resolve({ stop }));
  });
}
