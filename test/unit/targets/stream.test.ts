import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ipText } from "../../../src/targets/ip-value.ts";
import { LineReader } from "../../../src/targets/lines.ts";
import { parseTarget } from "../../../src/targets/range.ts";
import type { Target } from "../../../src/targets/range.ts";
import { readTargets } from "../../../src/targets/stream.ts";
import type { ReadOptions } from "../../../src/targets/stream.ts";
import { UsageError } from "../../../src/targets/usage-error.ts";

let folder = "";

beforeAll(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), "kmsprobe-stream-"));
});

afterAll(async () => {
  await fs.rm(folder, { recursive: true });
});

function shown(target: Target): string {
  const port = target.port === null ? "" : `:${target.port}`;
  if (target.kind === "name") return `${target.name}${port}`;
  const [first, last] = [ipText(target.family, target.first), ipText(target.family, target.last)];
  return `${first}${first === last ? "" : `-${last}`}${port}`;
}

async function read(
  content: string | Uint8Array,
  options: Partial<ReadOptions> = {},
): Promise<{ targets: string[]; notes: string[] }> {
  const file = path.join(folder, "list");
  await fs.writeFile(file, content);
  const targets: string[] = [];
  const notes = await readTargets(file, (target) => targets.push(shown(target)), {
    ports: [1688],
    ...options,
  });
  return { targets, notes: notes.map((note) => note.replace(`${file}: `, "")) };
}

describe("a list of targets", () => {
  it.each([
    ["one a line", "10.0.0.0/30\nkms1:1700\nfd00::1\n", ["10.0.0.0-10.0.0.3", "kms1:1700", "fd00::1"]],
    ["without a last line end", "10.0.0.1", ["10.0.0.1"]],
    ["with CRLF and empty lines", "\r\n10.0.0.1\r\n\r\n10.0.0.2\r\n", ["10.0.0.1", "10.0.0.2"]],
    ["with comments", "# all, <really>\n10.0.0.1 # one, two\n#10.0.0.2\n", ["10.0.0.1"]],
    [
      "with commas and blanks",
      " 10.0.0.1,10.0.0.2\t10.0.0.3, kms1\n",
      ["10.0.0.1", "10.0.0.2", "10.0.0.3", "kms1"],
    ],
    ["with a byte order mark", "\uFEFF10.0.0.1\n", ["10.0.0.1"]],
    [
      "in UTF-16 as Windows writes it",
      Buffer.from("\uFEFF10.0.0.1\r\nbücher.example\r\n", "utf16le"),
      ["10.0.0.1", "xn--bcher-kva.example"],
    ],
    ["of nothing", "", []],
    ["of blanks and comments", "\n \n# nobody", []],
  ])("%s", async (_, content, targets) => {
    expect(await read(content)).toEqual({ targets, notes: [] });
  });

  it("is read across the pieces that it comes in", async () => {
    const lines = Array.from(
      { length: 40_000 },
      (_, each) => `10.${each >> 16}.${(each >> 8) & 255}.${each & 255}`,
    );
    // Not one length: a piece ends in every place of a line.
    const { targets } = await read(lines.map((line, each) => line + " ".repeat(each % 7)).join("\n"));
    expect(targets).toEqual(lines);
  });

  it("has names beyond ASCII where a piece ends", async () => {
    const names = Array.from({ length: 9_000 }, (_, each) => `bü${each}ü.example`);
    const { targets } = await read(`x${names.join("\n")}`);
    expect(targets).toHaveLength(9_000);
    expect(targets.every((target) => /^xn--x?b\d*-[a-z0-9]+\.example$/.test(target))).toBe(true);
  });

  it("may name anything where it is of exclusions", async () => {
    expect(await read("224.0.0.0/4", { exclusions: true })).toEqual({
      targets: ["224.0.0.0-239.255.255.255"],
      notes: [],
    });
  });

  it("is not read once the signal has aborted", async () => {
    expect(await read("10.0.0.1", { signal: AbortSignal.abort() })).toEqual({ targets: [], notes: [] });
  });

  it("is read no further when the signal aborts", async () => {
    const abort = new AbortController();
    const file = path.join(folder, "long");
    await fs.writeFile(file, "10.0.0.1\n".repeat(100_000));
    let added = 0;
    const notes = await readTargets(file, () => (added += 1) === 10 && abort.abort(), {
      ports: [1688],
      signal: abort.signal,
    });
    expect(notes).toEqual([]);
    expect(added).toBeGreaterThanOrEqual(10);
    expect(added).toBeLessThan(100_000);
  });
});

async function refused(reading: Promise<unknown>, message: string): Promise<void> {
  await expect(reading).rejects.toBeInstanceOf(UsageError);
  await expect(reading).rejects.toThrow(message);
}

describe("a list that can't be read", () => {
  it.each([
    [
      "has a subnet that is none",
      "10.0.0.1\n10.0.0.0/33\n",
      "list, line 2: '10.0.0.0/33' has no prefix from 0 to 32",
    ],
    [
      "has a mistake behind empty lines",
      "\n\r\n  \n10.0.0.256",
      "list, line 4: '10.0.0.256' is not an IPv4 address",
    ],
    ["has a mistake behind another target", "10.0.0.1 kms-:1", "list, line 1: 'kms-:1' is not a host"],
    ["has what is never swept", "224.0.0.1", "list, line 1: '224.0.0.1' holds multicast addresses"],
    [
      "has a line that never ends",
      "10.0.0.1 ".repeat(20_000),
      "list, line 1: it is longer than 65,536 characters: write one target a line",
    ],
    [
      "has a line of blanks",
      `10.0.0.1\n${" ".repeat(65_537)}\n`,
      "list, line 2: it is longer than 65,536 characters",
    ],
    ["is a program", "\u0000\u0001ELF", "list, line 1: '??ELF' is not a host"],
  ])("%s", async (_, content, message) => {
    await refused(read(content), message);
  });

  it("holds XML, where it is of exclusions", async () => {
    await refused(
      read(" <nmaprun/>", { exclusions: true }),
      "list is XML: write what is to be left out one a line",
    );
  });

  it("has a mistake that only its taker knows", async () => {
    const file = path.join(folder, "names");
    await fs.writeFile(file, "kms1\nkms2\n");
    let added = 0;
    const full = (): void => {
      added += 1;
      if (added % 2 === 0) throw new UsageError("too many names");
    };
    await refused(readTargets(file, full, { ports: [1688] }), "names, line 2: too many names");
  });

  it("is not waited for, where its line has no end", () => {
    const reader = new LineReader("list", 1, parseTarget, () => {});
    reader.write(" ".repeat(65_536));
    expect(() => reader.write(" ")).toThrow("list, line 1: it is longer than 65,536 characters");
  });

  it("does not exist, or is a folder", async () => {
    const options = { ports: [1688] };
    await refused(
      readTargets(path.join(folder, "missing"), () => {}, options),
      "(ENOENT)",
    );
    await refused(
      readTargets(folder, () => {}, options),
      "(EISDIR)",
    );
  });
});

describe("a scan", () => {
  it("is known by its first character", async () => {
    const host = '<host><address addr="10.0.0.1" addrtype="ipv4"/></host>';
    expect(await read(`\uFEFF\n \n<nmaprun>${host}</nmaprun>`)).toEqual({ targets: ["10.0.0.1"], notes: [] });
    await refused(read(`\n\n<nmaprun>\n${host}</nmap>`), "list, line 4, column");
  });
});
