import { describe, expect, it } from "vitest";
import { explainWords, listCodes } from "../../../../src/cli/explain/words.ts";
import type { Explained } from "../../../../src/cli/explain/words.ts";

const TEXT = { color: false, width: 100, format: "text" } as const;

function explained(words: string[], files: Record<string, string> = {}): Promise<Explained> {
  return explainWords({ ...TEXT, words }, (file) => {
    const text = files[file];
    return Promise.resolve(text === undefined ? null : Buffer.from(text));
  });
}

describe("explainWords", () => {
  it("says once what two spellings of a code mean", async () => {
    const { output, recognised } = await explained(["0xC004F074", "3221549172"]);
    expect(recognised).toBe(true);
    expect(output.match(/0xC004F074/g)).toHaveLength(1);
    expect(output).toContain("Confirms no cause by itself");
  });

  it("takes an unknown code apart and invents nothing", async () => {
    const { output } = await explained(["0x80070216"]);
    expect(output).toContain("Win32 error 534. Nothing more is known of it here.");
  });

  it("names what is no code and no file, escaped, and recognises nothing", async () => {
    const { output, unread, recognised } = await explained(["\u001B[31mx"]);
    expect({ output, recognised }).toEqual({ output: "", recognised: false });
    expect(unread[0]).toContain(String.raw`\u{1b}[31mx is no code of ours, and no file`);
  });

  it.each([
    ["12290", "event 12290, on a KMS host"],
    ["tcp-no-answer", "verdict:"],
    ["lint-many-hosts", "finding,"],
  ])("knows %s", async (word, name) => {
    const { output, recognised } = await explained([word]);
    expect(recognised).toBe(true);
    expect(output).toContain(name);
    expect(output).not.toMatch(/\{\w+\}/);
  });

  it.each([
    ["tcp-no-answer", "<address> port <port> did not answer", "Ask for this rule on every firewall"],
    [
      "srv-nxdomain",
      "<resolver> says NXDOMAIN: <denied> does not exist. Causes:",
      "Publishing happens at service start",
    ],
    [
      "address-none",
      "<host> has no address. Causes: the host was retired",
      "Remove the SRV record of a retired",
    ],
    ["rpc-serves", "serves.", "nothing to do"],
  ])(
    "says of %s what holds without special evidence, of which a bare code has none",
    async (word, says, next) => {
      const { output } = await explained([word]);
      const words = output.replace(/\s+/g, " ");
      expect(words).toContain(says);
      expect(words).toContain(`Next: ${next}`);
      expect(words).not.toMatch(/wildcard|fake-ip|DNS64|\u2026/);
    },
  );

  it("reads codes and files in one run, and says what was expected where a file holds nothing", async () => {
    const files = { "a.txt": "Error: 0xC004F038 The computer could not be activated.\n", "b.txt": "hello\n" };
    const { output, unread } = await explained(["0x8007232B", "a.txt"], files);
    expect(output).toContain("message of a client, line 1 of a.txt");
    expect(output).toMatch(/4 . Activation threshold: confirmed/);
    expect(unread).toEqual([]);
    const nothing = await explained(["b.txt"], files);
    expect(nothing.recognised).toBe(false);
    expect(nothing.unread[0]).toContain("nothing was recognised in the 1 line of b.txt: output of");
    expect(nothing.misnamed).toBe(false);
  });

  it.each([
    ["hello\n", "nothing was recognised in the 1 line of standard input: output of"],
    ["hello\r\nworld", "nothing was recognised in the 2 lines of standard input: output of"],
    ["", "standard input is empty: output of"],
  ])("counts the lines of a text as its reader does: %j", async (text, told) => {
    expect((await explained(["-"], { "-": text })).unread[0]).toContain(told);
  });

  it.each([
    [["lan"], "The only suffix is lan, as"],
    [["lan", "home.arpa"], "The only suffixes are lan and home.arpa, as"],
    [["lan", "home.arpa", "a.home"], "The only suffixes are lan, home.arpa and a.home, as"],
    [
      ["lan", "home.arpa", "a.home", "fritz.box", "b.lan"],
      "The only suffixes are lan, home.arpa, a.home and 2 more, as",
    ],
  ])("says of %j that there are no others, in the number that they are", async (suffixes, told) => {
    const list = suffixes.join(`\n${" ".repeat(39)}`);
    const paste = `Windows IP Configuration\n\n   Host Name . . . . . . . . . . . . : PC1\n   Primary Dns Suffix  . . . . . . . :\n   DNS Suffix Search List. . . . . . : ${list}\n`;
    const { output } = await explained(["a.txt"], { "a.txt": paste });
    expect(output.replace(/\s+/g, " ")).toContain(told);
  });

  it.each([
    ["C004F074", "did you mean 0xC004F074?"],
    ["tcp-no-anser", "did you mean tcp-no-answer?"],
    ["lint-many-host", "did you mean lint-many-hosts?"],
    ["ticket.txt", "an HRESULT (0x and eight digits"],
    ["no-code-is-at-all-like-this-one", "an HRESULT (0x and eight digits"],
  ])("says of %s, which is no code and no file, what may have been meant", async (word, hint) => {
    const { unread, misnamed, recognised } = await explained([word]);
    expect({ misnamed, recognised }).toEqual({ misnamed: true, recognised: false });
    expect(unread).toEqual([expect.stringContaining(`${word} is no code of ours, and no file: ${hint}`)]);
  });

  it("says of an empty word that a variable of a script may be empty", async () => {
    const { unread, misnamed } = await explained([""]);
    expect(misnamed).toBe(true);
    expect(unread).toEqual(["'' is no code of ours, and no file: is a variable of a script empty?"]);
  });

  it("lists every code and event with its meaning", () => {
    expect(listCodes()).toMatch(/^0xC004F074 {2}SL_E_VL_BINDING_SERVICE_UNAVAILABLE\n {2}No KMS host/);
    expect(listCodes()).toContain("12293  event 12293, on a KMS host");
  });
});
