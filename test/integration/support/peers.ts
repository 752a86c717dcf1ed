import { EventEmitter, once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { loopbackAddress } from "../servers/free-port.ts";

/** Where a peer of this file listens. `stop` closes its connections, too. */
export type Peer = { address: string; port: number; stop: () => Promise<void> };

/** A listener that accepts connections, reads what comes, and says nothing; `heard` resolves with the first bytes. */
export async function startSilentPeer(
  address = loopbackAddress(),
): Promise<Peer & { heard: Promise<Buffer> }> {
  const ears = new EventEmitter();
  const heard = once(ears, "heard").then(([bytes]: Buffer[]) => bytes ?? Buffer.alloc(0));
  const peer = await listen(address, (socket) => {
    socket.on("data", (bytes) => ears.emit("heard", bytes));
  });
  return { ...peer, heard };
}

async function listen(address: string, onConnection: (socket: Socket) => void): Promise<Peer> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    onConnection(socket);
  });
  const port = await listening(server, address);
  const stop = (): Promise<void> =>
    new Promise((resolve) => {
      for (const socket of sockets) socket.destroy();
      server.close(() => resolve());
    });
  return { address, port, stop };
}

function listening(server: Server, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port: 0 }, () => {
      const bound = server.address();
      if (typeof bound === "object" && bound !== null) resolve(bound.port);
      else reject(new Error(`no port on ${host}`));
    });
  });
}
