/**
 * DNS messages as values. The only importer of dns-packet, which throws on bad bytes and allocates by the counts in
 * the header: both are dealt with here.
 */
import { Buffer } from "node:buffer";
import dnsPacket from "dns-packet";
import type { Packet, ResourceRecord } from "dns-packet";
import type { Decoded } from "./bytes.ts";

export type QueryType = "SRV" | "A" | "AAAA";

export type DnsQuestion = { name: string; type: QueryType };

/** Names are in lower case and without the final dot; the root is ".". */
export type DnsRecord = { owner: string; ttlSeconds: number } & (
  | { type: "SRV"; priority: number; weight: number; port: number; target: string }
  | { type: "A" | "AAAA"; address: string }
  | { type: "CNAME"; target: string }
);

export type DnsResponse = {
  id: number;
  /** QR was set and the opcode was QUERY. */
  isResponse: boolean;
  question: { name: string; type: string; class: string } | null;
  truncated: boolean;
  /** IANA name, such as NXDOMAIN; RCODE16 and the like where there is none. */
  rcode: string;
  answers: DnsRecord[];
  additionals: DnsRecord[];
  /** Records beyond `MAX_RECORDS`, cut off. */
  dropped: number;
};

/** What we say we can take over UDP: fits every path without fragments (DNS flag day 2020). */
export const EDNS_UDP_SIZE = 1232;

/** Records of one answer that are looked at. No KMS zone comes near it. */
export const MAX_RECORDS = 512;

const HEADER_LENGTH = 12;
const SHORTEST_QUESTION = 5;
const SHORTEST_RECORD = 11;

const RCODES = [
  "NOERROR",
  "FORMERR",
  "SERVFAIL",
  "NXDOMAIN",
  "NOTIMP",
  "REFUSED",
  "YXDOMAIN",
  "YXRRSET",
  "NXRRSET",
  "NOTAUTH",
  "NOTZONE",
];

/** Lower case, no final dot, "." for the root: how names are compared and kept (RFC 4343). */
export function normalizeName(name: string): string {
  return name === "." ? "." : name.replace(/\.$/, "").toLowerCase();
}

/** Whether a name can be put into a question: labels of 1 to 63 bytes, 253 in all (RFC 1035 2.3.4). */
export function isEncodableName(name: string): boolean {
  const labels = normalizeName(name).split(".");
  return (
    Buffer.byteLength(name) <= 253 &&
    labels.every((label) => label.length > 0 && Buffer.byteLength(label) <= 63)
  );
}

/** Whether a name can be a host's: letters, digits, hyphens and, as Windows allows, underscores (RFC 1123 2.1). */
export function isHostName(name: string): boolean {
  return (
    isEncodableName(name) && /^(?!-)[a-z0-9_-]+(?<!-)(\.(?!-)[a-z0-9_-]+(?<!-))*$/i.test(normalizeName(name))
  );
}

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

/** The transaction id of anything long enough to have one. */
export function messageId(bytes: Uint8Array): number | null {
  const [high, low] = bytes;
  return high === undefined || low === undefined ? null : high * 256 + low;
}

/** Never throws, whatever the bytes; never allocates more than the bytes can hold. */
export function decodeResponse(bytes: Uint8Array): Decoded<DnsResponse> {
  if (bytes.length < HEADER_LENGTH)
    return fault(bytes.length, `cut short: a DNS header has ${HEADER_LENGTH} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const questions = view.getUint16(4);
  const records = view.getUint16(6) + view.getUint16(8) + view.getUint16(10);
  if (HEADER_LENGTH + questions * SHORTEST_QUESTION + records * SHORTEST_RECORD > bytes.length) {
    return fault(
      4,
      `the header counts ${questions} questions and ${records} records, more than ${bytes.length} bytes can hold`,
    );
  }
  let packet: Packet;
  try {
    packet = dnsPacket.decode(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  } catch {
    return fault(HEADER_LENGTH, "a name or record runs past its end");
  }
  const [question] = packet.questions;
  const extended = packet.additionals.find((record) => record.type === "OPT")?.extendedRcode ?? 0;
  const rcode = extended * 16 + (packet.flags & 0xf);
  return {
    ok: true,
    value: {
      id: packet.id,
      isResponse: packet.type === "response" && ((packet.flags >> 11) & 0xf) === 0,
      question:
        packet.questions.length === 1 && question
          ? { name: normalizeName(question.name), type: question.type, class: question.class }
          : null,
      truncated: (packet.flags & 0x0200) !== 0,
      rcode: rcode === 16 ? "BADVERS" : (RCODES[rcode] ?? `RCODE${rcode}`),
      answers: packet.answers.slice(0, MAX_RECORDS).flatMap(toRecord),
      additionals: packet.additionals.slice(0, MAX_RECORDS).flatMap(toRecord),
      dropped: Math.max(0, packet.answers.length - MAX_RECORDS),
    },
  };
}

/** The types we read, checked field by field: dns-packet's values are `unknown` to us. */
function toRecord(record: ResourceRecord): DnsRecord[] {
  const { data } = record;
  const common = { owner: normalizeName(record.name), ttlSeconds: Math.min(record.ttl ?? 0, 0x7fffffff) };
  if (record.class !== "IN") return [];
  if ((record.type === "A" || record.type === "AAAA") && typeof data === "string") {
    return [{ ...common, type: record.type, address: data }];
  }
  if (record.type === "CNAME" && typeof data === "string") {
    return [{ ...common, type: "CNAME", target: normalizeName(data) }];
  }
  if (record.type === "SRV" && isSrvData(data)) {
    const { priority, weight, port, target } = data;
    return [{ ...common, type: "SRV", priority, weight, port, target: normalizeName(target) }];
  }
  return [];
}

type SrvData = { priority: number; weight: number; port: number; target: string };

function isSrvData(data: unknown): data is SrvData {
  return (
    typeof data === "object" &&
    data !== null &&
    "priority" in data &&
    typeof data.priority === "number" &&
    "weight" in data &&
    typeof data.weight === "number" &&
    "port" in data &&
    typeof data.port === "number" &&
    "target" in data &&
    typeof data.target === "string"
  );
}

function fault(at: number, what: string): Decoded<DnsResponse> {
  return { ok: false, fault: { at, what } };
}
