import { Buffer } from "node:buffer";
import { isIPv4, isIPv6 } from "node:net";
import { describe, expect, test } from "vitest";
import { MAX_RECORDS } from "../../src/protocol/dns/records.ts";
import { decodeResponse } from "../../src/protocol/dns/response.ts";
import type { DnsRecord } from "../../src/protocol/dns/records.ts";
import { seedsOf } from "./corpus.ts";
import { message, rawMessage, rawRecord, wireName } from "../unit/protocol/dns-message.ts";
import { fuzz, holds, MAX_INPUT_MS, timed } from "./fuzz.ts";

const seeds = seedsOf("dns");

describe("DNS responses", () => {
  test.each(seeds.filter((seed) => seed.class !== "edge"))("$name is what its folder says", (seed) => {
    expect(decodeResponse(seed.bytes).ok).toBe(seed.class === "valid");
  });

  test("any bytes are decoded without throwing, in bounded time and memory, with faults inside them", () => {
    fuzz(
      "decodeResponse",
      seeds.map(({ bytes }) => bytes),
      check,
    );
  });
});

/** Names that lead from label to label, hidden in the data of a record nobody reads; the last one's offset. */
function hiddenChain(length: number, at: number): { record: Buffer; last: number } {
  const links: Buffer[] = [];
  let last = at - 1;
  for (let index = 0; index < length; index++) {
    const own = at + 11 + 4 * index;
    links.push(index === 0 ? wireName("a") : wireName("a", last));
    last = index === 0 ? own : own - 1;
  }
  return { record: rawRecord(wireName(), 16, Buffer.concat(links)), last };
}

const MOST = 65_535;

/** As many copies as a message of 64 KB holds. */
const filled = (counts: [number, number, number, number], start: Buffer, each: Buffer): Buffer => {
  const copies = Math.floor((MOST - 12 - start.length) / each.length);
  return rawMessage({ counts, body: Buffer.concat([start, ...Array.from({ length: copies }, () => each)]) });
};

/** Each takes a way through the reader that costs as much as it can. */
const dearest: [string, Uint8Array][] = [
  ...[1, 20, 60, 100, 124].flatMap((length): [string, Uint8Array][] => {
    const { record, last } = hiddenChain(length, 12);
    const srv = rawRecord(wireName(last), 33, Buffer.concat([Buffer.alloc(6), wireName(last)]));
    const question = Buffer.concat([wireName(last), Buffer.of(0, 33, 0, 1)]);
    return [
      [`SRV records whose names are ${length} labels apart`, filled([0, 600, 0, 600], record, srv)],
      [
        `addresses whose names are ${length} labels apart`,
        filled([0, 1, 0, 3000], record, rawRecord(wireName(last), 1, Buffer.alloc(4))),
      ],
      [
        `ten thousand questions, each ${length} labels`,
        filled([10_700, 0, 0, 0], Buffer.concat([record, question]), question),
      ],
    ];
  }),
  ["nothing but labels of a byte", filled([0, 900, 0, 0], Buffer.alloc(0), Buffer.of(1, 0x61))],
  [
    "authorities of long names",
    filled(
      [0, 0, 3000, 0],
      Buffer.alloc(0),
      rawRecord(wireName(...Array.from({ length: 120 }, () => "a")), 2, Buffer.alloc(0)),
    ),
  ],
  [
    "additionals without data",
    filled([0, 0, 0, 6000], Buffer.alloc(0), rawRecord(wireName(), 99, Buffer.alloc(0))),
  ],
  [
    "names full of what must be escaped",
    filled(
      [0, 512, 0, 0],
      Buffer.alloc(0),
      rawRecord(wireName("\n".repeat(63), "\x07".repeat(63)), 1, Buffer.alloc(4)),
    ),
  ],
  [
    "512 addresses of version 6",
    message({
      answers: Array.from({ length: 512 }, (_, at) => ({
        name: "kms.corp.test",
        type: "AAAA",
        ttl: 1,
        data: `fd00::${at.toString(16)}`,
      })),
    }),
  ],
];

describe("the dearest messages of 64 KB", () => {
  test.each(dearest)("%s", (_, bytes) => {
    const rounds = Array.from({ length: 5 }, () => timed(check, bytes).ms);
    expect(Math.min(...rounds)).toBeLessThan(MAX_INPUT_MS);
  });
});

function check(bytes: Uint8Array): boolean {
  const decoded = decodeResponse(bytes);
  if (!decoded.ok) {
    holds(decoded.fault.at >= 0 && decoded.fault.at <= bytes.length, "a fault inside the bytes");
    holds(/^[\w ,.':;()/-]+$/.test(decoded.fault.what), "a fault in our own words");
    return false;
  }
  const { value } = decoded;
  // A record has at least eleven bytes: no more can be made of them.
  const most = Math.min(MAX_RECORDS, (bytes.length - 12) / 11);
  holds(value.answers.length <= most && value.additionals.length <= most, "records that came");
  holds(value.dropped >= 0 && 11 * value.dropped <= bytes.length, "dropped records that came");
  if (value.question) checkName(value.question.name);
  for (const record of value.answers) checkRecord(record);
  for (const record of value.additionals) checkRecord(record);
  return true;
}

function checkRecord(record: DnsRecord): void {
  checkName(record.owner);
  holds(record.ttlSeconds >= 0 && record.ttlSeconds <= 0x7fffffff, "a TTL of 31 bits");
  switch (record.type) {
    case "A":
      holds(isIPv4(record.address), "an IPv4 address");
      return;
    case "AAAA":
      holds(isIPv6(record.address), "an IPv6 address");
      return;
    case "CNAME":
      checkName(record.target);
      return;
    case "SRV":
      checkName(record.target);
      for (const number of [record.priority, record.weight, record.port]) {
        holds(Number.isInteger(number) && number >= 0 && number <= 0xffff, "numbers of two bytes");
      }
      return;
    default:
      record satisfies never;
  }
}

function checkName(name: string): void {
  // Escapes take four characters for a byte.
  holds(name.length > 0 && name.length <= 4 * 255, "a name of at most 255 bytes");
  holds(name === "." || !/^\.|\.\.|\.$/.test(name), "no empty label");
  // eslint-disable-next-line no-control-regex
  holds(!/[\x00-\x20\x7f-\x9f]/.test(name), "no controls in a name");
}
