import { Buffer } from "node:buffer";
import dnsPacket from "dns-packet";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toHex } from "../../../src/protocol/bytes.ts";
import { encodeQuery } from "../../../src/protocol/dns/query.ts";
import { MAX_RECORDS } from "../../../src/protocol/dns/records.ts";
import { decodeResponse, messageId } from "../../../src/protocol/dns/response.ts";
import { message, rawMessage, rawRecord, srv, wireName } from "./dns-message.ts";

const NAME = "_vlmcs._tcp.corp.test";

const label = fc.stringMatching(/^[a-z0-9_]([a-z0-9_-]{0,20}[a-z0-9_])?$/);
const hostName = fc.array(label, { minLength: 1, maxLength: 6 }).map((labels) => labels.join("."));

describe("questions", () => {
  test("with EDNS(0), byte for byte", () => {
    expect(toHex(encodeQuery({ name: NAME, type: "SRV" }, 0xabcd, true))).toBe(
      "abcd01000001000000000001065f766c6d6373045f74637004636f72700474657374000021000100002904d0000000000000",
    );
  });

  test("without EDNS, byte for byte", () => {
    expect(toHex(encodeQuery({ name: "kms1.corp.test.", type: "AAAA" }, 1, false))).toBe(
      "000101000001000000000000046b6d733104636f7270047465737400001c0001",
    );
  });

  test.each(["SRV", "A", "AAAA"] as const)("another library reads our %s question as we meant it", (type) => {
    fc.assert(
      fc.property(hostName, fc.nat(0xffff), fc.boolean(), (name, id, edns) => {
        const packet = dnsPacket.decode(encodeQuery({ name, type }, id, edns));
        expect(packet).toMatchObject({ id, type: "query", opcode: "QUERY", flags: 0x0100 });
        expect(packet.questions).toEqual([{ name, type, class: "IN" }]);
        expect(packet.answers).toEqual([]);
        expect(packet.additionals.map((record) => [record.type, record.udpPayloadSize])).toEqual(
          edns ? [["OPT", 1232]] : [],
        );
      }),
    );
  });

  test("a query is no response", () => {
    const decoded = decodeResponse(encodeQuery({ name: NAME, type: "SRV" }, 7, true));
    expect(decoded).toMatchObject({
      ok: true,
      value: { id: 7, isResponse: false, question: { name: NAME, type: "SRV", class: "IN" } },
    });
  });
});

describe("responses", () => {
  test("an SRV answer with glue of both families", () => {
    const bytes = message({
      answers: [
        srv(NAME, "KMS1.Corp.Test"),
        { name: NAME, type: "SRV", ttl: 0, data: { priority: 10, weight: 0, port: 1700, target: "." } },
      ],
      authorities: [{ name: "corp.test", type: "NS", ttl: 1, data: "ns.corp.test" }],
      additionals: [
        { name: "kms1.corp.test", type: "A", ttl: 60, data: "10.71.2.11" },
        { name: "kms1.corp.test", type: "AAAA", ttl: 61, data: "2001:db8::11" },
      ],
    });
    expect(decodeResponse(bytes)).toEqual({
      ok: true,
      value: {
        id: 0x1234,
        isResponse: true,
        authoritative: true,
        question: { name: NAME, type: "SRV", class: "IN" },
        truncated: false,
        recursionAvailable: true,
        soa: null,
        referral: "corp.test",
        policy: null,
        zone: null,
        opt: null,
        answerCount: 2,
        rcode: "NOERROR",
        answers: [
          {
            owner: NAME,
            ttlSeconds: 600,
            type: "SRV",
            priority: 0,
            weight: 50,
            port: 1688,
            target: "kms1.corp.test",
          },
          { owner: NAME, ttlSeconds: 0, type: "SRV", priority: 10, weight: 0, port: 1700, target: "." },
        ],
        additionals: [
          { owner: "kms1.corp.test", ttlSeconds: 60, type: "A", address: "10.71.2.11" },
          { owner: "kms1.corp.test", ttlSeconds: 61, type: "AAAA", address: "2001:db8::11" },
        ],
        dropped: 0,
      },
    });
  });

  test("a chain of aliases keeps its order", () => {
    const bytes = message({
      name: "kms.corp.test",
      type: "A",
      answers: [
        { name: "KMS.corp.test", type: "CNAME", ttl: 5, data: "A.corp.test" },
        { name: "a.corp.test", type: "CNAME", ttl: 6, data: "b.corp.test" },
        { name: "b.corp.test", type: "A", ttl: 7, data: "10.0.0.1" },
      ],
    });
    expect(decodeResponse(bytes)).toMatchObject({
      value: {
        answers: [
          { owner: "kms.corp.test", type: "CNAME", target: "a.corp.test" },
          { owner: "a.corp.test", type: "CNAME", target: "b.corp.test" },
          { owner: "b.corp.test", type: "A", address: "10.0.0.1" },
        ],
      },
    });
  });

  test.each([
    ["00000000000000000000000000000000", "::"],
    ["00000000000000000000000000000001", "::1"],
    ["20010db8000000000000000000000011", "2001:db8::11"],
    ["20010db8000100000000000100000000", "2001:db8:1::1:0:0"],
    ["fe80000000000000021122fffe334455", "fe80::211:22ff:fe33:4455"],
    ["00000000000000000000ffff0a000001", "::ffff:a00:1"],
    ["20010db8000000010001000100010001", "2001:db8:0:1:1:1:1:1"],
  ])("the IPv6 address %s is written %s", (hex, address) => {
    const record = rawRecord(wireName("a"), 28, Buffer.from(hex, "hex"));
    expect(decodeResponse(rawMessage({ counts: [0, 1, 0, 0], body: record }))).toMatchObject({
      value: { answers: [{ type: "AAAA", address }] },
    });
  });

  test.each([
    [0, "NOERROR"],
    [1, "FORMERR"],
    [2, "SERVFAIL"],
    [3, "NXDOMAIN"],
    [4, "NOTIMP"],
    [5, "REFUSED"],
    [9, "NOTAUTH"],
    [10, "NOTZONE"],
    [11, "RCODE11"],
    [15, "RCODE15"],
  ])("rcode %i is called %s", (rcode, name) => {
    expect(decodeResponse(message({ flags: 0x0580 | rcode }))).toMatchObject({ value: { rcode: name } });
  });

  test.each([
    [0, 1, "BADVERS"],
    [7, 1, "RCODE23"],
    [2, 0, "SERVFAIL"],
    [15, 255, "RCODE4095"],
  ])("rcode %i with the extended bits %i is called %s", (rcode, extendedRcode, name) => {
    const opt = { name: ".", type: "OPT", udpPayloadSize: 4096, extendedRcode, flags: 0, options: [] };
    expect(decodeResponse(message({ flags: 0x0580 | rcode, additionals: [opt] }))).toMatchObject({
      value: { rcode: name, additionals: [] },
    });
  });

  test.each([
    ["a response", 0x8180, true],
    ["a query", 0x0180, false],
    ["a response to an inverse query", 0x8980, false],
    ["a notification's response", 0xa180, false],
    ["a response to an update", 0xa980, false],
  ])("%s, flags %i, is a response to our kind of question: %s", (_, flags, isResponse) => {
    const bytes = rawMessage({ flags, counts: [0, 0, 0, 0], body: new Uint8Array(0) });
    expect(decodeResponse(bytes)).toMatchObject({ ok: true, value: { isResponse, question: null } });
  });

  test("AA is seen", () => {
    expect(decodeResponse(message({ flags: 0x0580 }))).toMatchObject({ value: { authoritative: true } });
    expect(decodeResponse(message({ flags: 0x0180 }))).toMatchObject({ value: { authoritative: false } });
  });

  test("TC is seen", () => {
    expect(decodeResponse(message({ flags: 0x0780 }))).toMatchObject({ value: { truncated: true } });
    expect(decodeResponse(message())).toMatchObject({ value: { truncated: false } });
  });

  test("records of another class are passed over, whatever they hold", () => {
    const body = Buffer.concat([
      rawRecord(wireName("a"), 1, Buffer.from("7f000001", "hex"), { rclass: 3 }),
      rawRecord(wireName("a"), 1, Buffer.from("00", "hex"), { rclass: 4 }),
      rawRecord(wireName("a"), 1, Buffer.from("0a000001", "hex"), { rclass: 0x8001 }),
      rawRecord(wireName("a"), 1, Buffer.from("0a000002", "hex")),
    ]);
    expect(decodeResponse(rawMessage({ counts: [0, 4, 0, 0], body }))).toMatchObject({
      value: { answers: [{ address: "10.0.0.2" }], dropped: 0 },
    });
  });

  test("records of other types are passed over, whatever they hold", () => {
    const junk = Buffer.from("ff".repeat(20), "hex");
    const types = [0, 2, 6, 10, 15, 16, 43, 46, 47, 48, 64, 65, 250, 255, 65535];
    const body = Buffer.concat([
      ...types.map((type) => rawRecord(wireName("a"), type, junk)),
      rawRecord(wireName("a"), 1, Buffer.from("0a000002", "hex")),
    ]);
    expect(decodeResponse(rawMessage({ counts: [0, types.length + 1, 0, 0], body }))).toMatchObject({
      value: { answers: [{ address: "10.0.0.2" }] },
    });
  });

  test("a question of another type or class is named by its number", () => {
    const question = Buffer.concat([wireName("a"), Buffer.from("000f0003", "hex")]);
    expect(decodeResponse(rawMessage({ counts: [1, 0, 0, 0], body: question }))).toMatchObject({
      value: { question: { name: "a", type: "TYPE15", class: "CLASS3" } },
    });
  });

  test("a denial names the zone that denies, whatever stands before its SOA", () => {
    const soa = {
      name: "Corp.Test",
      type: "SOA",
      ttl: 60,
      data: { mname: "ns.corp.test", rname: "root.corp.test" },
    };
    const ns = { name: "corp.test", type: "NS", ttl: 60, data: "ns.corp.test" };
    expect(decodeResponse(message({ authorities: [ns, soa] }))).toMatchObject({
      value: { soa: "corp.test" },
    });
    expect(decodeResponse(message({ authorities: [{ ...soa, name: "." }] }))).toMatchObject({
      value: { soa: "." },
    });
    expect(decodeResponse(message({ authorities: [ns] }))).toMatchObject({
      value: { soa: null, referral: "corp.test" },
    });
  });

  test("extended errors are kept with their texts, controls escaped; what is cut short ends the list", () => {
    const ede = Buffer.concat([Buffer.from("000f000700171b5b32", "hex"), Buffer.from("Jé")]);
    const other = Buffer.from("000a0002abcd", "hex");
    const cut = Buffer.from("000f00ff0003", "hex");
    const opt = rawRecord(wireName(), 41, Buffer.concat([other, ede, cut]), { rclass: 4096, ttl: 0 });
    expect(decodeResponse(rawMessage({ counts: [0, 0, 0, 1], body: opt }))).toMatchObject({
      ok: true,
      value: { opt: { udpSize: 4096, errors: [{ code: 23, text: "\\027[2J\ufffd" }] } },
    });
  });

  test("two questions are refused before any is read", () => {
    const question = Buffer.concat([wireName("a"), Buffer.from("00210001", "hex")]);
    const body = Buffer.concat([question, question]);
    expect(decodeResponse(rawMessage({ counts: [2, 0, 0, 0], body }))).toEqual({
      ok: false,
      fault: { at: 12, what: "QDCOUNT is 2, one question was asked" },
    });
  });

  test("a TTL with its top bit set is the greatest there is", () => {
    const body = rawRecord(wireName("a"), 1, Buffer.from("0a000001", "hex"), { ttl: 0xffffffff });
    expect(decodeResponse(rawMessage({ counts: [0, 1, 0, 0], body }))).toMatchObject({
      value: { answers: [{ ttlSeconds: 0x7fffffff }] },
    });
  });

  test("bytes behind the last record are left alone", () => {
    const bytes = Buffer.concat([message({ answers: [srv(NAME, "a.test")] }), Buffer.alloc(7, 0xff)]);
    expect(decodeResponse(bytes)).toMatchObject({ value: { answers: [{ target: "a.test" }] } });
  });

  test(`of 600 records ${MAX_RECORDS} are kept and the rest is counted`, () => {
    const answers = Array.from({ length: 600 }, (_, index) => ({
      name: "a.test",
      type: "A",
      ttl: 1,
      data: `10.0.${index >> 8}.${index & 0xff}`,
    }));
    const decoded = decodeResponse(message({ answers, additionals: answers }));
    if (!decoded.ok) throw new Error(decoded.fault.what);
    const { value } = decoded;
    expect([value.answers.length, value.additionals.length, value.dropped]).toEqual([512, 512, 88]);
    expect(value.answers.at(-1)).toMatchObject({ address: "10.0.1.255" });
  });

  test("exactly 512 records are all kept", () => {
    const answers = Array.from({ length: 512 }, () => ({
      name: "a.test",
      type: "A",
      ttl: 1,
      data: "10.0.0.1",
    }));
    expect(decodeResponse(message({ answers }))).toMatchObject({ value: { dropped: 0 } });
  });

  test("whatever another library writes is read back with the same values", () => {
    const target = fc.oneof(hostName, fc.constant("."));
    const u16 = fc.nat(0xffff);
    const record = fc.oneof(
      fc.record({ name: hostName, ttl: fc.nat(), data: fc.ipV4() }).map((some) => ({ ...some, type: "A" })),
      fc.record({ name: hostName, ttl: fc.nat(), data: target }).map((some) => ({ ...some, type: "CNAME" })),
      fc
        .record({
          name: hostName,
          ttl: fc.nat(),
          data: fc.record({ priority: u16, weight: u16, port: u16, target }),
        })
        .map((some) => ({ ...some, type: "SRV" })),
    );
    fc.assert(
      fc.property(fc.array(record, { maxLength: 8 }), hostName, fc.nat(0xffff), (answers, name, id) => {
        const decoded = decodeResponse(message({ id, name, answers, additionals: answers }));
        const expected = answers.map(({ name: owner, ttl, type, data }) => {
          const common = { owner, ttlSeconds: ttl, type };
          if (typeof data === "object") return { ...common, ...data };
          return type === "A" ? { ...common, address: data } : { ...common, target: data };
        });
        expect(decoded).toMatchObject({
          ok: true,
          value: { id, question: { name }, answers: expected, additionals: expected },
        });
      }),
    );
  });
});

describe("messageId", () => {
  test.each([
    ["", null],
    ["12", null],
    ["1234", 0x1234],
    ["ffff00", 0xffff],
  ])("of %j is %s", (hex, id) => {
    expect(messageId(Buffer.from(hex, "hex"))).toBe(id);
  });
});
