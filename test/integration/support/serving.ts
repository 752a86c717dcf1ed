import { createServer, type Socket } from "node:net";
import { onTestFinished } from "vitest";
import {
  KMS_UUID,
  reply,
  resultPdu,
  srvRecord,
  startDnsPeer,
  startTcpPeer,
  type TcpPeer,
  type TcpScript,
} from "../scripted/peers.ts";
import { loopbackAddress } from "../servers/free-port.ts";

/** Answers as a Windows host does: NDR64 taken, feature bits granted, other interfaces rejected. */
export const SERVING: TcpScript = {
  pdu: (pdu, socket) => {
    const known = pdu.contexts[0]?.abstract === KMS_UUID;
    if (pdu.ptype === 14) socket.write(resultPdu(pdu, [known ? "0/0" : "2/1"], { ptype: 15 }));
    else socket.write(resultPdu(pdu, pdu.contexts.length === 1 ? ["0/0"] : ["2/2", "0/0", "3/3"]));
  },
};

/** A peer for this test only; without a script it serves. */
export async function peer(script: TcpScript = SERVING): Promise<TcpPeer> {
  const started = await startTcpPeer(script);
  onTestFinished(() => started.stop());
  return started;
}

export function placeOf({ address, port }: { address: string; port: number }): string {
  return `${address}:${port}`;
}

/** A listener on another address, at the same port, which accepts and says nothing. */
export async function silentBeside({ port }: { port: number }): Promise<string> {
  const address = loopbackAddress();
  const sockets: Socket[] = [];
  const server = createServer((socket) => void sockets.push(socket.on("error", () => {})));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen({ host: address, port }, resolve);
  });
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return address;
}

/** A resolver that lists one host of a domain, with these addresses. */
export async function resolverOf(
  domain: string,
  host: { name: string; port: number; addresses: readonly string[] },
): Promise<string> {
  const { name, port, addresses } = host;
  const dns = await startDnsPeer({
    udp: (query, send) => {
      const srv = query.type === "SRV" && query.name === `_vlmcs._tcp.${domain}`;
      const a = query.type === "A" && query.name === name;
      const answers = [
        ...(srv ? [srvRecord(query.name, name, { port })] : []),
        ...(a ? addresses.map((data) => ({ name, type: "A", ttl: 600, data })) : []),
      ];
      send(reply(query, { answers }));
    },
  });
  onTestFinished(() => dns.stop());
  return placeOf(dns.resolver);
}
