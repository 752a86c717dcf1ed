import { onTestFinished } from "vitest";
import { KMS_UUID, resultPdu, startTcpPeer, type TcpPeer, type TcpScript } from "../scripted/peers.ts";

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
