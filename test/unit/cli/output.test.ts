import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { wantsAscii, wantsColor } from "../../../src/cli/output.ts";

const VARIABLES = [
  "NO_COLOR",
  "FORCE_COLOR",
  "CLICOLOR",
  "CLICOLOR_FORCE",
  "TERM",
  "CI",
  "LC_ALL",
  "LC_CTYPE",
  "LANG",
];

const TERMINAL = { isTTY: true };
/** Node leaves the property away where there is no terminal. */
const PIPE = {};

beforeEach(() => {
  for (const name of VARIABLES) vi.stubEnv(name, undefined);
});

afterEach(() => {
  vi.unstubAllEnvs();
});

describe("colour", () => {
  it.each<[Record<string, string>, boolean, boolean]>([
    [{}, true, false],
    [{ CI: "true" }, true, false],
    [{ TERM: "xterm-256color" }, true, false],
    [{ TERM: "dumb" }, false, false],
    [{ NO_COLOR: "1" }, false, false],
    [{ NO_COLOR: "" }, true, false],
    [{ NO_COLOR: "1", FORCE_COLOR: "1", CLICOLOR_FORCE: "1" }, false, false],
    [{ FORCE_COLOR: "1" }, true, true],
    [{ FORCE_COLOR: "3", TERM: "dumb" }, true, true],
    [{ FORCE_COLOR: "" }, true, false],
    [{ FORCE_COLOR: "0" }, false, false],
    [{ FORCE_COLOR: "false", CLICOLOR_FORCE: "1" }, false, false],
    [{ CLICOLOR_FORCE: "1" }, true, true],
    [{ CLICOLOR_FORCE: "1", CLICOLOR: "0" }, true, true],
    [{ CLICOLOR_FORCE: "0" }, true, false],
    [{ CLICOLOR: "0" }, false, false],
    [{ CLICOLOR: "1" }, true, false],
  ])("with %j: on a terminal %s, in a pipe %s, never in a file", (env, onTerminal, inPipe) => {
    for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
    expect(wantsColor({ color: "auto" }, TERMINAL)).toBe(onTerminal);
    expect(wantsColor({ color: "auto" }, PIPE)).toBe(inPipe);
    expect(wantsColor({ color: "auto", output: "report.txt" }, TERMINAL)).toBe(false);
    expect(wantsColor({ color: "always", output: "report.txt" }, PIPE)).toBe(true);
    expect(wantsColor({ color: "never" }, TERMINAL)).toBe(false);
  });

  it("is none in a pipe with CI set, where picocolors would have some if it were left to guess", async () => {
    vi.stubEnv("CI", "true");
    // picocolors reads the environment once, when it is loaded.
    vi.resetModules();
    const { createStyle } = await import("../../../src/report/style.ts");
    expect(createStyle(wantsColor({ color: "auto" }, PIPE)).bold("x")).toBe("x");
    expect(createStyle(wantsColor({ color: "auto" }, TERMINAL)).bold("x")).toBe("\u001B[1mx\u001B[22m");
  });
});

describe("ASCII", () => {
  it.each<[Record<string, string>, boolean]>([
    [{}, false],
    [{ LANG: "en_US.UTF-8" }, false],
    [{ LANG: "C.utf8" }, false],
    [{ LC_CTYPE: "UTF-8" }, false],
    [{ LANG: "C" }, true],
    [{ LANG: "POSIX" }, true],
    [{ LANG: "de_DE.ISO-8859-1" }, true],
    [{ LANG: "de_DE@euro" }, true],
    // The first that is set decides, as in setlocale(3); one that is empty is not.
    [{ LC_ALL: "C", LANG: "en_US.UTF-8" }, true],
    [{ LC_ALL: "C.UTF-8", LC_CTYPE: "C", LANG: "C" }, false],
    [{ LC_ALL: "", LC_CTYPE: "C", LANG: "en_US.UTF-8" }, true],
  ])("with %j: %s", (env, expected) => {
    for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
    expect(wantsAscii({ ascii: false })).toBe(expected);
    expect(wantsAscii({ ascii: true })).toBe(true);
  });
});
