/** Libraries that take connect() over and make the connection by a SOCKS or HTTP proxy. */
const PROXIES = /proxychains|tsocks|torsocks|dsocks|libsocks|graftcp|proxybound|runsocks/i;

/**
 * The library in LD_PRELOAD that makes this program's connections by a proxy, or null. Every failure of one is
 * ECONNREFUSED, and connect() of a non-blocking socket blocks until the proxy has answered (proxychains4 4.16).
 */
export function preloadedProxy(environment: NodeJS.ProcessEnv = process.env): string | null {
  // Of a process whose variables nobody changes, what was read once holds.
  if (environment !== process.env) return proxyIn(environment);
  if (own === undefined) own = proxyIn(environment);
  return own;
}

let own: string | null | undefined;

function proxyIn(environment: NodeJS.ProcessEnv): string | null {
  const libraries = (environment["LD_PRELOAD"] ?? "").split(/[\s:]+/);
  const found = libraries.find((library) => PROXIES.test(library));
  return found === undefined ? null : found.slice(found.lastIndexOf("/") + 1);
}
