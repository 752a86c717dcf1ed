import net from "node:net";

/**
 * 4 or 6 for an IP address in text, 0 for anything else. The same as `net.isIP`, which compiles a large expression
 * for IPv6 at its first use: several milliseconds that most runs need not spend.
 */
export function ipFamily(text: string): 4 | 6 | 0 {
  const colon = text.indexOf(":");
  if (colon === -1) return net.isIPv4(text) ? 4 : 0;
  // One colon is that before a port.
  return text.includes(":", colon + 1) && net.isIPv6(text) ? 6 : 0;
}
