import { describe, expect, it } from "vitest";
import { explainWords, listCodes } from "../../../../src/cli/explain/words.ts";

describe("explainWords", () => {
  it("says once what two spellings of a code mean", () => {
    const { output, recognised } = explainWords(["0xC004F074", "3221549172"]);
    expect(recognised).toBe(true);
    expect(output.match(/0xC004F074/g)).toHaveLength(1);
    expect(output).toContain("Confirms no cause by itself");
  });

  it("takes an unknown code apart and invents nothing", () => {
    expect(explainWords(["0x800705B4"]).output).toContain(
      "Win32 error 1460. Nothing more is known of it here.",
    );
  });

  it("names what is no code, escaped, and recognises nothing", () => {
    const { output, unread, recognised } = explainWords(["\u001B[31mx"]);
    expect({ output, recognised }).toEqual({ output: "", recognised: false });
    expect(unread[0]).toContain(String.raw`\u{1b}[31mx is no error code`);
  });

  it("lists every code with its meaning", () => {
    expect(listCodes().output).toMatch(/^0xC004F074 {2}SL_E_VL_BINDING_SERVICE_UNAVAILABLE\n {2}No KMS host/);
  });
});
