import dgram from "node:dgram";
import net from "node:net";
import { concat } from "../protocol/bytes.ts";
import { errnoOf } from "../errno.ts";
import { answerDns } from "./dns-answer.ts";
import { answerMessages, listen, LOOPBACK } from "./loopback.ts";
import type { Framed, Service, Stop } from "./loopback.ts";
import type { Zone } from "./zone.ts";

/** How often a port that is free for UDP may turn out to be taken for TCP. */
const MAX_TRIES = 20;

/** Starts a name server for one zone on a free port, the same for UDP and TCP as DNS wants it (RFC 7766 5). */
export async function startDnsServer(zone: Zone): Promise<Service> {
  for (let tries = 1; ; tries++) {
    const udp = await openUdp(zone);
    try {
      const tcp = await listen(tcpServer(zone), { address: LOOPBACK, port: udp.port });
      return {
        port: udp.port,
        stop: async () => {
          await Promise.all([udp.stop(), tcp.stop()]);
        },
      };
    } catch (error) {
      await udp.stop();
      // Windows says EACCES for a port that is set aside.
      const taken = ["EADDRINUSE", "EACCES"].includes(errnoOf(error));
      if (!taken || tries >= MAX_TRIES) throw error;
    }
  }
}

function openUdp(zone: Zone): Promise<Service> {
  const socket = dgram.createSocket("udp4");
  const stop: Stop = () => new Promise((stopped) => socket.close(() => stopped()));
  socket.on("message", (message, from) => {
    const answer = answerDns(zone, message, "udp");
    // An asker that has gone is no concern of ours.
    if (answer !== null) socket.send(answer, from.port, from.address, () => {});
  });
  return new Promise((resolve, reject) => {
    socket.on("error", reject);
    socket.bind({ address: LOOPBACK, port: 0 }, () => resolve({ port: socket.address().port, stop }));
  });
}

function tcpServer(zone: Zone): net.Server {
  return net.createServer((socket) => {
    answerMessages(socket, lengthPrefixed, (message) => {
      const answer = answerDns(zone, message.subarray(2), "tcp");
      return answer && concat([Uint8Array.of(answer.length >> 8, answer.length & 0xff), answer]);
    });
  });
}

/** Two bytes of length before each message (RFC 1035 4.2.2), which is cap enough. */
function lengthPrefixed(bytes: Uint8Array): Framed {
  const [high, low] = bytes;
  if (high === undefined || low === undefined) return { state: "incomplete" };
  const length = 2 + high * 256 + low;
  return bytes.length < length ? { state: "incomplete" } : { state: "whole", length };
}
