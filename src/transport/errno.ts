/** Something ran out here: it says nothing of any route or address. */
const EXHAUSTED = new Set(["EMFILE", "ENFILE", "ENOBUFS", "ENOMEM"]);

/**
 * Errnos that our own machine raises before anything is on the wire: no descriptors, no buffers, no port, no
 * address of that family, a local filter, a blackhole route. They say nothing of the peer.
 *
 * Not here: EACCES, ENETUNREACH and EHOSTUNREACH, which an ICMP message from the path raises as well (measured on
 * Linux 6.18, Node 20.20); the attempt's `routeErrno` tells those apart.
 */
const OURS = new Set([...EXHAUSTED, "EADDRNOTAVAIL", "EADDRINUSE", "EAFNOSUPPORT", "EPERM", "EINVAL"]);

/** Whether this machine ran out of something, and may have it again later. */
export function isExhausted(errno: string): boolean {
  return EXHAUSTED.has(errno);
}

/** Whether it was raised before anything was on the wire. */
export function isOurs(errno: string): boolean {
  return OURS.has(errno);
}

/**
 * How a connection had ended that a connect with this errno made; null where it made none.
 *
 * A reset before the handshake is told as ECONNREFUSED (Linux, BSD, macOS, Windows). So ECONNRESET is one of a
 * connection that stood, and EPIPE one that came behind the peer's FIN (Linux): both were there before the connect was
 * seen to succeed, which is chance: 70 of 100 connects to a peer that resets at once end so on loopback.
 */
export function endBehindHandshake(errno: string): "closed" | { errno: string } | null {
  if (errno === "EPIPE") return "closed";
  return errno === "ECONNRESET" ? { errno } : null;
}
