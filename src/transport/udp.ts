import dgram from "node:dgram";
import type { SocketAddress } from "../model/dns.ts";
import type { Clock } from "./clock.ts";
import { errnoOf } from "../errno.ts";
import { patience } from "./patience.ts";
import type { StopSignal } from "./stop.ts";
import { ipFamily } from "../protocol/ip.ts";

export type DatagramResult = { tries: number; fromElsewhere: number; elapsedMs: number } & (
  | { end: "answered"; bytes: Uint8Array }
  | { end: "failed"; errno: string }
  | { end: "silent" }
  | { end: "aborted" }
);

/** Linux gives a datagram to the connected socket of a port if it is from its peer, otherwise to the other one. */
const SHARES_PORTS = process.platform === "linux";

/**
 * Local ports of the exchanges in flight. Among sockets that share ports Linux gives one port out several times (66 of
 * 2000, seen on 6.18), and an answer then goes to the other exchange.
 */
const portsInFlight = new Set<number>();

/** Datagrams looked at for one question. A flood beyond that is not listened to. */
const MAX_DATAGRAMS = 256;

/**
 * Sends one datagram and waits for an answer that `accept` takes, sending again after each of `waitsMs`.
 *
 * The socket is connected, from a port the system picks at random: so an ICMP error is seen, and the kernel hands it
 * datagrams of that peer only. What others send to our port is counted by a second, deaf socket (Linux only; other
 * kernels drop it uncounted).
 * @param options.last what to send in place of `bytes` at the last try
 * @param options.localAddress where to send from; without it the system chooses
 * @param options.accept false for a datagram that is not the answer; waiting goes on
 * @returns never rejects
 */
export async function exchangeDatagrams(
  to: SocketAddress,
  bytes: Uint8Array,
  options: {
    waitsMs: readonly number[];
    signal: StopSignal;
    clock: Clock;
    accept: (bytes: Uint8Array) => boolean;
    last?: Uint8Array | undefined;
    localAddress?: string | undefined;
  },
): Promise<DatagramResult> {
  const startedMs = options.clock.nowMs();
  const seen = { tries: 0, fromElsewhere: 0 };
  const sum = (): { tries: number; fromElsewhere: number; elapsedMs: number } => ({
    ...seen,
    elapsedMs: options.clock.nowMs() - startedMs,
  });
  if (options.signal.aborted) return { ...sum(), end: "aborted" };
  const opened = await openPair(to, options.localAddress);
  if ("errno" in opened) return { ...sum(), end: "failed", errno: opened.errno };
  const { socket, deaf } = opened;
  deaf?.on("message", () => {
    seen.fromElsewhere += 1;
    if (seen.fromElsewhere >= MAX_DATAGRAMS) deaf.removeAllListeners("message");
  });
  const outcome = await new Promise<DatagramResult>((resolve) => {
    let datagrams = 0;
    let wait = { cancel: (): void => {} };
    let lastErrno: string | null = null;
    const finish = (result: DatagramResult): void => {
      wait.cancel();
      resolve(result);
    };
    const send = (): void => {
      const waitMs = options.waitsMs[seen.tries];
      if (waitMs === undefined) return finish({ ...sum(), end: "silent" });
      seen.tries += 1;
      wait.cancel();
      wait = patience(waitMs, options.signal, (why) => {
        if (why === "aborted") finish({ ...sum(), end: "aborted" });
        else send();
      });
      const isLast = seen.tries === options.waitsMs.length;
      socket.send(isLast ? (options.last ?? bytes) : bytes, (error) => {
        if (error) failed(errnoOf(error));
      });
    };
    // An ICMP error ends the question only when it comes twice: one may be stale, or forged.
    const failed = (errno: string): void => {
      if (lastErrno !== null || seen.tries >= options.waitsMs.length)
        finish({ ...sum(), end: "failed", errno });
      else {
        lastErrno = errno;
        send();
      }
    };
    socket.on("error", (error) => failed(errnoOf(error)));
    socket.on("message", (message) => {
      datagrams += 1;
      if (datagrams > MAX_DATAGRAMS) return;
      if (options.accept(message)) finish({ ...sum(), end: "answered", bytes: message });
    });
    send();
  });
  portsInFlight.delete(opened.port);
  for (const each of [socket, deaf]) each?.removeAllListeners("message").close();
  // A late ICMP error on a closing socket must not become an exception.
  socket.on("error", () => {});
  return outcome;
}

/**
 * The local address that this machine's routing table picks for a destination, or the errno it answers with.
 * Connecting a UDP socket looks the route up and sends nothing.
 */
export async function localAddressTowards(
  to: SocketAddress,
  localAddress?: string,
): Promise<{ address: string } | { errno: string }> {
  const opened = await openConnected(to, localAddress);
  if ("errno" in opened) return opened;
  const { address } = opened.socket.address();
  opened.socket.close();
  return { address };
}

type Pair = { socket: dgram.Socket; deaf: dgram.Socket | null; port: number };

async function openPair(to: SocketAddress, from: string | undefined): Promise<Pair | { errno: string }> {
  if (!SHARES_PORTS) {
    const opened = await openConnected(to, from);
    return "errno" in opened ? opened : { ...opened, deaf: null, port: opened.socket.address().port };
  }
  const deaf = await openBound(to, from, 0);
  if ("errno" in deaf) return deaf;
  const { port } = deaf.socket.address();
  if (portsInFlight.has(port)) {
    // Held until the next one is there, which so gets another.
    const pair = await openPair(to, from);
    deaf.socket.close();
    return pair;
  }
  portsInFlight.add(port);
  const opened = await openConnected(to, from, port);
  if ("errno" in opened) {
    portsInFlight.delete(port);
    deaf.socket.close();
    return opened;
  }
  return { socket: opened.socket, deaf: deaf.socket, port };
}

async function openConnected(
  to: SocketAddress,
  from: string | undefined,
  port = 0,
): Promise<{ socket: dgram.Socket } | { errno: string }> {
  const bound = await openBound(to, from, port);
  if ("errno" in bound) return bound;
  const { socket } = bound;
  return await new Promise((resolve) => {
    // The callback gets the error, which its published type leaves out.
    socket.connect(to.port, to.address, (...[error]: unknown[]) => {
      if (!error) return resolve({ socket });
      socket.close();
      return resolve({ errno: errnoOf(error) });
    });
  });
}

function openBound(
  to: SocketAddress,
  from: string | undefined,
  port: number,
): Promise<{ socket: dgram.Socket } | { errno: string }> {
  return new Promise((resolve) => {
    const socket = dgram.createSocket({
      type: ipFamily(to.address) === 6 ? "udp6" : "udp4",
      reuseAddr: SHARES_PORTS,
    });
    socket.once("error", (error) => {
      resolve({ errno: errnoOf(error) });
      socket.close();
    });
    socket.bind({ port, ...(from === undefined ? {} : { address: from }) }, () => {
      socket.removeAllListeners("error");
      // Between now and the exchange's own listener.
      socket.on("error", () => {});
      resolve({ socket });
    });
  });
}
