import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { concat, fromHex } from "../../../../src/protocol/bytes.ts";
import { decodeAnswer, frame } from "../../../../src/protocol/dcerpc/answer.ts";
import type { Answer, ResultElement } from "../../../../src/protocol/dcerpc/answer.ts";
import { wireFixture, wireFixtureNames } from "../../../fixtures/wire/wire-fixture.ts";
import { decodeEveryWay, withFragLength } from "./every-way.ts";

const ACCEPTED: ResultElement = { result: 0, reason: 0 };
const NO_INTERFACE: ResultElement = { result: 2, reason: 1 };
const NO_SYNTAX: ResultElement = { result: 2, reason: 2 };
const FEATURES: ResultElement = { result: 3, reason: 3 };

type AcceptedPdu = Extract<Answer, { kind: "accepted-pdu" }>;

function ack(more: Partial<AcceptedPdu> & Pick<AcceptedPdu, "assocGroupId" | "results">): AcceptedPdu {
  return {
    kind: "accepted-pdu",
    ptype: 12,
    maxXmitFrag: 5840,
    maxRecvFrag: 5840,
    secondaryAddress: "",
    pfcFlags: 3,
    callId: 1,
    byteOrder: "little",
    ...more,
  };
}

/** What each recorded answer says, and how many of its bytes it takes to say it. */
const RECORDED: Record<string, { answer: Answer; shortest?: number }> = {
  "samba-epmapper-1-context": {
    answer: ack({ assocGroupId: 0x7dc4, secondaryAddress: "135", results: [ACCEPTED] }),
  },
  "samba-epmapper-3-contexts": {
    answer: ack({
      assocGroupId: 0x33c2,
      secondaryAddress: "135",
      results: [ACCEPTED, NO_SYNTAX, FEATURES],
    }),
  },
  "samba-epmapper-unknown-interface": {
    answer: ack({ assocGroupId: 0x2f95, secondaryAddress: "135", results: [NO_INTERFACE] }),
  },
  "samba-epmapper-fault": { answer: { kind: "fault", status: 0x1c010002 }, shortest: 24 },
  "samba-lsarpc-1-context": { answer: ack({ assocGroupId: 0x183b, results: [ACCEPTED] }) },
  "samba-bind-nak": { answer: { kind: "bind-nak", reason: 4, extendedError: false }, shortest: 18 },
  "impacket-1-context": {
    answer: ack({ assocGroupId: 0x1234, secondaryAddress: "21001", results: [ACCEPTED] }),
  },
  "impacket-3-contexts": {
    answer: ack({
      assocGroupId: 0x1234,
      secondaryAddress: "21002",
      results: [ACCEPTED, { result: 1, reason: 2 }, { result: 1, reason: 2 }],
    }),
  },
  "impacket-unknown-interface": {
    answer: ack({ assocGroupId: 0x1234, results: [{ result: 1, reason: 1 }] }),
  },
  "impacket-fault": { answer: { kind: "fault", status: 0x6e4 }, shortest: 24 },
  "wine-1-context": {
    answer: ack({ assocGroupId: 1, secondaryAddress: "1613", results: [ACCEPTED] }),
  },
  "wine-3-contexts": {
    answer: ack({ assocGroupId: 2, secondaryAddress: "1613", results: [ACCEPTED, NO_SYNTAX, NO_SYNTAX] }),
  },
  "wine-unknown-interface": {
    answer: ack({ assocGroupId: 7, secondaryAddress: "1613", results: [NO_INTERFACE] }),
  },
  "wine-fault": { answer: { kind: "fault", status: 0x1c010002 }, shortest: 24 },
  "wine-bind-nak": { answer: { kind: "bind-nak", reason: 0, extendedError: false }, shortest: 18 },
  "other-a-1-context": {
    answer: ack({ assocGroupId: 0x1d8ca4aa, secondaryAddress: "1601", results: [ACCEPTED] }),
  },
  "other-a-3-contexts": {
    answer: ack({
      assocGroupId: 0x1d8ca4ab,
      secondaryAddress: "1601",
      results: [NO_SYNTAX, ACCEPTED, FEATURES],
    }),
  },
  "other-a-unknown-interface": {
    answer: ack({ assocGroupId: 0x1d8ca4b0, secondaryAddress: "1601", results: [NO_INTERFACE] }),
  },
  "other-b-1-context": {
    answer: ack({
      assocGroupId: 0x1063bf3f,
      secondaryAddress: "1602",
      pfcFlags: 0x13,
      results: [ACCEPTED],
    }),
  },
  "other-b-3-contexts": {
    answer: ack({
      assocGroupId: 0x1063bf3f,
      secondaryAddress: "1602",
      pfcFlags: 0x13,
      results: [ACCEPTED, NO_SYNTAX, FEATURES],
    }),
  },
};

/** A bind_ack or alter_context_resp, written by hand in either byte order. */
function resultList(
  options: {
    bigEndian?: boolean;
    drep?: number;
    ptype?: number;
    secondaryAddress?: Uint8Array;
    padding?: number;
    results?: readonly ResultElement[];
    callId?: number;
    authLength?: number;
    trailer?: Uint8Array;
  } = {},
): Uint8Array {
  const { bigEndian = false, secondaryAddress = fromHex("3136383800"), padding = 0 } = options;
  const { results = [ACCEPTED], trailer = new Uint8Array(0) } = options;
  const padded = (4 - ((26 + secondaryAddress.length) % 4)) % 4;
  const listAt = 26 + secondaryAddress.length + padded;
  const bytes = new Uint8Array(listAt + 4 + 24 * results.length + trailer.length);
  const view = new DataView(bytes.buffer);
  bytes.set([5, 0, options.ptype ?? 12, 3, options.drep ?? (bigEndian ? 0 : 0x10)]);
  view.setUint16(8, bytes.length, !bigEndian);
  view.setUint16(10, options.authLength ?? 0, !bigEndian);
  view.setUint32(12, options.callId ?? 1, !bigEndian);
  view.setUint16(16, 5840, !bigEndian);
  view.setUint16(18, 4280, !bigEndian);
  view.setUint32(20, 0x01020304, !bigEndian);
  view.setUint16(24, secondaryAddress.length, !bigEndian);
  bytes.set(secondaryAddress, 26);
  bytes.fill(padding, 26 + secondaryAddress.length, listAt);
  bytes.set([results.length, padding, padding, padding], listAt);
  for (const [index, { result, reason }] of results.entries()) {
    view.setUint16(listAt + 4 + 24 * index, result, !bigEndian);
    view.setUint16(listAt + 6 + 24 * index, reason, !bigEndian);
  }
  bytes.set(trailer, bytes.length - trailer.length);
  return bytes;
}

const hex = (...fields: string[]): Uint8Array => fromHex(fields.join(""));

const nak = (body: string): Uint8Array => {
  const pdu = hex("05000d03", "10000000", "00000000", "01000000", body);
  return withFragLength(pdu, pdu.length);
};

const HAND_MADE = { maxRecvFrag: 4280, assocGroupId: 0x01020304, secondaryAddress: "1688" } as const;

describe("answers of real servers", () => {
  test("every recorded answer has its expectation here", () => {
    const notAnswers = ["bind-1-context", "bind-3-contexts", "other-a-response"];
    expect(wireFixtureNames()).toEqual([...Object.keys(RECORDED), ...notAnswers].toSorted());
  });

  test.each(Object.entries(RECORDED))("%s says what its server meant", (name, { answer, shortest }) => {
    expect(decodeEveryWay(wireFixture(name), shortest)).toEqual({ ok: true, value: answer });
  });

  test("a response is no answer to a bind", () => {
    expect(decodeAnswer(wireFixture("other-a-response"))).toEqual({
      ok: false,
      fault: { at: 16, what: "PTYPE 2 doesn't answer a bind" },
    });
  });

  test.each(["bind-1-context", "bind-3-contexts"])("our own %s, echoed, is no answer", (name) => {
    const echoed = wireFixture(name);
    expect(frame(echoed)).toEqual({ state: "whole", length: echoed.length });
    expect(decodeAnswer(echoed)).toEqual({
      ok: false,
      fault: { at: 16, what: "PTYPE 11 doesn't answer a bind" },
    });
  });
});

describe("result lists", () => {
  test("a big-endian bind_ack is read in its own byte order", () => {
    const pdu = resultList({ bigEndian: true, results: [NO_SYNTAX, ACCEPTED, FEATURES], callId: 0xdeadbeef });
    expect(decodeEveryWay(pdu)).toEqual({
      ok: true,
      value: ack({
        ...HAND_MADE,
        byteOrder: "big",
        callId: 0xdeadbeef,
        results: [NO_SYNTAX, ACCEPTED, FEATURES],
      }),
    });
  });

  test("EBCDIC in the data representation changes nothing", () => {
    expect(decodeEveryWay(resultList({ drep: 0x11 }))).toEqual({
      ok: true,
      value: ack({ ...HAND_MADE, results: [ACCEPTED] }),
    });
  });

  test("an alter_context_resp is told from a bind_ack", () => {
    const pdu = resultList({ ptype: 15, secondaryAddress: new Uint8Array(0) });
    expect(decodeEveryWay(pdu)).toEqual({
      ok: true,
      value: ack({ ...HAND_MADE, ptype: 15, secondaryAddress: "", results: [ACCEPTED] }),
    });
  });

  test.each([0, 1, 2, 3, 4, 5, 6, 7])("padding after a sec_addr of %i bytes may be junk", (length) => {
    const secondaryAddress = new Uint8Array(length).fill(0x31);
    expect(decodeEveryWay(resultList({ secondaryAddress, padding: 0xff }))).toEqual({
      ok: true,
      value: ack({ ...HAND_MADE, secondaryAddress: "1".repeat(length), results: [ACCEPTED] }),
    });
  });

  test("a secondary address ends at its NUL, and what isn't printable shows as question marks", () => {
    const secondaryAddress = fromHex("1b5b324aff370041");
    expect(decodeEveryWay(resultList({ secondaryAddress }))).toMatchObject({
      value: { secondaryAddress: "?[2J?7" },
    });
  });

  test("a secondary address without a NUL is cut at 256 characters", () => {
    const secondaryAddress = new Uint8Array(4000).fill(0x37);
    expect(decodeAnswer(resultList({ secondaryAddress }))).toMatchObject({
      value: { secondaryAddress: "7".repeat(256) },
    });
  });

  test("a sec_addr length beyond the PDU is a fault where the address would begin", () => {
    const pdu = resultList();
    new DataView(pdu.buffer).setUint16(24, 0xffff, true);
    expect(decodeAnswer(pdu)).toEqual({
      ok: false,
      fault: { at: 26, what: "cut short: sec_addr needs 65535 bytes, 34 are left" },
    });
  });

  test("more results announced than there are is a fault after the last one", () => {
    const pdu = resultList();
    pdu[32] = 255;
    expect(decodeAnswer(pdu)).toEqual({
      ok: false,
      fault: { at: 60, what: "cut short: result needs 2 bytes, 0 are left" },
    });
  });

  test("an empty result list is a value, for the caller to judge", () => {
    expect(decodeEveryWay(resultList({ results: [] }))).toEqual({
      ok: true,
      value: ack({ ...HAND_MADE, results: [] }),
    });
  });

  test("an auth_length without a trailer is not believed", () => {
    expect(decodeEveryWay(resultList({ authLength: 400 }))).toEqual({
      ok: true,
      value: ack({ ...HAND_MADE, results: [ACCEPTED] }),
    });
  });

  test("an authentication trailer after the results is left alone", () => {
    const pdu = resultList({ authLength: 16, trailer: new Uint8Array(24).fill(0xa5) });
    expect(decodeEveryWay(pdu, 60)).toEqual({ ok: true, value: ack({ ...HAND_MADE, results: [ACCEPTED] }) });
  });

  test("results come back in the order of the wire, whatever they are", () => {
    const element = fc.record({ result: fc.integer({ max: 0xffff, min: 0 }), reason: fc.nat(0xffff) });
    fc.assert(
      fc.property(fc.array(element, { maxLength: 20 }), fc.boolean(), (results, bigEndian) => {
        const decoded = decodeAnswer(resultList({ results, bigEndian }));
        expect(decoded).toMatchObject({ ok: true, value: { results } });
      }),
    );
  });
});

describe("bind_nak", () => {
  const SIGNATURE = "20037490d0fad31182d7009027b130ab";

  test("the reason alone, 18 bytes, is enough", () => {
    expect(decodeEveryWay(nak("0800"))).toEqual({
      ok: true,
      value: { kind: "bind-nak", reason: 8, extendedError: false },
    });
  });

  test("the signature of extended error information is seen after the padding", () => {
    const pdu = nak(`0100010500000000${SIGNATURE}00000000`);
    expect(pdu.length).toBe(44);
    expect(decodeEveryWay(pdu, 18)).toEqual({
      ok: true,
      value: { kind: "bind-nak", reason: 1, extendedError: true },
    });
  });

  test("the signature is seen behind two protocol versions and junk padding", () => {
    expect(decodeAnswer(nak(`04000205000501ff${SIGNATURE}`))).toEqual({
      ok: true,
      value: { kind: "bind-nak", reason: 4, extendedError: true },
    });
  });

  test("sixteen other bytes in its place are no signature", () => {
    expect(decodeAnswer(nak(`0400010500000000${"ab".repeat(16)}`))).toEqual({
      ok: true,
      value: { kind: "bind-nak", reason: 4, extendedError: false },
    });
  });

  test("more versions announced than there are spoil nothing", () => {
    expect(decodeEveryWay(nak("0400ff0500"), 18)).toEqual({
      ok: true,
      value: { kind: "bind-nak", reason: 4, extendedError: false },
    });
  });

  test("a big-endian reason is read in its own byte order", () => {
    const pdu = hex("05000d03", "00000000", "00150000", "00000001", "0004", "01", "0500");
    expect(decodeEveryWay(pdu, 18)).toEqual({
      ok: true,
      value: { kind: "bind-nak", reason: 4, extendedError: false },
    });
  });
});

describe("fault", () => {
  const FAULT = hex(
    "05000303",
    "10000000",
    "20000000",
    "02000000",
    "0000000000000000",
    "02000000",
    "00000000",
  );

  test.each([
    [24, null],
    [25, null],
    [27, null],
    [28, 2],
    [32, 2],
  ])("a fault of %i bytes has the status %s", (length, status) => {
    const pdu = withFragLength(FAULT.slice(0, length), length);
    expect(decodeEveryWay(pdu, 24)).toEqual({ ok: true, value: { kind: "fault", status } });
  });

  test("a fault of 20 bytes is cut short", () => {
    expect(decodeAnswer(withFragLength(FAULT.slice(0, 20), 20))).toEqual({
      ok: false,
      fault: {
        at: 16,
        what: "cut short: alloc_hint, p_cont_id, cancel_count, reserved needs 8 bytes, 4 are left",
      },
    });
  });

  test("a big-endian status is read in its own byte order", () => {
    const pdu = hex(
      "05000323",
      "00000000",
      "00200000",
      "00000001",
      "0000000000000000",
      "1c010003",
      "00000000",
    );
    expect(decodeEveryWay(pdu, 24)).toEqual({ ok: true, value: { kind: "fault", status: 0x1c010003 } });
  });
});

describe("framing", () => {
  test("no bytes are incomplete", () => {
    expect(frame(new Uint8Array(0))).toEqual({ state: "incomplete" });
  });

  test.each([0, 4, 6, 0x15, 0x48, 255])("a first byte of %i can't begin a PDU", (version) => {
    expect(frame(Uint8Array.of(version))).toEqual({
      state: "not-dcerpc",
      at: 0,
      what: `rpc_vers is ${version}, not 5`,
    });
  });

  test.each([0, 1])("minor version %i is taken", (minor) => {
    expect(frame(Uint8Array.of(5, minor))).toEqual({ state: "incomplete" });
  });

  test.each([2, 255])("minor version %i is not", (minor) => {
    expect(frame(Uint8Array.of(5, minor))).toEqual({
      state: "not-dcerpc",
      at: 1,
      what: `rpc_vers_minor is ${minor}`,
    });
  });

  test.each([
    [20, "incomplete"],
    [21, "not-dcerpc"],
    [255, "not-dcerpc"],
  ])("PTYPE %i makes it %s", (ptype, state) => {
    expect(frame(Uint8Array.of(5, 0, ptype)).state).toBe(state);
  });

  test.each([
    [0, "frag_length is 0, outside 16 to 5840"],
    [15, "frag_length is 15, outside 16 to 5840"],
    [5841, "frag_length is 5841, outside 16 to 5840"],
    [65535, "frag_length is 65535, outside 16 to 5840"],
  ])("a frag_length of %i ends the framing as soon as the header is there", (length, what) => {
    const pdu = withFragLength(wireFixture("wine-1-context"), length);
    expect(frame(pdu.subarray(0, 15))).toEqual({ state: "incomplete" });
    expect(frame(pdu.subarray(0, 16))).toEqual({ state: "not-dcerpc", at: 8, what });
    expect(frame(pdu)).toEqual({ state: "not-dcerpc", at: 8, what });
  });

  test.each([16, 5840])("a frag_length of %i is waited for to the byte", (length) => {
    const bytes = new Uint8Array(length);
    bytes.set([5, 0, 12, 3, 0x10]);
    const pdu = withFragLength(bytes, length);
    expect(frame(pdu.subarray(0, length - 1))).toEqual({ state: "incomplete" });
    expect(frame(pdu)).toEqual({ state: "whole", length });
  });

  test("a header alone, with nothing behind it, is a fault of the body", () => {
    expect(decodeAnswer(withFragLength(wireFixture("wine-1-context").slice(0, 16), 16))).toEqual({
      ok: false,
      fault: { at: 16, what: "cut short: max_xmit_frag needs 2 bytes, 0 are left" },
    });
  });

  test("every PTYPE but four is a fault that names it", () => {
    const answers = Array.from({ length: 256 }, (_, ptype) => {
      const pdu = resultList({ ptype });
      const decoded = decodeAnswer(pdu);
      return decoded.ok ? decoded.value.kind : decoded.fault.what;
    });
    const expected = Array.from({ length: 256 }, (_, ptype) => `PTYPE ${ptype} doesn't answer a bind`);
    expected[3] = "fault";
    expected[12] = "accepted-pdu";
    expected[13] = "bind-nak";
    expected[15] = "accepted-pdu";
    expect(answers).toEqual(expected);
  });

  test("whatever the bytes, neither framing nor decoding throws, and a fault lies inside them", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (tail) => {
        const bytes = concat([Uint8Array.of(5, 0), tail]);
        const framing = frame(bytes);
        if (framing.state === "whole") expect(framing.length).toBeLessThanOrEqual(bytes.length);
        const decoded = decodeAnswer(bytes);
        if (!decoded.ok) expect(decoded.fault.at).toBeLessThanOrEqual(bytes.length);
      }),
    );
  });
});
