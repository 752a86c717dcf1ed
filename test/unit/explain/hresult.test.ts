import { describe, expect, it } from "vitest";
import { codeEntry, knownCodes } from "../../../src/explain/codes.ts";
import { hresultOf, win32Of } from "../../../src/explain/hresult.ts";

describe("hresultOf", () => {
  it.each([
    ["0xC004F074", "0xC004F074"],
    ["0xc004f074", "0xC004F074"],
    ["-1073418124", "0xC004F074"],
    ["3221549172", "0xC004F074"],
    ["3221549076", "0xC004F014"],
  ])("reads %s as %s", (word, code) => {
    expect(hresultOf(word)).toBe(code);
  });

  it.each([
    "",
    "0x",
    "0xC004F07",
    "0xC004F0744",
    "1688",
    "1073741824",
    "-2147483649",
    "4294967296",
    "C004F074",
  ])("takes %j for no code", (word) => {
    expect(hresultOf(word)).toBeNull();
  });

  it("finds a Win32 error in facility 7 only", () => {
    expect(win32Of("0x800706BA")).toBe(1722);
    expect(win32Of("0x80092328")).toBeNull();
    expect(win32Of("0x000706BA")).toBeNull();
  });
});

describe("the table of codes", () => {
  it("is keyed by what hresultOf writes", () => {
    expect(knownCodes().map(([code]) => hresultOf(code))).toEqual(knownCodes().map(([code]) => code));
  });

  it.each(["0xC004F074", "0xC004F06C", "0x80072338"])("%s, which several causes fit, proves none", (code) => {
    expect(codeEntry(code)).toMatchObject({ proves: null });
    expect(codeEntry(code)?.fits.length).toBeGreaterThan(1);
  });

  it("names no cmdlet for a Windows that does not have it", () => {
    expect(JSON.stringify(knownCodes())).not.toContain("since Windows 7");
  });

  it.each([
    ["0xC004F038", "activation-threshold"],
    ["0xC004F041", "kms-host"],
    ["0xC004F042", "host-key"],
    ["0x8007267C", "client-configuration"],
  ])("%s proves %s", (code, cause) => {
    expect(codeEntry(code)).toMatchObject({ proves: cause, fits: [] });
  });
});
