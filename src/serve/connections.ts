/** The connections of those who ask: bounded in number, and nobody who asks for nothing keeps others out. */
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";

type Connection = {
  /** Requests that wait for their answers. */
  asking: number;
  /** When it last began to ask for nothing, in the order of all. */
  idleSince: number;
};

type Answer = { once: (event: "close", listener: () => void) => unknown };

export type Connections = {
  /** A new one. Where there are too many, the one that has asked for nothing for longest is ended; or, where all ask, this one. */
  add: (socket: Socket) => void;
  /** TLS answers by a socket of its own on the one that was added. */
  secure: (socket: Socket) => void;
  /** One asks, until its answer is over. */
  ask: (request: Pick<IncomingMessage, "socket">, response: Answer) => void;
  endAll: () => void;
};

/** @param onCrowded for each that was ended since there were more than `most` */
export function createConnections(most: number, onCrowded: () => void): Connections {
  const open = new Map<Socket, Connection>();
  /** By the socket that asks: the one that was added, or that of TLS. */
  const asked = new WeakMap<Socket, Connection>();
  let order = 0;

  const makeRoom = (newest: Socket): void => {
    let longest: { socket: Socket; idleSince: number } | null = null;
    for (const [socket, { asking, idleSince }] of open)
      if (asking === 0 && socket !== newest && (longest === null || idleSince < longest.idleSince))
        longest = { socket, idleSince };
    const { socket } = longest ?? { socket: newest };
    open.delete(socket);
    onCrowded();
    socket.destroy();
  };
  return {
    add(socket) {
      const connection = { asking: 0, idleSince: (order += 1) };
      open.set(socket, connection);
      asked.set(socket, connection);
      socket.once("close", () => open.delete(socket));
      if (open.size > most) makeRoom(socket);
    },
    secure(socket) {
      const end = endOf(socket);
      for (const [plain, connection] of open) if (endOf(plain) === end) asked.set(socket, connection);
    },
    ask({ socket }, response) {
      const connection = asked.get(socket);
      if (connection === undefined) return;
      connection.asking += 1;
      response.once("close", () => {
        connection.asking -= 1;
        connection.idleSince = order += 1;
      });
    },
    endAll() {
      for (const socket of open.keys()) socket.destroy();
    },
  };
}

/** The same for both sockets of one connection, and for no other connection that is open. */
function endOf({ remoteAddress, remotePort, localAddress }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localAddress}`;
}
