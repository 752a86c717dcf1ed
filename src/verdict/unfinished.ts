import type { SrvRecord } from "../model/dns.ts";

/** What dnsmasq (2.90) makes of `srv-host=NAME,HOST`. Nobody else publishes all four of these. */
export function isUnfinished({
  priority,
  weight,
  port,
  ttlSeconds,
}: Pick<SrvRecord, "priority" | "weight" | "port" | "ttlSeconds">): boolean {
  return port === 1 && ttlSeconds === 0 && priority === 0 && weight === 0;
}
