import { Buffer } from "node:buffer";
import dnsPacket from "dns-packet";

/** A DNS message written by a library that is not ours, so that reader and writer can't share a mistake. */
export function message(
  more: {
    id?: number;
    flags?: number;
    name?: string;
    type?: string;
    answers?: object[];
    authorities?: object[];
    additionals?: object[];
  } = {},
): Buffer {
  const { name = "_vlmcs._tcp.corp.test", type = "SRV", ...rest } = more;
  return Buffer.from(
    dnsPacket.encode({
      id: 0x1234,
      type: "response",
      flags: 0x0580,
      questions: [{ name, type, class: "IN" }],
      ...rest,
    }),
  );
}

export function srv(name: string, target: string, more: object = {}): object {
  return { name, type: "SRV", ttl: 600, data: { priority: 0, weight: 50, port: 1688, target }, ...more };
}

/** A message by its parts, for what no library would write. */
export function rawMessage(options: {
  flags?: number;
  counts: [questions: number, answers: number, authorities: number, additionals: number];
  body: Uint8Array;
}): Buffer {
  const header = Buffer.alloc(12);
  header.writeUInt16BE(0x1234, 0);
  header.writeUInt16BE(options.flags ?? 0x8180, 2);
  for (const [index, count] of options.counts.entries()) header.writeUInt16BE(count, 4 + 2 * index);
  return Buffer.concat([header, options.body]);
}

/** Labels and the final zero; a number stands for a pointer to that offset, and ends the name. */
export function wireName(...parts: (string | Uint8Array | number)[]): Buffer {
  const bytes: Buffer[] = [];
  for (const part of parts) {
    if (typeof part === "number") {
      bytes.push(Buffer.of(0xc0 | (part >> 8), part & 0xff));
      return Buffer.concat(bytes);
    }
    const label = Buffer.from(part);
    bytes.push(Buffer.of(label.length), label);
  }
  return Buffer.concat([...bytes, Buffer.of(0)]);
}

/** One resource record; `length` lies about RDLENGTH. */
export function rawRecord(
  owner: Uint8Array,
  type: number,
  data: Uint8Array,
  more: { rclass?: number; ttl?: number; length?: number } = {},
): Buffer {
  const fixed = Buffer.alloc(10);
  fixed.writeUInt16BE(type, 0);
  fixed.writeUInt16BE(more.rclass ?? 1, 2);
  fixed.writeUInt32BE(more.ttl ?? 600, 4);
  fixed.writeUInt16BE(more.length ?? data.length, 8);
  return Buffer.concat([owner, fixed, data]);
}
