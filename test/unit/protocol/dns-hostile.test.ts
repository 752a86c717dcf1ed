/** What a resolver, or somebody in its place, could send to break the reader. */
import { Buffer } from "node:buffer";
import { isIP } from "node:net";
import { describe, expect, test } from "vitest";
import { decodeCutResponse, decodeResponse } from "../../../src/protocol/dns/response.ts";
import { message, rawMessage, rawRecord, srv, wireName } from "./dns-message.ts";

const NAME = "_vlmcs._tcp.corp.test";
const ADDRESS = Buffer.from("0a000001", "hex");

const faultOf = (bytes: Uint8Array): unknown => {
  const decoded = decodeResponse(bytes);
  return decoded.ok ? decoded.value : decoded.fault;
};

/** A response with one record, of which `length` is claimed. */
const one = (type: number, data: Uint8Array, length: number): Buffer =>
  rawMessage({ counts: [0, 1, 0, 0], body: rawRecord(wireName("a"), type, data, { length }) });

/** A response with one A record of that owner, which begins at byte 12. */
const asOwner = (name: Uint8Array): Buffer =>
  rawMessage({ counts: [0, 1, 0, 0], body: rawRecord(name, 1, ADDRESS) });

/** The second record's owner is a pointer to the last of `length` pointers in a row, hidden in the first's data. */
const chain = (length: number): Buffer => {
  const links = Array.from({ length }, (_, index) => wireName(index === 0 ? 23 : 26 + 2 * (index - 1)));
  const hidden = rawRecord(wireName(), 10, Buffer.concat([wireName("x"), ...links]));
  const record = rawRecord(wireName(12 + hidden.length - 2), 1, ADDRESS);
  return rawMessage({ counts: [0, 2, 0, 0], body: Buffer.concat([hidden, record]) });
};

/** Processor time: a busy machine must not fail a test. */
const cpuMsSince = (before: NodeJS.CpuUsage): number => {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
};

describe("counts in the header", () => {
  const lies: [string, [number, number, number, number]][] = [
    ["questions", [65535, 0, 0, 0]],
    ["answers", [0, 65535, 0, 0]],
    ["authorities", [0, 0, 65535, 0]],
    ["additionals", [0, 0, 0, 65535]],
    ["everything", [65535, 65535, 65535, 65535]],
  ];

  test.each(lies)("65535 %s in twelve bytes are a fault at their end", (_, counts) => {
    expect(faultOf(rawMessage({ counts, body: new Uint8Array(0) }))).toEqual({
      at: 12,
      what: expect.stringMatching(
        /^cut short: owner name needs 1 bytes, 0 are left$|^QDCOUNT is 65535, one question was asked$/,
      ),
    });
  });

  test("ten thousand of them take neither memory nor time", () => {
    const packets = lies.map(([, counts]) => rawMessage({ counts, body: new Uint8Array(0) }));
    const before = process.memoryUsage().heapUsed;
    const cpuBefore = process.cpuUsage();
    let faults = 0;
    let peak = before;
    for (let round = 0; round < 10_000; round++) {
      const packet = packets[round % packets.length];
      if (packet && !decodeResponse(packet).ok) faults += 1;
      if (round % 50 === 0) peak = Math.max(peak, process.memoryUsage().heapUsed);
    }
    expect(faults).toBe(10_000);
    expect(peak - before).toBeLessThan(50 << 20);
    // Arrays of the announced sizes took 20 GB and ten seconds.
    expect(cpuMsSince(cpuBefore)).toBeLessThan(2_000);
  });

  test("one record more than there is", () => {
    const bytes = message({ answers: [srv(NAME, "a.test")] });
    bytes.writeUInt16BE(2, 6);
    expect(faultOf(bytes)).toEqual({
      at: bytes.length,
      what: "cut short: owner name needs 1 bytes, 0 are left",
    });
  });
});

describe("a message cut short", () => {
  const whole = message({
    answers: [srv(NAME, "kms1.corp.test"), { name: NAME, type: "CNAME", ttl: 1, data: "b.test" }],
    authorities: [{ name: "corp.test", type: "TXT", ttl: 1, data: "text" }],
    additionals: [
      { name: "kms1.corp.test", type: "AAAA", ttl: 1, data: "2001:db8::1" },
      { name: ".", type: "OPT", udpPayloadSize: 1232, extendedRcode: 0, flags: 0, options: [] },
      { name: "kms1.corp.test", type: "A", ttl: 1, data: "10.0.0.1" },
    ],
  });

  test("is whole before it is cut", () => {
    expect(decodeResponse(whole).ok).toBe(true);
  });

  test("is a fault within what is left, at every offset", () => {
    for (let length = 0; length < whole.length; length++) {
      const decoded = decodeResponse(whole.subarray(0, length));
      expect(decoded.ok, `the first ${length} bytes`).toBe(false);
      if (!decoded.ok) expect(decoded.fault.at).toBeLessThanOrEqual(length);
    }
  });
});

describe("record lengths", () => {
  test.each([0, 1, 3, 5, 16])("an A record of %i bytes has no address", (length) => {
    expect(faultOf(one(1, Buffer.alloc(20), length))).toEqual({
      at: 25,
      what: `RDLENGTH of A is ${length}`,
    });
  });

  test.each([0, 4, 15, 17])("an AAAA record of %i bytes has no address", (length) => {
    expect(faultOf(one(28, Buffer.alloc(20), length))).toEqual({
      at: 25,
      what: `RDLENGTH of AAAA is ${length}`,
    });
  });

  test.each([1, 5, 33, 99])(
    "data of type %i that runs past the message is a fault where it begins",
    (type) => {
      expect(faultOf(one(type, ADDRESS, 5))).toEqual({ at: 25, what: "RDLENGTH is 5, 4 bytes are left" });
    },
  );

  test("an SRV record that ends inside its numbers reads nothing of the next", () => {
    const data = Buffer.from("000000000698", "hex");
    const body = Buffer.concat([rawRecord(wireName("a"), 33, data), rawRecord(wireName("b"), 1, ADDRESS)]);
    expect(faultOf(rawMessage({ counts: [0, 2, 0, 0], body }))).toMatchObject({
      what: "RDATA of SRV doesn't end where RDLENGTH says",
    });
  });

  test.each([
    ["shorter", -1],
    ["longer", 1],
  ])("an SRV record whose length is %s than its name is a fault", (_, more) => {
    const data = Buffer.concat([Buffer.from("000000000698", "hex"), wireName("kms1"), Buffer.alloc(1)]);
    expect(faultOf(one(33, data, data.length - 1 + more))).toMatchObject({
      what: "RDATA of SRV doesn't end where RDLENGTH says",
    });
  });

  test("no cut, and no length, makes an address that isn't one", () => {
    const whole = message({
      name: "a.test",
      type: "A",
      answers: [
        { name: "a.test", type: "A", ttl: 1, data: "10.1.2.3" },
        { name: "a.test", type: "AAAA", ttl: 1, data: "2001:db8::1" },
      ],
    });
    const addresses: string[] = [];
    for (let length = 0; length <= whole.length; length++) {
      for (let at = 24; at < length; at++) {
        const bytes = Buffer.from(whole.subarray(0, length));
        bytes[at] = (bytes[at] ?? 0) ^ 0x11;
        const decoded = decodeResponse(bytes);
        if (!decoded.ok) continue;
        for (const record of decoded.value.answers) if ("address" in record) addresses.push(record.address);
      }
    }
    expect(addresses.length).toBeGreaterThan(20);
    expect(addresses.filter((address) => isIP(address) === 0)).toEqual([]);
  });
});

describe("names", () => {
  test("a pointer to itself is a fault", () => {
    expect(faultOf(asOwner(wireName(12)))).toEqual({
      at: 14,
      what: "owner name: a pointer that doesn't lead backwards",
    });
  });

  test("a pointer forwards is a fault", () => {
    expect(faultOf(asOwner(wireName(20)))).toEqual({
      at: 14,
      what: "owner name: a pointer that doesn't lead backwards",
    });
  });

  test("a label that leads back to itself is a fault", () => {
    expect(faultOf(asOwner(wireName("a", 12)))).toEqual({
      at: 16,
      what: "owner name: a pointer that doesn't lead backwards",
    });
  });

  test("two names that point at each other are a fault", () => {
    const first = rawRecord(wireName("a", 12 + 2 + 2 + 10 + 4), 1, ADDRESS);
    const second = rawRecord(wireName("b", 12), 1, ADDRESS);
    const body = Buffer.concat([first, second]);
    expect(faultOf(rawMessage({ counts: [0, 2, 0, 0], body }))).toMatchObject({
      what: "owner name: a pointer that doesn't lead backwards",
    });
  });

  test("a pointer into the header is followed as bytes, and ends in a fault or a name", () => {
    for (let at = 0; at < 12; at++) {
      const decoded = decodeResponse(asOwner(wireName(at)));
      if (!decoded.ok) expect(decoded.fault.what).toMatch(/^(owner name|cut short: owner name)/);
    }
  });

  test("a pointer cut after its first byte is a fault", () => {
    const bytes = rawMessage({ counts: [0, 1, 0, 0], body: Buffer.of(0xc0) });
    expect(faultOf(bytes)).toEqual({ at: 13, what: "cut short: owner name needs 1 bytes, 0 are left" });
  });

  test("pointers to pointers are followed 128 times and no further", () => {
    expect(faultOf(chain(127))).toMatchObject({ answers: [{ owner: "x" }] });
    expect(faultOf(chain(128))).toMatchObject({ what: "owner name: more than 128 pointers" });
  });

  test.each([0x40, 0x7f, 0x80, 0xbf])("a label that begins with %i is of no known type", (length) => {
    expect(faultOf(asOwner(Buffer.of(length, 0, 0)))).toEqual({
      at: 13,
      what: "owner name: a label of unknown type",
    });
  });

  test("255 bytes are a name, 256 are none", () => {
    const l = "a".repeat(63);
    expect(faultOf(asOwner(wireName(l, l, l, "a".repeat(61))))).toMatchObject({
      answers: [{ owner: `${l}.${l}.${l}.${"a".repeat(61)}` }],
    });
    expect(faultOf(asOwner(wireName(l, l, l, "a".repeat(62))))).toMatchObject({
      what: "owner name: longer than 255 bytes",
    });
  });

  test("a name made longer than 255 bytes by its pointers is a fault", () => {
    const l = "a".repeat(63);
    const first = rawRecord(wireName(l, l, l), 1, ADDRESS);
    const second = rawRecord(wireName(l, 12), 1, ADDRESS);
    const bytes = rawMessage({ counts: [0, 2, 0, 0], body: Buffer.concat([first, second]) });
    expect(faultOf(bytes)).toMatchObject({ what: "owner name: longer than 255 bytes" });
  });

  test("what could spoil a terminal or feign a label comes out escaped", () => {
    const label = Buffer.from("a.b\\c d\x1b[2J\x00\x7f\u009b1mü", "utf8");
    expect(faultOf(asOwner(wireName(label, "test")))).toMatchObject({
      answers: [{ owner: "a\\046b\\092c\\032d\\027[2j\\000\\127\\1551mü.test" }],
    });
  });

  test("bytes that are no UTF-8 become replacement characters", () => {
    expect(faultOf(asOwner(wireName(Buffer.of(0xff, 0xfe), "test")))).toMatchObject({
      answers: [{ owner: "\ufffd\ufffd.test" }],
    });
  });
});

test("64 KB of the longest names are given up after so many labels", () => {
  const links = [wireName("x")];
  let at = 12 + 11;
  let next = at + 3;
  for (let index = 0; index < 126; index++) {
    links.push(wireName("a", at));
    at = next;
    next += 4;
  }
  const parts = [rawRecord(wireName(), 10, Buffer.concat(links))];
  let length = 12 + (parts[0]?.length ?? 0);
  const heavy = rawRecord(wireName(at), 5, wireName(at));
  for (; length + heavy.length <= 65535; length += heavy.length) parts.push(heavy);
  const bytes = rawMessage({ counts: [0, parts.length, 0, 0], body: Buffer.concat(parts) });
  const fault = { at: expect.any(Number), what: "more than 12288 labels and pointers in names" };
  expect(decodeResponse(bytes)).toEqual({ ok: false, fault });
});

test("the largest answer that is looked at, not compressed at all, is read", () => {
  const owner = wireName("_vlmcs", "_tcp", "corp", "example", "com");
  const target = wireName("kms-server-number-one", "corp", "example", "com");
  const srvs = Array.from({ length: 512 }, () =>
    rawRecord(owner, 33, Buffer.concat([Buffer.alloc(6), target])),
  );
  const glue = Array.from({ length: 512 }, () => rawRecord(target, 1, ADDRESS));
  const body = Buffer.concat([...srvs, ...glue]);
  expect(decodeResponse(rawMessage({ counts: [0, 512, 0, 512], body }))).toMatchObject({
    ok: true,
    value: { answers: { length: 512 }, additionals: { length: 512 }, dropped: 0 },
  });
});

describe("an answer that says that it is cut", () => {
  const question = Buffer.concat([
    wireName("_vlmcs", "_tcp", "corp", "test"),
    Buffer.from("00210001", "hex"),
  ]);
  const record = rawRecord(wireName(12), 33, Buffer.from("0000000006980161017a00", "hex"));
  const cut = rawMessage({ counts: [1, 1, 0, 0], body: Buffer.concat([question, record]) });
  cut.writeUInt16BE(0x8200, 2);

  test("gives its question wherever it is cut behind it, and a fault before", () => {
    const end = 12 + question.length;
    for (let length = 0; length <= cut.length; length++) {
      const decoded = decodeCutResponse(cut.subarray(0, length));
      expect(decoded.ok).toBe(length >= end);
      if (decoded.ok) {
        expect(decoded.value).toMatchObject({
          isResponse: true,
          truncated: true,
          question: { name: NAME },
          answers: [],
        });
      }
    }
  });

  test("is none where TC is not set", () => {
    const whole = Buffer.from(cut);
    whole.writeUInt16BE(0x8000, 2);
    expect(decodeCutResponse(whole)).toMatchObject({ ok: false, fault: { what: "TC is not set" } });
  });
});
