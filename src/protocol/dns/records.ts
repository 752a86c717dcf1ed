/** The sections of a DNS message: the records that matter here, and what else their owners tell. */
import { Reader } from "../bytes.ts";
import { escaped, passName, readName, utf8 } from "./message.ts";
import type { Message } from "./message.ts";

/** Names are in lower case and without the final dot; the root is ".". */
export type DnsRecord = { owner: string; ttlSeconds: number } & (
  | { type: "SRV"; priority: number; weight: number; port: number; target: string }
  | { type: "A" | "AAAA"; address: string }
  | { type: "CNAME"; target: string }
);

/** RFC 8914. The text is the server's own, controls escaped. */
export type ExtendedError = { code: number; text: string };

/** Records of one answer that are looked at. No KMS zone comes near it. */
export const MAX_RECORDS = 512;

/** Records of the authority section that are looked at: an SOA stands first, or right behind it. */
export const MAX_AUTHORITIES = 4;

/** Extended errors of one answer that are kept, and the bytes of their texts. */
const MAX_ERRORS = 4;
const MAX_ERROR_TEXT = 200;

/** Option code of an extended DNS error. */
const EDE = 15;

export const IN = 1;

export const TYPES: Readonly<Record<number, string>> = {
  1: "A",
  2: "NS",
  5: "CNAME",
  6: "SOA",
  28: "AAAA",
  33: "SRV",
  41: "OPT",
};

/** `soa`, `referral`: owners of the first SOA and NS record; `opt`: what the OPT record says. */
type Section = {
  soa: string | null;
  referral: string | null;
  opt: { udpSize: number; errors: ExtendedError[] } | null;
  records: DnsRecord[];
  extendedRcode: number;
};

/** Reads one section, keeping the types we know of its first `kept` records; the others are passed over by their length. */
export function readSection(message: Message, count: number, kept: number): Section {
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

// eslint-disable-next-line no-control-regex
const CONTROLS = /[\x00-\x1f\x7f-\x9f]/g;

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

/** As RFC 5952 wants it, which is what a URL makes of it. */
function ipv6Text(reader: Reader): string {
  const groups = Array.from({ length: 8 }, () => reader.u16("ADDRESS").toString(16));
  return new URL(`http://[${groups.join(":")}]`).hostname.slice(1, -1);
}

/** The registered name of a number, or `TYPE99` and the like. */
export function nameOf(names: Readonly<Record<number, string>>, value: number, prefix: string): string {
  return names[value] ?? `${prefix}${value}`;
}
