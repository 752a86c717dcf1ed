import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import * as fc from "fast-check";
import ipaddr from "ipaddr.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseAllowed, readAllowed } from "../../../src/targets/allowed.ts";
import { UsageError } from "../../../src/targets/usage-error.ts";

let folder = "";

beforeAll(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), "kmsprobe-allowed-"));
});

afterAll(async () => {
  await fs.rm(folder, { recursive: true });
});

async function write(content: string | Uint8Array): Promise<string> {
  const file = path.join(folder, "allowed.txt");
  await fs.writeFile(file, content);
  return file;
}

function many(count: number): string {
  return Array.from({ length: count }, (_, n) => `kms${n}`).join("\n");
}

async function refused(reading: Promise<unknown>, message: string): Promise<void> {
  await expect(reading).rejects.toBeInstanceOf(UsageError);
  await expect(reading).rejects.toThrow(message);
}

describe("an entry of the permitted hosts", () => {
  it.each([
    ["kms1.corp.example", { kind: "name", text: "kms1.corp.example", port: null }],
    ["KMS1.Corp.Example.:1700", { kind: "name", text: "kms1.corp.example", port: 1700 }],
    ["bücher.example", { kind: "name", text: "xn--bcher-kva.example", port: null }],
    ["10.0.0.1", { kind: "address", text: "10.0.0.1", port: null }],
    ["10.0.0.1:1688", { kind: "address", text: "10.0.0.1", port: 1688 }],
    ["FD00::1", { kind: "address", text: "fd00::1", port: null }],
    ["[fd00::1]:1688", { kind: "address", text: "fd00::1", port: 1688 }],
    ["10.20.0.0/16", { kind: "cidr", text: "10.20.0.0/16", port: null }],
    ["10.20.0.0/16:1688", { kind: "cidr", text: "10.20.0.0/16", port: 1688 }],
    ["0.0.0.0/0", { kind: "cidr", text: "0.0.0.0/0", port: null }],
    ["10.0.0.1/32", { kind: "cidr", text: "10.0.0.1/32", port: null }],
    ["FD00:0::/64", { kind: "cidr", text: "fd00::/64", port: null }],
    ["[fd00::/64]:1688", { kind: "cidr", text: "fd00::/64", port: 1688 }],
    ["::10.20.0.0/112", { kind: "cidr", text: "::a14:0/112", port: null }],
    ["fd00::/64:1688", { kind: "cidr", text: "fd00::/64", port: 1688 }],
  ])("%s", (text, entry) => {
    expect(parseAllowed(text)).toEqual(entry);
  });

  it.each([
    ["10.0.0.0/33", "'10.0.0.0/33' is not a subnet: write one such as 10.20.0.0/16 or fd00::/64"],
    ["fd00::/129", "is not a subnet"],
    ["10/8", "is not a subnet"],
    ["kms1/24", "is not a subnet"],
    ["/24", "is not a subnet"],
    ["10.0.0.0/", "is not a subnet"],
    ["10.0.0.0/24/24", "is not a subnet"],
    ["fe80::%eth0/64", "is not a subnet"],
    ["10.20.1.5/16", "is no subnet's own address: write 10.20.0.0/16, or 10.20.1.5 for the host alone"],
    ["fd00::1/64", "is no subnet's own address: write fd00::/64, or fd00::1 for the host alone"],
    ["10.0.0.0/24:", "has no port from 1 to 65535 after its colon"],
    ["10.0.0.0/24:0", "has no port from 1 to 65535 after its colon"],
    ["[fd00::/64]:70000", "has no port from 1 to 65535 after its colon"],
    ["kms1:0", "has no port from 1 to 65535 after its colon"],
    ["10.0.0.256", "is not an IPv4 address"],
    ["kms1 10.0.0.1", "'kms1 10.0.0.1' is more than one entry: write one NAME, ADDRESS or CIDR a line"],
    ["kms1,kms2", "is more than one entry"],
    ["-rf", "is not a host"],
  ])("is not %s", (text, message) => {
    expect(() => parseAllowed(text)).toThrow(UsageError);
    expect(() => parseAllowed(text)).toThrow(message);
  });

  it("is parsed or refused, whatever is typed", () => {
    const piece = fc.constantFrom(
      "10.0.0.0",
      "fd00::",
      "/24",
      "/",
      ":1688",
      ":",
      "[",
      "]",
      "kms1",
      ".",
      "%",
      "\u001b",
    );
    const typed = fc.oneof(
      fc.array(piece, { maxLength: 6 }).map((all) => all.join("")),
      fc.string(),
    );
    fc.assert(
      fc.property(typed, (text) => {
        try {
          const { kind, text: meant, port } = parseAllowed(text);
          expect(meant).not.toMatch(/[^\x21-\x7e]/);
          if (kind === "cidr") expect(ipaddr.isValidCIDR(meant)).toBe(true);
          if (port !== null) expect(port).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(UsageError);
          expect(error instanceof Error && error.message).not.toMatch(/[^\x20-\x7e]/);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("the file of permitted hosts", () => {
  it("holds one a line, each once, with comments and a byte order mark", async () => {
    const file = await write(
      "\uFEFF# ours\r\nkms1.corp.example # the old one\r\n\r\n  10.0.0.1:1688\nKMS1.corp.example\n10.20.0.0/16",
    );
    expect((await readAllowed(file)).map(({ kind, text, port }) => `${kind} ${text} ${port}`)).toEqual([
      "name kms1.corp.example null",
      "address 10.0.0.1 1688",
      "cidr 10.20.0.0/16 null",
    ]);
  });

  it.each([
    ["kms1\n\n10.0.0.0/99\n", "allowed.txt, line 3: '10.0.0.0/99' is not a subnet"],
    ["# all\nkms1 kms2\n", "allowed.txt, line 2: 'kms1 kms2' is more than one entry"],
    ["kms1\r\n\u001b[2J\r\n", "allowed.txt, line 2: '?[2J' is not a host"],
  ])("%j names the line of a mistake", async (content, message) => {
    await refused(readAllowed(await write(content)), message);
  });

  it.each(["", "\n", "# nobody\n"])("%j permits nobody, which nobody means", async (content) => {
    await refused(readAllowed(await write(content)), "allowed.txt permits nobody: write one NAME");
  });

  it("has at most 4096 entries, and 4 MiB", async () => {
    expect(await readAllowed(await write(many(4_096)))).toHaveLength(4_096);
    await refused(
      readAllowed(await write(many(4_097))),
      "allowed.txt lists more than 4,096 entries: permit subnets by their CIDR",
    );
    await refused(readAllowed(await write(new Uint8Array((4 << 20) + 1))), "is larger than 4 MiB");
  });

  it("must be there", async () => {
    await refused(readAllowed(path.join(folder, "missing.txt")), "missing.txt (ENOENT)");
  });
});
