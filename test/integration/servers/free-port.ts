import { createSocket } from "node:dgram";
import { createServer } from "node:net";

/**
 * Below the range the kernel takes outgoing ports from (32768 and up on Linux): a port found free here is not
 * given to some client's connection before the server binds it.
 */
const FIRST = 20_000;
const LAST = 32_000;

/** A loopback address of its own for one server, so that tests running side by side do not meet. */
export function loopbackAddress(): string {
  return `127.71.${between(1, 254)}.${between(1, 254)}`;
}

/** A port that is free for TCP and for UDP on every address given. */
export async function freePort(...addresses: readonly string[]): Promise<number> {
  for (let tries = 0; tries < 100; tries += 1) {
    const port = between(FIRST, LAST);
    const checks = addresses.flatMap((address) => [tcpIsFree(address, port), udpIsFree(address, port)]);
    if ((await Promise.all(checks)).every((free) => free)) return port;
  }
  throw new Error(`no free port between ${FIRST} and ${LAST} on ${addresses.join(", ")}`);
}

/** `ADDRESS:PORT` where nothing listens: whatever looks at it is refused, and over at once. */
export async function refusedPlace(): Promise<string> {
  const address = loopbackAddress();
  return `${address}:${await freePort(address)}`;
}

function between(low: number, high: number): number {
  return low + Math.floor(Math.random() * (high - low + 1));
}

function tcpIsFree(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ host: address, port }, () => server.close(() => resolve(true)));
  });
}

function udpIsFree(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket(address.includes(":") ? "udp6" : "udp4");
    socket.once("error", () => {
      socket.close();
      resolve(false);
    });
    socket.bind({ address, port }, () => socket.close(() => resolve(true)));
  });
}
