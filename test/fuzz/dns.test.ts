import { isIPv4, isIPv6 } from "node:net";
import { describe, expect, test } from "vitest";
import { decodeResponse, MAX_RECORDS } from "../../src/protocol/dns.ts";
import type { DnsRecord } from "../../src/protocol/dns.ts";
import { seedsOf } from "./corpus.ts";
import { fuzz, holds } from "./fuzz.ts";

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
