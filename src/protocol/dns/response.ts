/**
 * DNS answers as values. They are read here and not by dns-packet: that package's reader throws, allocates by the counts in
 * the header, ignores RDLENGTH (an A record cut short is "10.1.undefined.undefined" to it) and follows pointers to pointers
 * for as long as they last (one message of 64 KB took it a second).
 */
import { decoding } from "../bytes.ts";
import type { Decoded } from "../bytes.ts";
import { Message, readName } from "./message.ts";
import { IN, MAX_AUTHORITIES, MAX_RECORDS, nameOf, readSection, TYPES } from "./records.ts";
import type { DnsRecord, ExtendedError } from "./records.ts";

export type DnsResponse = {
  id: number;
  /** QR was set and the opcode was QUERY. */
  isResponse: boolean;
  question: { name: string; type: string; class: string } | null;
  authoritative: boolean;
  truncated: boolean;
  recursionAvailable: boolean;
  /** Owner of the first SOA record of the authority section: the zone that denies. Null where there is none. */
  soa: string | null;
  /** Owner of the first NS record of the authority section: whose servers it refers to. Null where there is none. */
  referral: string | null;
  /** Owner of the first SOA record of the additional section: BIND names so the policy that made the answer. */
  policy: string | null;
  /** Owner of the first SOA record of the answer section, where that was asked for. */
  zone: string | null;
  /** What the OPT record says; null where there is none. */
  opt: { udpSize: number; errors: ExtendedError[] } | null;
  /** Records in the answer section, by its count. */
  answerCount: number;
  /** IANA name, such as NXDOMAIN; RCODE16 and the like where there is none. */
  rcode: string;
  answers: DnsRecord[];
  additionals: DnsRecord[];
  /** Records beyond `MAX_RECORDS`, cut off. */
  dropped: number;
};

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

/** The transaction id of anything long enough to have one. */
export function messageId(bytes: Uint8Array): number | null {
  const [high, low] = bytes;
  return high === undefined || low === undefined ? null : high * 256 + low;
}

/** Never throws, whatever the bytes; never allocates more than the bytes can hold. */
export function decodeResponse(bytes: Uint8Array): Decoded<DnsResponse> {
  return decoding(() => {
    const message = new Message(bytes);
    const { counts, flags, ...head } = readHead(message);
    const answers = readSection(message, counts.answers, MAX_RECORDS);
    const authorities = readSection(message, counts.authorities, MAX_AUTHORITIES);
    const additionals = readSection(message, counts.additionals, MAX_RECORDS);
    const rcode = additionals.extendedRcode * 16 + (flags & 0xf);
    return {
      ...head,
      soa: authorities.soa,
      referral: authorities.referral,
      policy: additionals.soa,
      zone: answers.soa,
      opt: additionals.opt,
      answerCount: counts.answers,
      rcode: rcode === 16 ? "BADVERS" : nameOf(RCODES, rcode, "RCODE"),
      answers: answers.records,
      additionals: additionals.records,
      dropped: Math.max(0, counts.answers - MAX_RECORDS),
    };
  });
}

/**
 * The header and question alone of an answer that says of itself that it is cut (TC): some servers cut inside a record,
 * and the whole of it is to be had over TCP.
 */
export function decodeCutResponse(bytes: Uint8Array): Decoded<DnsResponse> {
  return decoding(() => {
    const message = new Message(bytes);
    const { counts: _, flags, ...head } = readHead(message);
    if (!head.truncated) return message.reader.fail("TC is not set");
    const rcode = nameOf(RCODES, flags & 0xf, "RCODE");
    const nothing = {
      soa: null,
      referral: null,
      policy: null,
      zone: null,
      opt: null,
      answerCount: 0,
      answers: [],
      additionals: [],
      dropped: 0,
    };
    return { ...head, ...nothing, rcode };
  });
}

type Head = Pick<
  DnsResponse,
  "id" | "isResponse" | "question" | "truncated" | "authoritative" | "recursionAvailable"
> & {
  flags: number;
  counts: { answers: number; authorities: number; additionals: number };
};

function readHead(message: Message): Head {
  const { reader } = message;
  reader.order = "big";
  const id = reader.u16("ID");
  const flags = reader.u16("flags");
  const questionCount = reader.u16("QDCOUNT");
  const answers = reader.u16("ANCOUNT");
  const authorities = reader.u16("NSCOUNT");
  const additionals = reader.u16("ARCOUNT");
  // Nobody asks two at a time (RFC 9619), and nothing of such a message is worth the work.
  if (questionCount > 1) reader.fail(`QDCOUNT is ${questionCount}, one question was asked`);
  let question: DnsResponse["question"] = null;
  if (questionCount === 1) {
    const name = readName(message, "QNAME");
    const type = nameOf(TYPES, reader.u16("QTYPE"), "TYPE");
    const qclass = reader.u16("QCLASS");
    question = { name, type, class: qclass === IN ? "IN" : `CLASS${qclass}` };
  }
  return {
    id,
    isResponse: flags >> 11 === 0x10,
    question,
    truncated: (flags & 0x0200) !== 0,
    authoritative: (flags & 0x0400) !== 0,
    recursionAvailable: (flags & 0x0080) !== 0,
    flags,
    counts: { answers, authorities, additionals },
  };
}
