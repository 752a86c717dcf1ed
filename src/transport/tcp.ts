import net from "node:net";
import type { SocketAddress } from "../model/dns.ts";
import { createPollClock } from "./clock.ts";
import type { Clock, PollClock } from "./clock.ts";
import { errnoOf } from "../errno.ts";
import { endBehindHandshake } from "./errno.ts";
import { patience } from "./patience.ts";
import type { StopSignal } from "./stop.ts";

export type ConnectResult =
  | { end: "connected"; connection: Connection; elapsedMs: number }
  | { end: "failed"; errno: string; elapsedMs: number }
  | { end: "silent"; elapsedMs: number }
  | { end: "aborted" };

/** How a wait for bytes ended: what was asked for came, or something else happened first. */
export type ExchangeEnd = "enough" | "limit" | "closed" | "silent" | "aborted" | { errno: string };

export type Exchange = { end: ExchangeEnd; received: Uint8Array; elapsedMs: number };

/**
 * Connects to a literal address. One address, one connection: no name lookup, no happy eyeballs.
 *
 * @param options.localAddress where to connect from; without it the system chooses
 * `elapsedMs` runs from the connect call to the event as this process saw it.
 * @param timeoutMs > 0
 * @returns never rejects; the caller closes the connection, which may have ended by then
 */
export function connect(
  to: SocketAddress,
  options: { timeoutMs: number; signal: StopSignal; clock: Clock; localAddress?: string | undefined },
): Promise<ConnectResult> {
  return new Promise((resolve) => {
    const { clock, signal } = options;
    const pollClock = pollClockOf(clock);
    if (signal.aborted) return resolve({ end: "aborted" });
    const reading = createReading();
    const { socket } = reading;
    let startedMs = clock.nowMs();
    const wait = patience(options.timeoutMs, signal, (why) => {
      socket.destroy();
      resolve(
        why === "aborted" ? { end: "aborted" } : { end: "silent", elapsedMs: clock.nowMs() - startedMs },
      );
    });
    // Emitted right before the system call; connect() itself only queues it.
    socket.once("connectionAttempt", () => (startedMs = clock.nowMs()));
    const elapsed = (): number => Math.max(0, pollClock.nowMs(startedMs) - startedMs);
    socket.once("connect", () => {
      const elapsedMs = elapsed();
      wait.cancel();
      socket.off("error", onError);
      resolve({ end: "connected", connection: new Connection(reading, clock), elapsedMs });
    });
    const onError = (error: Error): void => {
      const elapsedMs = elapsed();
      wait.cancel();
      const errno = errnoOf(error);
      const ended = endBehindHandshake(errno);
      if (ended === null) return resolve({ end: "failed", errno, elapsedMs });
      resolve({ end: "connected", connection: new Connection(reading, clock, ended), elapsedMs });
    };
    // Stays until the connection listens: a late error must have a listener, too.
    socket.on("error", onError);
    try {
      const { localAddress } = options;
      const from = localAddress === undefined ? {} : { localAddress };
      socket.connect({ host: to.address, port: to.port, autoSelectFamily: false, ...from });
    } catch (error) {
      // Node throws for some local limits instead of emitting.
      wait.cancel();
      socket.destroy();
      resolve({ end: "failed", errno: errnoOf(error), elapsedMs: 0 });
    }
  });
}

/** Patience for the connect to ourselves. */
const WARM_UP_MS = 200;

/**
 * Connects to ourselves on loopback once, so that the first real connect is not timed while Node compiles its own
 * code: that costs 1 to 3 ms, more than a LAN's round trip. What goes wrong here shows, and counts, later.
 */
export function warmUp(): Promise<void> {
  return (warm ??= connectToOurselves());
}

/** Compiled code stays compiled: once a process is enough, however often it checks. */
let warm: Promise<void> | null = null;

async function connectToOurselves(): Promise<void> {
  // Elsewhere a port may be bound that somebody listens on.
  if (process.platform !== "linux" || !(await connectToItself())) await connectToListener();
}

/** Ports that no service is given (RFC 6335, 6): one that is taken all the same is no harm. */
const EPHEMERAL = { first: 49_152, count: 16_384 };

/**
 * TCP lets a socket connect to its own port, without a listener: for one Node would load its cluster, and all that
 * cluster needs, which costs more than the connect.
 *
 * @returns whether that was possible
 */
function connectToItself(): Promise<boolean> {
  return new Promise((resolve) => {
    const port = EPHEMERAL.first + Math.floor(Math.random() * EPHEMERAL.count);
    const to = {
      host: "127.0.0.1",
      port,
      localAddress: "127.0.0.1",
      localPort: port,
      autoSelectFamily: false,
    };
    let connected = false;
    const socket = net.connect(to, () => {
      connected = true;
      socket.end();
    });
    socket.setTimeout(WARM_UP_MS, () => socket.destroy());
    socket.once("close", () => resolve(connected)).once("error", () => {});
    socket.resume();
  });
}

function connectToListener(): Promise<void> {
  return new Promise((resolve) => {
    const server = net.createServer((peer) => peer.end());
    const done = (): void => {
      server.close();
      resolve();
    };
    server.once("error", done);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      if (typeof address !== "object" || address === null) return done();
      const socket = net.connect({ host: "127.0.0.1", port: address.port, autoSelectFamily: false });
      // A machine that filters its own loopback must not keep us for the minutes a connect may take.
      socket.setTimeout(WARM_UP_MS, () => socket.destroy());
      socket.once("close", done).once("error", () => {});
      socket.resume();
    });
  });
}

const pollClocks = new WeakMap<Clock, PollClock>();

/** One for each clock: the turns of the event loop are the same for all connections. */
function pollClockOf(clock: Clock): PollClock {
  const known = pollClocks.get(clock) ?? createPollClock(clock);
  pollClocks.set(clock, known);
  return known;
}

/** A socket whose bytes go to `take`, which copies what it keeps, and says whether it wants more. */
export type Reading = { readonly socket: net.Socket; take: (bytes: Uint8Array) => boolean };

/** Into this all sockets read: Node would take 64 KB anew for each read, of which an answer fills 100 bytes. */
const READ_INTO = new Uint8Array(65_536);

export function createReading(): Reading {
  const callback = (length: number): boolean => reading.take(READ_INTO.subarray(0, length));
  const options: net.SocketConstructorOpts & net.ConnectOpts = { onread: { buffer: READ_INTO, callback } };
  const reading: Reading = { socket: new net.Socket(options), take: () => false };
  return reading;
}

const NOTHING: Uint8Array = new Uint8Array(0);

/** An open connection that reads only while an exchange is waiting: a flooding peer meets a closed window. */
export class Connection {
  readonly local: SocketAddress;
  readonly #socket: net.Socket;
  readonly #clock: Clock;
  #pending = NOTHING;
  #ended: "closed" | { errno: string } | null;
  /** Set while an exchange waits. */
  #wake: (() => void) | null = null;
  #reads = false;
  readonly #pollClock: PollClock;
  /** When the exchange began that waits for bytes. */
  #askedMs = 0;
  /** When the latest bytes came. */
  #heardMs = 0;

  /** @param ended how it had ended before it was seen to be there; such a one has forgotten its own ends */
  constructor(reading: Reading, clock: Clock, ended: "closed" | { errno: string } | null = null) {
    const { socket } = reading;
    this.#ended = ended;
    this.#socket = socket;
    this.#clock = clock;
    this.#pollClock = pollClockOf(clock);
    this.local = { address: socket.localAddress ?? "", port: socket.localPort ?? 0 };
    socket.pause();
    reading.take = (bytes) => {
      this.#heardMs = this.#pollClock.nowMs(this.#askedMs);
      this.#pending = this.#pending.length === 0 ? bytes.slice() : Buffer.concat([this.#pending, bytes]);
      this.#reads = this.#wake !== null;
      this.#wake?.();
      return this.#reads;
    };
    socket.on("end", () => this.#finish("closed"));
    socket.on("error", (error) => this.#finish({ errno: errnoOf(error) }));
    socket.on("close", () => this.#finish("closed"));
  }

  /** How the peer or the path has ended it, as far as is seen by now. */
  get ended(): "closed" | { errno: string } | null {
    return this.#ended;
  }

  /** The other end as the kernel has it, as long as the connection is open: few want to know it. */
  get remote(): SocketAddress {
    return { address: this.#socket.remoteAddress ?? "", port: this.#socket.remotePort ?? 0 };
  }

  /**
   * Writes `bytes` in one write, then reads until `enough` says how many bytes make the answer.
   *
   * @param enough how many of the bytes so far make the answer, or null while more are needed
   * @param limit how many bytes are kept at the most before it ends with "limit"
   * @returns what came before the end is kept, also before a reset; never rejects
   */
  exchange(
    bytes: Uint8Array,
    options: {
      enough: (received: Uint8Array) => number | null;
      limit: number;
      timeoutMs: number;
      signal: StopSignal;
      /** Writes in two segments, the second this much later: for the ladder alone, since some servers break on it. */
      split?: { at: number; pauseMs: number };
    },
  ): Promise<Exchange> {
    return new Promise((resolve) => {
      const startedMs = this.#clock.nowMs();
      this.#askedMs = startedMs;
      const finish = (end: ExchangeEnd, length: number): void => {
        wait.cancel();
        this.#wake = null;
        const whole = length === this.#pending.length;
        const received = whole ? this.#pending : this.#pending.slice(0, length);
        this.#pending = whole ? NOTHING : this.#pending.slice(length);
        const endedMs = end === "enough" ? this.#heardMs : this.#clock.nowMs();
        resolve({ end, received, elapsedMs: Math.max(0, endedMs - startedMs) });
      };
      const look = (): void => {
        const length = options.enough(this.#pending);
        if (length !== null) finish("enough", length);
        else if (this.#pending.length >= options.limit) finish("limit", options.limit);
        else if (this.#ended !== null) finish(this.#ended, this.#pending.length);
      };
      const wait = patience(options.timeoutMs, options.signal, (why) => finish(why, this.#pending.length));
      this.#wake = look;
      if (this.#ended === null) {
        const { split } = options;
        if (bytes.length > 0) this.#socket.write(split ? bytes.subarray(0, split.at) : bytes);
        if (split) {
          // Whatever else is sent follows an answer: there is nothing that Nagle's algorithm could hold back.
          this.#socket.setNoDelay(true);
          setTimeout(
            () => this.#socket.writable && this.#socket.write(bytes.subarray(split.at)),
            split.pauseMs,
          );
        }
        if (!this.#reads) {
          this.#reads = true;
          this.#socket.resume();
        }
      }
      look();
    });
  }

  /** Goes on reading for at most `timeoutMs`: a service in another language may not have finished its sentence. */
  linger(timeoutMs: number, limit: number, signal: StopSignal): Promise<Exchange> {
    return this.exchange(NOTHING, { enough: () => null, limit, timeoutMs, signal });
  }

  close(): void {
    this.#socket.destroy();
  }

  #finish(end: "closed" | { errno: string }): void {
    // A reset after a FIN adds nothing; an error is followed by "close", which must not hide it.
    this.#ended ??= end;
    this.#wake?.();
  }
}
