import fs from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { check, sweep, UsageError } from "../../../src/library.ts";
import { inOptions, ofOptions } from "../../../src/library/in-options.ts";

const SRC = path.join(import.meta.dirname, "../../../src");

/** What speaks of one command alone, of another program, or of how a file is made. */
const LEFT = new Set([
  "--allowed",
  "--append-output",
  "--baseline",
  "--format",
  "--here",
  "--max-time",
  "--require",
  "--schema",
  "--write-baseline",
]);

async function messageOf(run: () => Promise<unknown>): Promise<string> {
  try {
    await run();
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    return error instanceof Error ? error.message : "";
  }
  throw new Error("nothing was thrown");
}

async function firstLine(options: Parameters<typeof sweep>[0]): Promise<void> {
  for await (const line of sweep(options)) return void line;
}

describe("a mistake in a call of the library", () => {
  it.each([
    [
      "check({ sources: ['no-such0'] })",
      () => check({ hosts: ["127.0.0.1"], sources: ["no-such0"] }),
      /^sources 'no-such0' is no address and no interface/,
    ],
    [
      "check({ networks: ['hq'] })",
      () => check({ networks: ["hq"] }),
      /^networks 'hq' is not NAME=SUBNET, as in hq=/,
    ],
    ["check({ hosts: ['@::1'] })", () => check({ hosts: ["@::1"] }), /names a resolver: resolvers ::1/],
    ["sweep({})", () => firstLine({}), /or a list of them with files$/],
    [
      "sweep({ files: ['-'], excludeFiles: ['-'] })",
      () => firstLine({ files: ["-"], excludeFiles: ["-"] }),
      /give - to one of files and excludeFiles$/,
    ],
    [
      "sweep({ stateFile: '/dev/null' })",
      () => firstLine({ targets: ["127.0.0.1"], stateFile: "/dev/null" }),
      /name a file for stateFile$/,
    ],
  ])("%s is told by the name of its option", async (_, run, message) => {
    expect(await messageOf(run)).toMatch(message);
  });
});

describe("inOptions", () => {
  it("leaves what the caller wrote, flags of other programs, and dashes in words", async () => {
    const message = "'--file' of nmap --append-output: give - to --exclude-file, well-read";
    const told = await messageOf(() => inOptions(() => Promise.reject(new UsageError(message))));
    expect(told).toBe("'--file' of nmap --append-output: give - to excludeFiles, well-read");
  });

  it("hands on what is no mistake of the caller's", async () => {
    const fault = new TypeError("--file");
    await expect(inOptions(() => Promise.reject(fault))).rejects.toBe(fault);
    const plain = new UsageError("reports is to be a list");
    expect(ofOptions(plain)).toBe(plain);
  });

  it("knows every flag that a room below it names", () => {
    const files = fs
      .readdirSync(SRC, { recursive: true, encoding: "utf8" })
      .filter((file) => /^(?:compare|run|sweep|targets|verify)\/.*\.ts$/.test(file));
    const flags = files.flatMap((file) => {
      const code = fs.readFileSync(path.join(SRC, file), "utf8");
      const told = code.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
      return Array.from(told.matchAll(/(?<=["'`\s(])--[a-z][a-z-]+/g), ([flag]) => flag);
    });
    const unknown = [...new Set(flags)].filter((flag) => {
      const error = new UsageError(flag);
      return !LEFT.has(flag) && ofOptions(error) === error;
    });
    expect(unknown).toEqual([]);
    expect(flags.length).toBeGreaterThan(10);
  });
});
