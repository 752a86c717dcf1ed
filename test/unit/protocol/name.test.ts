import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeQuery } from "../../../src/protocol/dns/query.ts";
import { decodeResponse } from "../../../src/protocol/dns/response.ts";
import { isEncodableName, isHostName, normalizeName } from "../../../src/protocol/name.ts";
import { anyString } from "../any-string.ts";

describe("names", () => {
  test.each([
    ["", ""],
    [".", "."],
    ["corp.test", "corp.test"],
    ["Corp.TEST.", "corp.test"],
    ["a..", "a."],
    ["ÄÖ.test", "ÄÖ.test"],
    ["\u212Ams.test", "\u212Ams.test"],
  ])("%j is kept as %j", (name, normal) => {
    expect(normalizeName(name)).toBe(normal);
  });

  const label63 = "a".repeat(63);
  const name253 = [label63, label63, label63, "a".repeat(61)].join(".");

  test.each([
    ["corp.test", true],
    ["corp.test.", true],
    ["_vlmcs._tcp.corp.test", true],
    ["bücher.test", true],
    ["-.test", true],
    [label63, true],
    [name253, true],
    [`${name253}.`, true],
    ["a", true],
    ["", false],
    [".", false],
    [".test", false],
    ["a..test", false],
    ["a..", false],
    [`${label63}a`, false],
    [`${"ü".repeat(32)}.test`, false],
    [`${name253}a`, false],
    ["kms 1.test", false],
    ["kms\n.test", false],
    ["a\\046b.test", false],
    ["\u0000.test", false],
  ])("%j can be asked for: %s", (name, encodable) => {
    expect(isEncodableName(name)).toBe(encodable);
  });

  test.each([
    ["kms1.corp.test", true],
    ["KMS1.corp.test.", true],
    ["kms_1", true],
    ["_vlmcs._tcp.corp.test", true],
    ["1.2.3.4", true],
    ["a", true],
    ["a-b.c--d", true],
    ["-kms.test", false],
    ["kms-.test", false],
    ["kms.-test", false],
    ["-", false],
    ["kms1..test", false],
    ["kms 1.test", false],
    ["kms1/test", false],
    ["bücher.test", false],
    ["\u212Ams.test", false],
    ["[2001:db8::1]", false],
    ["", false],
    [".", false],
    [`${label63}a.test`, false],
  ])("%j can be a host's name: %s", (name, host) => {
    expect(isHostName(name)).toBe(host);
  });

  test("whatever can be asked for is encoded in two bytes more than it has", () => {
    fc.assert(
      fc.property(anyString({ maxLength: 80 }), (name) => {
        fc.pre(isEncodableName(name));
        const query = encodeQuery({ name, type: "A" }, 1, false);
        expect(query.length).toBe(12 + Buffer.byteLength(normalizeName(name)) + 2 + 4);
        expect(decodeResponse(query)).toMatchObject({
          ok: true,
          value: { question: { name: normalizeName(Buffer.from(name).toString()) } },
        });
      }),
    );
  });
});
