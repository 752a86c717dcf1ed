import { equal } from "./bytes.ts";

/** What a service that doesn't speak DCE/RPC might be, from its first bytes. A hint, never a verdict. */
export type Guess =
  | "http"
  | "tls"
  | "ssh"
  | "smtp-or-ftp"
  | "smb"
  | "rdp"
  | "telnet"
  | "mysql"
  | "echo"
  | "text"
  | "dcerpc"
  | "unknown";

const ascii = (bytes: Uint8Array): string => String.fromCharCode(...bytes.subarray(0, 64));

/** @param sent what we wrote on that connection: an echo service gives it back. */
export function guessProtocol(received: Uint8Array, sent: Uint8Array): Guess {
  const text = ascii(received);
  const [first, second] = received;
  // Up to the PTYPE every PDU begins alike.
  if (received.length > 2 && equal(received, sent.subarray(0, received.length))) return "echo";
  if (/^HTTP\/\d/.test(text) || /^\s*<(?:!doctype|html)/i.test(text)) return "http";
  if (text.startsWith("SSH-")) return "ssh";
  if (/^\d{3}[ -]/.test(text)) return "smtp-or-ftp";
  // A TLS record: alert or handshake, then a version 3.x (RFC 8446 5.1).
  if ((first === 0x15 || first === 0x16) && second === 3) return "tls";
  if (text.slice(4, 8) === "\xffSMB" || text.slice(4, 8) === "\xfeSMB") return "smb";
  // TPKT (RFC 1006), which carries RDP.
  if (first === 3 && second === 0) return "rdp";
  // IAC and one of WILL, WON'T, DO, DON'T (RFC 854).
  if (first === 0xff && second !== undefined && second >= 0xfb && second <= 0xfe) return "telnet";
  // A greeting packet: length, sequence number 0, protocol 10.
  if (received.length > 5 && received[3] === 0 && received[4] === 10 && /^\d/.test(text.slice(5)))
    return "mysql";
  // Its first byte alone is still the beginning of an answer.
  if (first === 5 && (second === undefined || second === 0 || second === 1)) return "dcerpc";
  if (
    received.length > 0 &&
    received
      .subarray(0, 32)
      .every((byte) => (byte >= 0x20 && byte < 0x7f) || byte === 9 || byte === 10 || byte === 13)
  ) {
    return "text";
  }
  return "unknown";
}
