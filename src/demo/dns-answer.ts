/** From the bytes of a DNS question to the bytes of its answer; sockets are in dns-server.ts. */
import dnsPacket from "dns-packet";
import { concat } from "../protocol/bytes.ts";
import { EDNS_UDP_SIZE } from "../protocol/dns/query.ts";
import { messageId } from "../protocol/dns/response.ts";
import type { DnsRecord } from "../protocol/dns/records.ts";
import { decodeQuery } from "./dns-query.ts";
import type { DnsQuery } from "./dns-query.ts";
import { lookUp } from "./zone.ts";
import type { Zone, ZoneAnswer } from "./zone.ts";

const HEADER_LENGTH = 12;
const CLASS_IN = 1;

const TYPES = new Map([
  [1, "A"],
  [5, "CNAME"],
  [28, "AAAA"],
  [33, "SRV"],
]);

const RCODE = { NOERROR: 0, FORMERR: 1, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5 } as const;

const AUTHORITATIVE = 0x0400;
const TRUNCATED = 0x0200;

/** What every asker can take over UDP (RFC 1035 4.2.1). */
const PLAIN_UDP_SIZE = 512;

type Sections = { answers: object[]; authorities: object[]; additionals: object[] };

const NOTHING: Sections = { answers: [], authorities: [], additionals: [] };

/**
 * Answers one message. Never throws, whatever the bytes.
 *
 * @param transport over UDP, what does not fit the asker's limit is left out: glue without a word, records with TC
 * @returns null for what must not be answered: too short for a header, or a response, lest two servers never stop
 */
export function answerDns(zone: Zone, bytes: Uint8Array, transport: "udp" | "tcp"): Uint8Array | null {
  const id = messageId(bytes);
  if (id === null || bytes.length < HEADER_LENGTH || isResponse(bytes)) return null;
  const decoded = decodeQuery(bytes);
  const repeated = repeatedFlags(bytes);
  if (!decoded.ok) {
    return dnsPacket.encode({ id, type: "response", flags: RCODE.FORMERR | repeated, questions: [] });
  }
  const query = decoded.value;
  const { question, edns } = query;
  const bare = (flags: number, extendedRcode = 0): Uint8Array =>
    encodeAnswer(id, query, { flags: flags | repeated, extendedRcode }, NOTHING);
  if (query.opcode !== 0) return bare(RCODE.NOTIMP);
  // BADVERS is 16: nothing in the header, one in the OPT record (RFC 6891 6.1.3).
  if (edns !== null && edns.version > 0) return bare(RCODE.NOERROR, 1);
  if (question.class !== CLASS_IN) return bare(RCODE.REFUSED);
  const found = lookUp(zone, question.name, TYPES.get(question.type) ?? null);
  const flags = RCODE[found.rcode] | repeated | (found.rcode === "REFUSED" ? 0 : AUTHORITATIVE);
  const limit = transport === "tcp" ? 65535 : udpLimit(edns?.udpSize);
  // Glue goes first, whole targets at a time: without it the answer is as true (RFC 2181 9).
  for (let groups = found.glue.length; groups >= 0; groups--) {
    const whole = encodeAnswer(id, query, { flags, extendedRcode: 0 }, sectionsOf(zone, found, groups));
    if (whole.length <= limit) return whole;
  }
  return bare(flags | TRUNCATED);
}

/** Repeats the question byte by byte, and speaks EDNS to those who do. */
function encodeAnswer(
  id: number,
  query: DnsQuery,
  { flags, extendedRcode }: { flags: number; extendedRcode: number },
  { answers, authorities, additionals }: Sections,
): Uint8Array {
  const message = dnsPacket.encode({
    id,
    type: "response",
    flags,
    questions: [],
    answers,
    authorities,
    additionals: query.edns === null ? additionals : [...additionals, optRecord(extendedRcode)],
  });
  // QDCOUNT. Names are written out in full, so nothing points at what moves.
  message.set([0, 1], 4);
  return concat([message.subarray(0, HEADER_LENGTH), query.question.bytes, message.subarray(HEADER_LENGTH)]);
}

function sectionsOf(zone: Zone, found: ZoneAnswer, groups: number): Sections {
  return {
    answers: found.answers.map(toWire),
    authorities: found.negative ? [soaRecord(zone)] : [],
    additionals: found.glue.slice(0, groups).flat().map(toWire),
  };
}

function toWire(record: DnsRecord): object {
  const common = { name: record.owner, type: record.type, ttl: record.ttlSeconds, class: "IN" };
  switch (record.type) {
    case "SRV": {
      const { priority, weight, port, target } = record;
      return { ...common, data: { priority, weight, port, target } };
    }
    case "A":
    case "AAAA":
      return { ...common, data: record.address };
    case "CNAME":
      return { ...common, data: record.target };
    default:
      return record satisfies never;
  }
}

/** Says how long a negative answer may be kept (RFC 2308 5): not at all. */
function soaRecord({ origin }: Zone): object {
  const data = { mname: origin, rname: `hostmaster.${origin}`, serial: 1, minimum: 0 };
  return { name: origin, type: "SOA", ttl: 0, class: "IN", data };
}

function optRecord(extendedRcode: number): object {
  return { type: "OPT", name: ".", udpPayloadSize: EDNS_UDP_SIZE, extendedRcode, flags: 0, options: [] };
}

function udpLimit(asked = PLAIN_UDP_SIZE): number {
  return Math.min(Math.max(asked, PLAIN_UDP_SIZE), EDNS_UDP_SIZE);
}

/** Opcode and RD: a server gives them back as they came (RFC 1035 4.1.1). */
function repeatedFlags(bytes: Uint8Array): number {
  const [flags = 0] = bytes.subarray(2);
  return (flags & 0x79) << 8;
}

function isResponse(bytes: Uint8Array): boolean {
  const [flags = 0] = bytes.subarray(2);
  return (flags & 0x80) !== 0;
}
