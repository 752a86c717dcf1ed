/** Thirty peers that behave in ways of their own: a runtime that sees one of them otherwise tells another verdict. */
import type { Socket } from "node:net";
import { bindNakPdu, drip, faultPdu, resultPdu } from "../integration/scripted/peers.ts";
import type { SeenPdu, TcpScript } from "../integration/scripted/peers.ts";
import { SERVING } from "../integration/support/serving.ts";

type Answer = (pdu: SeenPdu, socket: Socket) => void;

const serve: Answer = SERVING.pdu ?? (() => {});

/** Answers the first PDU of a connection in one way, and what follows as a host that serves. */
const toBind = (answer: Answer): TcpScript => ({
  pdu: (pdu, socket) => (pdu.ptype === 11 ? answer : serve)(pdu, socket),
});

const results = (...each: string[]): TcpScript =>
  toBind((pdu, socket) => socket.write(resultPdu(pdu, each.slice(0, Math.max(1, pdu.contexts.length)))));

const said = (text: string): TcpScript => ({ connected: (socket) => socket.write(text) });

const answered = (bytes: Uint8Array | string, andThen: (socket: Socket) => void = () => {}): TcpScript =>
  toBind((_, socket) => {
    socket.write(bytes);
    andThen(socket);
  });

export const PEERS: Readonly<Record<string, TcpScript>> = {
  serves: SERVING,
  "serves, byte by byte": toBind(
    (pdu, socket) =>
      void drip(socket, resultPdu(pdu, ["2/2", "0/0", "3/3"].slice(0, pdu.contexts.length)), 1),
  ),
  "serves, in two halves": toBind(
    (pdu, socket) =>
      void drip(socket, resultPdu(pdu, ["2/2", "0/0", "3/3"].slice(0, pdu.contexts.length)), 40, 20),
  ),
  "serves NDR alone": toBind((pdu, socket) =>
    socket.write(resultPdu(pdu, pdu.contexts.length === 3 ? ["0/0", "2/2", "2/2"] : ["0/0"])),
  ),
  "knows another interface": results("2/1", "2/1", "2/1"),
  "takes no syntax": results("2/2", "2/2", "2/2"),
  "has no reason": results("2/0", "2/0", "2/0"),
  "is at its limit": results("2/3", "2/3", "2/3"),
  "gives a result of its own": results("7/9", "7/9", "7/9"),
  "answers for no context": toBind((pdu, socket) => socket.write(resultPdu(pdu, []))),
  "accepts everything": {
    pdu: (pdu, socket) =>
      socket.write(
        resultPdu(
          pdu,
          pdu.contexts.map(() => "0/0"),
          { ptype: pdu.ptype === 14 ? 15 : 12 },
        ),
      ),
  },
  "naks: no reason": toBind((pdu, socket) => socket.write(bindNakPdu(pdu, 0))),
  "naks: congestion": toBind((pdu, socket) => socket.write(bindNakPdu(pdu, 1))),
  "naks: limit": toBind((pdu, socket) => socket.write(bindNakPdu(pdu, 2))),
  "naks: version": toBind((pdu, socket) => socket.write(bindNakPdu(pdu, 4))),
  "naks: authentication": toBind((pdu, socket) => socket.write(bindNakPdu(pdu, 8))),
  "faults: access denied": toBind((pdu, socket) => socket.write(faultPdu(pdu, 5))),
  "faults: server too busy": toBind((pdu, socket) => socket.write(faultPdu(pdu, 0x1c010014))),
  "answers another call": toBind((pdu, socket) =>
    socket.write(resultPdu({ callId: pdu.callId + 1 }, ["0/0"])),
  ),
  "ends after the header": toBind((pdu, socket) =>
    socket.end(resultPdu(pdu, ["0/0", "0/0", "0/0"]).subarray(0, 16)),
  ),
  "ends within the answer": toBind((pdu, socket) =>
    socket.end(resultPdu(pdu, ["0/0", "0/0", "0/0"]).subarray(0, 40)),
  ),
  "is a web server": answered(
    "HTTP/1.1 400 Bad Request\r\nServer: scripted\r\nConnection: close\r\n\r\n",
    (socket) => socket.end(),
  ),
  "is a TLS server": answered(Buffer.of(21, 3, 3, 0, 2, 2, 10), (socket) => socket.end()),
  "is an SSH server": said("SSH-2.0-scripted\r\n"),
  "is a mail server": said("220 mail.scripted.test ESMTP\r\n"),
  "says noise": answered(Buffer.alloc(300, 0xa5)),
  "says zeros": answered(Buffer.alloc(64)),
  "closes at the bind": toBind((_, socket) => socket.end()),
  "resets at the bind": toBind((_, socket) => socket.resetAndDestroy()),
  "closes at once": { connected: (socket) => socket.end() },
  "says nothing": {},
};
