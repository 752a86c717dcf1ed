import { connect } from "node:net";

/** Whether something accepts TCP connections there: the sign that a server without a "ready" line is up. */
export function accepts(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port });
    socket.setTimeout(1_000, () => finish(false));
    socket.once("connect", () => finish(true));
    socket.once("error", () => finish(false));
    const finish = (open: boolean): void => {
      socket.destroy();
      resolve(open);
    };
  });
}

/** Sends bytes and gives back the first bytes that come, or null when nothing came before `timeoutMs`. */
export function firstAnswer(
  address: string,
  port: number,
  bytes: Uint8Array,
  timeoutMs: number,
): Promise<Uint8Array | null> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port }, () => socket.write(bytes));
    socket.setTimeout(timeoutMs, () => finish(null));
    socket.once("data", (data) => finish(data));
    socket.once("error", () => finish(null));
    socket.once("end", () => finish(null));
    const finish = (answer: Uint8Array | null): void => {
      socket.destroy();
      resolve(answer);
    };
  });
}
