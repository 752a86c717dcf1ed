/** A DNS question as bytes; dns-packet writes it. */
import dnsPacket from "dns-packet";

export type QueryType = "SRV" | "A" | "AAAA" | "SOA";

export type DnsQuestion = { name: string; type: QueryType };

/** What we say we can take over UDP: fits every path without fragments (DNS flag day 2020). */
export const EDNS_UDP_SIZE = 1232;

/** @param question its name must satisfy `isEncodableName` */
export function encodeQuery(question: DnsQuestion, id: number, edns: boolean): Uint8Array {
  return dnsPacket.encode({
    id,
    type: "query",
    flags: dnsPacket.RECURSION_DESIRED,
    questions: [{ name: question.name, type: question.type, class: "IN" }],
    additionals: edns
      ? [{ type: "OPT", name: ".", udpPayloadSize: EDNS_UDP_SIZE, flags: 0, options: [] }]
      : [],
  });
}
