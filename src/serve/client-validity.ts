/** Until when a client is let in by its certificate: a scraper's connection stays open for weeks. */
import type { X509Certificate } from "node:crypto";
import type { Socket } from "node:net";
import { wallClock } from "../run/wall-clock.ts";

/** As a TLSSocket is. */
type Shaken = { getPeerX509Certificate: () => Pick<X509Certificate, "validTo"> | undefined };

export type ClientValidity = {
  /** Of a connection that has just shaken hands, which TLS holds valid at this moment. */
  add: (socket: Shaken) => void;
  /** Whether it is over for the certificate of this connection; never for one without. */
  isOver: (socket: Socket) => boolean;
};

export function createClientValidity(nowMs = (): number => wallClock().ms): ClientValidity {
  const ends = new WeakMap<object, number>();
  return {
    add(socket) {
      const certificate = socket.getPeerX509Certificate();
      if (certificate !== undefined) ends.set(socket, Date.parse(certificate.validTo));
    },
    isOver: (socket) => (ends.get(socket) ?? Infinity) < nowMs(),
  };
}
