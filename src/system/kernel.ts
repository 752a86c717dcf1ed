import fs from "node:fs";
import ipaddr from "ipaddr.js";
import type { SocketAddress } from "../model/dns.ts";
import type { KernelView } from "../model/rpc.ts";

/** TCP states by their number in the table (include/net/tcp_states.h). */
const STATES = [
  "",
  "ESTABLISHED",
  "SYN_SENT",
  "SYN_RECV",
  "FIN_WAIT1",
  "FIN_WAIT2",
  "TIME_WAIT",
  "CLOSE",
  "CLOSE_WAIT",
  "LAST_ACK",
  "LISTEN",
  "CLOSING",
  "NEW_SYN_RECV",
];

/** A table larger than this is not searched: a busy server's would cost more than the clue is worth. */
const MAX_TABLE_BYTES = 16 * 1024 * 1024;

/**
 * Linux's own view of one of our sockets, which any process may read: bytes not acknowledged, retransmissions.
 * Null on other systems, and where the socket is not in the table.
 */
export async function kernelViewOf(local: SocketAddress, remote: SocketAddress): Promise<KernelView | null> {
  if (process.platform !== "linux" || local.address === "" || remote.address === "") return null;
  const table = local.address.includes(":") ? "/proc/self/net/tcp6" : "/proc/self/net/tcp";
  return findSocket(await tableAt(table), local, remote);
}

/** @param table the text of /proc/net/tcp or tcp6 */
export function findSocket(table: string, local: SocketAddress, remote: SocketAddress): KernelView | null {
  const [us, them] = [tableAddress(local), tableAddress(remote)];
  for (const row of rowsTowards(table, them)) {
    const [, localHex, , state, queues, timer, retransmissions] = row;
    if (localHex !== us || state === undefined || queues === undefined) continue;
    const view = {
      state: STATES[Number.parseInt(state, 16)] || `state ${state}`,
      unacknowledgedBytes: Number.parseInt(queues.slice(0, 8), 16),
      retransmissions: Number.parseInt(retransmissions?.slice(0, 8) ?? "0", 16),
      // tcp4_seq_show: 1 retransmission, 2 keepalive, 3 TIME_WAIT, 4 zero window probe
      probesWindow: timer?.startsWith("04:") ?? false,
    };
    return view.unacknowledgedBytes >= 0 && view.retransmissions >= 0 ? view : null;
  }
  return null;
}

/**
 * The port of this machine that took one of our connections, though it was meant for another address: the other end of
 * it is in our own table, under an address that we did not ask for. That is what a REDIRECT rule comes to (sshuttle,
 * redsocks, a transparent proxy), and the only trace of it that an ordinary process sees.
 * Null elsewhere, on other systems, and where the other end is on this machine by right.
 */
export async function takenHere(local: SocketAddress, remote: SocketAddress): Promise<number | null> {
  // A socket that was reset before it was looked at has no ends any more.
  if (process.platform !== "linux" || local.address === "" || remote.address === "") return null;
  for (const table of ["/proc/self/net/tcp", "/proc/self/net/tcp6"]) {
    const port = findOtherEnd(await tableAt(table), local, remote);
    if (port !== null) return port;
  }
  return null;
}

/** What the kernel puts before an IPv4 address in the table of IPv6: a listener on :: takes both. */
const MAPPED = "0000000000000000FFFF0000";

/** A connection that is over: its port may have been ours before, towards somebody else. */
const TIME_WAIT = "06";

/** @param table the text of /proc/net/tcp or tcp6 */
export function findOtherEnd(table: string, local: SocketAddress, remote: SocketAddress): number | null {
  const [us, them] = [tableAddress(local), tableAddress(remote)];
  const ends: string[] = [];
  for (const towardsUs of [us, MAPPED + us]) {
    for (const [, localHex = "", , state] of rowsTowards(table, towardsUs)) {
      if (state !== TIME_WAIT) ends.push(localHex);
    }
  }
  const [other] = ends;
  if (other === undefined || ends.some((end) => end === them || end === MAPPED + them)) return null;
  return Number.parseInt(other.slice(other.indexOf(":") + 1), 16) || null;
}

/**
 * The columns of each line with this remote address. Other lines are not taken apart: there may be tens of thousands,
 * and a sweep asks for many connections.
 */
function* rowsTowards(table: string, remote: string): Generator<string[]> {
  const word = ` ${remote} `;
  for (let at = table.indexOf(word), end = 0; at !== -1; at = table.indexOf(word, end)) {
    end = table.indexOf("\n", at);
    if (end === -1) end = table.length;
    const line = table.slice(table.lastIndexOf("\n", at) + 1, end);
    const row = line.trim().split(/\s+/);
    if (row[2] === remote) yield row;
  }
}

/** Neither ever rejects. */
type Reading = { running: Promise<string>; next: Promise<string> | null };

const readings = new Map<string, Reading>();

/**
 * The text of a table as it is from now on. One reading goes on at a time, and whoever asks meanwhile shares the one
 * after it: a sweep asks for hundreds of connections at once, and each reading costs the kernel all of its sockets.
 * Empty where it can't be read here, or is too large: the clue is missing, nothing else.
 */
function tableAt(file: string): Promise<string> {
  const known = readings.get(file);
  if (known !== undefined) {
    known.next ??= known.running.then(() => startReading(file));
    return known.next;
  }
  return startReading(file);
}

function startReading(file: string): Promise<string> {
  const running = readTable(file).catch(() => "");
  const reading: Reading = { running, next: null };
  readings.set(file, reading);
  const ended = (): void => {
    if (reading.next === null) readings.delete(file);
  };
  void running.then(ended);
  return running;
}

/** What is read before whatever else waits gets its turn. */
const TURN_BYTES = 32 * 1024;

/**
 * The kernel gives one page a read. With a turn of the event loop for each, a busy sweep waits most of a second for a
 * table of 200 KB (0.67 s measured, beside 700 connections).
 */
async function readTable(file: string): Promise<string> {
  const handle = await fs.promises.open(file);
  try {
    const page = Buffer.allocUnsafe(TURN_BYTES);
    let text = "";
    while (text.length <= MAX_TABLE_BYTES) {
      for (let turn = 0; turn < TURN_BYTES;) {
        const length = fs.readSync(handle.fd, page);
        if (length === 0) return text;
        text += page.toString("latin1", 0, length);
        turn += length;
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
    return "";
  } finally {
    await handle.close();
  }
}

/** How the table writes an address: 32-bit words in host byte order, a colon, the port. */
function tableAddress({ address, port }: SocketAddress): string {
  const bytes = ipaddr.parse(address.replace(/%.*$/, "")).toByteArray();
  let hex = "";
  for (let word = 0; word < bytes.length; word += 4) {
    for (const byte of bytes.slice(word, word + 4).toReversed()) hex += byte.toString(16).padStart(2, "0");
  }
  return `${hex}:${port.toString(16).padStart(4, "0")}`.toUpperCase();
}
