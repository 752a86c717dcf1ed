import { decoding, Reader } from "../protocol/bytes.ts";
import type { Decoded } from "../protocol/bytes.ts";

/** A question as a name server reads it. */
export type DnsQuery = {
  opcode: number;
  question: {
    /** As it came, in the asker's own letters: the answer repeats it. */
    bytes: Uint8Array;
    name: string;
    type: number;
    class: number;
  };
  /** What the asker takes over UDP, where it speaks EDNS (RFC 6891 6.1.2). */
  edns: { udpSize: number; version: number } | null;
};

const TYPE_OPT = 41;

/** Reads a message with one question; never throws. */
export function decodeQuery(bytes: Uint8Array): Decoded<DnsQuery> {
  return decoding(() => {
    const reader = new Reader(bytes);
    reader.order = "big";
    reader.skip(2, "ID");
    const flags = reader.u16("flags");
    const questions = reader.u16("QDCOUNT");
    const records = reader.u16("ANCOUNT") + reader.u16("NSCOUNT");
    const additionals = reader.u16("ARCOUNT");
    if (questions !== 1 || records > 0)
      reader.fail(`${questions} questions and ${records} records in a query`);
    const start = reader.at;
    const name = readName(reader);
    const type = reader.u16("QTYPE");
    const question = { name, type, class: reader.u16("QCLASS"), bytes: bytes.slice(start, reader.at) };
    let edns: DnsQuery["edns"] = null;
    for (let left = additionals; left > 0; left--) edns = readOpt(reader) ?? edns;
    return { opcode: (flags >> 11) & 0xf, question, edns };
  });
}

/** The name of a question has nothing before it to point at, so a pointer is as wrong here as any other length. */
function readName(reader: Reader): string {
  const labels: string[] = [];
  for (let total = 1; ;) {
    const length = reader.u8("QNAME");
    if (length === 0) return labels.length === 0 ? "." : labels.join(".");
    total += 1 + length;
    if (length > 63 || total > 255) reader.fail("QNAME is no name");
    // A dot inside a label is not one between two.
    labels.push(String.fromCharCode(...reader.take(length, "QNAME")).replaceAll(".", "\\."));
  }
}

/** Reads one additional record, and says what it says if it is an OPT record: its owner is the root. */
function readOpt(reader: Reader): DnsQuery["edns"] {
  let length = reader.u8("owner name");
  const isRoot = length === 0;
  for (; length > 0 && length < 0xc0; length = reader.u8("owner name")) reader.skip(length, "owner name");
  if (length >= 0xc0) reader.skip(1, "owner name");
  const type = reader.u16("TYPE");
  const udpSize = reader.u16("CLASS");
  const version = (reader.u32("TTL") >> 16) & 0xff;
  reader.skip(reader.u16("RDLENGTH"), "RDATA");
  return isRoot && type === TYPE_OPT ? { udpSize, version } : null;
}
