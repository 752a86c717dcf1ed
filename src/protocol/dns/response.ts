/**
 * DNS messages as values. dns-packet writes the questions. Answers are read here: that package's reader throws,
 * allocates by the counts in the header, ignores RDLENGTH (an A record cut short is "10.1.undefined.undefined" to it)
 * and follows pointers to pointers for as long as they last (one message of 64 KB took it a second).
 */
import { Buffer } from "node:buffer";
import dnsPacket from "dns-packet";
import { decoding, Reader } from "./bytes.ts";
import type { Decoded } from "./bytes.ts";
import { normalizeName, SPOILS_TEXT } from "./name.ts";

export type QueryType = "SRV" | "A" | "AAAA" | "SOA";

export type DnsQuestion = { name: string; type: QueryType };

/** Names are in lower case and without the final dot; the root is ".". */
export type DnsRecord = { owner: string; ttlSeconds: number } & (
  | { type: "SRV"; priority: number; weight: number; port: number; target: string }
  | { type: "A" | "AAAA"; address: string }
  | { type: "CNAME"; target: string }
);

/** RFC 8914. The text is the server's own, controls escaped. */
export type ExtendedError = { code: number; text: string };

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

/** What we say we can take over UDP: fits every path without fragments (DNS flag day 2020). */
export const EDNS_UDP_SIZE = 1232;

/** Records of one answer that are looked at. No KMS zone comes near it. */
export const MAX_RECORDS = 512;

/** Records of the authority section that are looked at: an SOA stands first, or right behind it. */
const MAX_AUTHORITIES = 4;

/** Extended errors of one answer that are kept, and the bytes of their texts. */
const MAX_ERRORS = 4;
const MAX_ERROR_TEXT = 200;

/** Option code of an extended DNS error. */
const EDE = 15;

/** More than any name needs: it has at most 127 labels, and a pointer for each. */
const MAX_POINTERS = 128;

/**
 * Labels and pointers read in one message. 512 records with 512 addresses take some 7,000; names that lead from label
 * to label through the whole of a message of 64 KB could take it a second of work.
 */
const MAX_NAME_STEPS = 12_288;

/** The top bits of a length byte that is none (RFC 1035 4.1.4). */
const POINTER = 0xc0;

const IN = 1;

const TYPES: Readonly<Record<number, string>> = {
  1: "A",
  2: "NS",
  5: "CNAME",
  6: "SOA",
  28: "AAAA",
  33: "SRV",
  41: "OPT",
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

/** A message being read: its bytes, how far, and how much work its names may still be. */
class Message {
  readonly reader: Reader;
  /** For what pointers lead to. */
  readonly aside: Reader;
  #stepsLeft = MAX_NAME_STEPS;

  constructor(bytes: Uint8Array) {
    this.reader = new Reader(bytes);
    this.aside = new Reader(bytes);
  }

  /** One label or pointer more. */
  step(): void {
    this.#stepsLeft -= 1;
    if (this.#stepsLeft < 0) this.reader.fail(`more than ${MAX_NAME_STEPS} labels and pointers in names`);
  }
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

// eslint-disable-next-line no-control-regex
const CONTROLS = /[\x00-\x1f\x7f-\x9f]/g;

/** What nearly every label is: nothing in it to escape. */
const PLAIN_LABEL = /^[\w-]*$/;

type Section = Pick<DnsResponse, "soa" | "referral" | "opt"> & {
  records: DnsRecord[];
  extendedRcode: number;
};

/** Reads one section, keeping the types we know of its first `kept` records; the others are passed over by their length. */
function readSection(message: Message, count: number, kept: number): Section {
  const { reader } = message;
  const section: Section = { records: [], extendedRcode: 0, soa: null, referral: null, opt: null };
  for (let index = 0; index < count; index++) {
    const owner = index < kept ? readName(message, "owner name") : passName(reader, "owner name");
    const type = nameOf(TYPES, reader.u16("TYPE"), "TYPE");
    const rclass = reader.u16("CLASS");
    const ttl = reader.u32("TTL");
    const length = reader.u16("RDLENGTH");
    if (length > reader.left) reader.fail(`RDLENGTH is ${length}, ${reader.left} bytes are left`);
    const end = reader.at + length;
    // OPT keeps the upper bits of the rcode where others have their TTL, and a size in place of the class.
    if (type === "OPT") {
      section.extendedRcode = ttl >>> 24;
      section.opt ??= { udpSize: rclass, errors: readErrors(reader.take(length, "OPT")) };
      reader.jump(end - length);
    }
    if (type === "SOA" && rclass === IN && index < kept) section.soa ??= owner;
    if (type === "NS" && rclass === IN && index < kept) section.referral ??= owner;
    const common = { owner, ttlSeconds: Math.min(ttl, 0x7fffffff) };
    const record = index < kept && rclass === IN ? readData(message, type, length, common) : null;
    if (record === null) reader.skip(length, "RDATA");
    else section.records.push(record);
    if (reader.at !== end) reader.fail(`RDATA of ${type} doesn't end where RDLENGTH says`);
  }
  return section;
}

/** The extended errors among the options; what is no option ends the list. */
function readErrors(options: Uint8Array): ExtendedError[] {
  const errors: ExtendedError[] = [];
  const reader = new Reader(options);
  reader.order = "big";
  while (reader.left >= 4 && errors.length < MAX_ERRORS) {
    const code = reader.u16("OPTION-CODE");
    const length = reader.u16("OPTION-LENGTH");
    if (length > reader.left) break;
    const end = reader.at + length;
    if (code === EDE && length >= 2) {
      const info = reader.u16("INFO-CODE");
      const text = utf8(reader.take(Math.min(length - 2, MAX_ERROR_TEXT), "EXTRA-TEXT"));
      errors.push({ code: info, text: text.replace(CONTROLS, escaped) });
    }
    reader.jump(end);
  }
  return errors;
}

/** The types we read, or null. What their data takes is compared with RDLENGTH by the caller. */
function readData(
  message: Message,
  type: string,
  length: number,
  common: { owner: string; ttlSeconds: number },
): DnsRecord | null {
  const { reader } = message;
  switch (type) {
    case "A":
      if (length !== 4) return reader.fail(`RDLENGTH of A is ${length}`);
      return { ...common, type, address: reader.take(4, "ADDRESS").join(".") };
    case "AAAA":
      if (length !== 16) return reader.fail(`RDLENGTH of AAAA is ${length}`);
      return { ...common, type, address: ipv6Text(reader) };
    case "CNAME":
      return { ...common, type, target: readName(message, "CNAME") };
    case "SRV": {
      const priority = reader.u16("Priority");
      const weight = reader.u16("Weight");
      const port = reader.u16("Port");
      return { ...common, type, priority, weight, port, target: readName(message, "Target") };
    }
    default:
      return null;
  }
}

/**
 * A name in lower case, its pointers followed (RFC 1035 4.1.4): backwards only, and not for ever. What would spoil
 * the text stands as \DDD, a dot inside a label too (RFC 1035 5.1), so that peers can't put controls into reports.
 */
function readName(message: Message, what: string): string {
  let text = "";
  let { reader } = message;
  let lowest = reader.at;
  let pointers = 0;
  let total = 1;
  for (;;) {
    message.step();
    const length = reader.u8(what);
    if (length === 0) return text === "" ? "." : normalizeName(text);
    if (length >= POINTER) {
      const to = (length - POINTER) * 256 + reader.u8(what);
      pointers += 1;
      if (to >= lowest) return reader.fail(`${what}: a pointer that doesn't lead backwards`);
      if (pointers > MAX_POINTERS) return reader.fail(`${what}: more than ${MAX_POINTERS} pointers`);
      lowest = to;
      reader = message.aside;
      reader.jump(to);
      continue;
    }
    if (length >= 64) return reader.fail(`${what}: a label of unknown type`);
    total += 1 + length;
    if (total > 255) return reader.fail(`${what}: longer than 255 bytes`);
    const read = utf8(reader.take(length, what));
    const label = PLAIN_LABEL.test(read) ? read : read.replace(SPOILS_TEXT, escaped);
    text += text === "" ? label : `.${label}`;
  }
}

/** Past a name without reading it. Its text is not wanted. */
function passName(reader: Reader, what: string): "" {
  for (;;) {
    const length = reader.u8(what);
    if (length === 0) return "";
    if (length >= POINTER) {
      reader.skip(1, what);
      return "";
    }
    if (length >= 64) return reader.fail(`${what}: a label of unknown type`);
    reader.skip(length, what);
  }
}

function utf8(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8");
}

function escaped(character: string): string {
  return `\\${String(character.charCodeAt(0)).padStart(3, "0")}`;
}

/** As RFC 5952 wants it, which is what a URL makes of it. */
function ipv6Text(reader: Reader): string {
  const groups = Array.from({ length: 8 }, () => reader.u16("ADDRESS").toString(16));
  return new URL(`http://[${groups.join(":")}]`).hostname.slice(1, -1);
}

function nameOf(names: Readonly<Record<number, string>>, value: number, prefix: string): string {
  return names[value] ?? `${prefix}${value}`;
}
