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

/**
 * The same address with an IPv4 tail (`::10.20.0.5`) in hexadecimal (`::a14:5`). ipaddr.js takes one behind `::` alone
 * for IPv4 mapped into IPv6, which is another host.
 */
export function withHexTail(address: string): string {
  if (!address.includes(".") || !address.includes(":")) return address;
  return address.replace(/:(\d+)\.(\d+)\.(\d+)\.(\d+)(?=[%/]|$)/, (_all, ...parts: string[]) => {
    const [a = 0, b = 0, c = 0, d = 0] = parts.slice(0, 4).map(Number);
    return `:${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
  });
}
