/** What a DNS server says where it gives no record, in the words of nslookup and Resolve-DnsName. */
import type { Facts } from "../model.ts";

const REFUSALS: readonly (readonly [RegExp, NonNullable<Facts["rcode"]>])[] = [
  [
    /Non-existent domain|Domaine inexistant|Dominio inexistente|DNS name does not exist|DNS_ERROR_RCODE_NAME_ERROR|\bNXDOMAIN\b/i,
    "NXDOMAIN",
  ],
  // Resolve-DnsName in other languages
  [
    /DNS-Name ist nicht vorhanden|nom DNS n['’]existe pas|nombre DNS no existe|nome DNS non esiste|nome DNS não existe|DNS-имя не существует|DNS 名称不存在|DNS 名が存在しません|DNS 이름이 없습니다/i,
    "NXDOMAIN",
  ],
  [/No .{0,60}records? available|DNS_INFO_NO_RECORDS/i, "NODATA"],
  [/Server failed|DNS server failure|DNS_ERROR_RCODE_SERVER_FAILURE|\bSERVFAIL\b/i, "SERVFAIL"],
  [/Query refused|operation refused|DNS_ERROR_RCODE_REFUSED|: REFUSED\b/i, "REFUSED"],
  [
    /DNS request timed out|No response from server|no servers could be reached|timeout period expired|timed[- ]out|ERROR_TIMEOUT/i,
    "TIMEOUT",
  ],
];

/** The response code that a line means; null where it says none. */
export function refusal(text: string): NonNullable<Facts["rcode"]> | null {
  if (text.length > 400) return null;
  return REFUSALS.find(([words]) => words.test(text))?.[1] ?? null;
}
