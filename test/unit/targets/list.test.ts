import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readHostList } from "../../../src/targets/list.ts";
import { UsageError } from "../../../src/targets/usage-error.ts";

let folder = "";

beforeAll(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), "kmsprobe-list-"));
});

afterAll(async () => {
  await fs.rm(folder, { recursive: true });
});

async function listed(content: string | Uint8Array, defaultPort?: number): Promise<string[]> {
  const file = path.join(folder, "hosts.txt");
  await fs.writeFile(file, content);
  return (await readHostList(file, { defaultPort })).map(({ host, port }) => `${host} ${port}`);
}

describe("a list of hosts", () => {
  it.each([
    ["one a line", "kms1\nkms2:1700\n", ["kms1 1688", "kms2 1700"]],
    ["without a last line end", "kms1", ["kms1 1688"]],
    ["with CRLF", "kms1\r\nkms2\r\n", ["kms1 1688", "kms2 1688"]],
    ["with comments", "# all of them\nkms1 # the old one\n#kms2\n", ["kms1 1688"]],
    ["with empty lines and blanks", "\n\n  kms1\t\n\n", ["kms1 1688"]],
    ["with commas and several a line", "kms1, kms2,kms3 kms4\n", [1, 2, 3, 4].map((n) => `kms${n} 1688`)],
    ["with a byte order mark", "\uFEFFkms1\n", ["kms1 1688"]],
    [
      "of addresses",
      "10.0.0.1\n[fd00::1]:1700\nfd00::2\n",
      ["10.0.0.1 1688", "fd00::1 1700", "fd00::2 1688"],
    ],
    ["with a host twice, which is not its business", "kms1\nkms1\n", ["kms1 1688", "kms1 1688"]],
    ["that begins with a bracket and is no JSON", "[fd00::1]:1700\n", ["fd00::1 1700"]],
    ["with names beyond ASCII", "bücher.example\n", ["xn--bcher-kva.example 1688"]],
  ])("%s", async (_, content, hosts) => {
    expect(await listed(content)).toEqual(hosts);
  });

  it("takes the default port that it is given", async () => {
    expect(await listed("kms1\nkms2:1688\n", 1700)).toEqual(["kms1 1700", "kms2 1688"]);
  });

  it("takes 4096 hosts", async () => {
    const hosts = Array.from({ length: 4096 }, (_, index) => `kms${index}`);
    expect(await listed(hosts.join("\n"))).toHaveLength(4096);
  });
});

async function refused(reading: Promise<unknown>, message: string): Promise<void> {
  await expect(reading).rejects.toBeInstanceOf(UsageError);
  await expect(reading).rejects.toThrow(message);
}

describe("a list that can't be read", () => {
  it.each([
    ["kms1\nkms-:1\n", "hosts.txt, line 2: 'kms-:1' is not a host"],
    [
      "kms1\n\n# comment\nkms1:99999\n",
      "hosts.txt, line 4: 'kms1:99999' has no port from 1 to 65535 after its colon",
    ],
    ["kms1\r\n\r\n\u001b[2J\r\n", "hosts.txt, line 3: '?[2J' is not a host"],
    ["10.0.0.0/24\n", "hosts.txt, line 1: '10.0.0.0/24' is many addresses"],
    [
      "kms0\nkms1.corp.test,1688\n",
      "hosts.txt, line 2: '1688' is not a host: a port goes behind a colon: kms1.corp.test:1688",
    ],
    ["kms1 1688\n", "hosts.txt, line 1: '1688' is not a host: a port goes behind a colon: kms1:1688"],
    ["\n<?xml version='1.0'?>\n", "hosts.txt is XML: kmsprobe sweep -f reads what nmap -oX writes"],
    [
      "# Nmap 7.93 scan initiated\nHost: 10.0.0.1 ()\n",
      "hosts.txt is a scan, but no XML: let nmap (or masscan)",
    ],
    ['{"ip":"10.0.0.1","ports":[{"port":1688}]}\n', "hosts.txt is JSON: write one host a line"],
    ['\n[\n{"ip":"10.0.0.1"}]\n', "hosts.txt is JSON: write one host a line"],
    ['["kms1"]', "hosts.txt is JSON: write one host a line"],
    ["PK\u0003\u0004\u0014\u0000", "hosts.txt is a workbook or an archive: save it as text, one host a line"],
    [Uint8Array.of(0x1f, 0x8b, 8, 0, 10), "hosts.txt is a workbook or an archive: save it as text"],
  ])("%j names the line", async (content, message) => {
    await refused(listed(content), message);
  });

  it.each(["", "\n\n", "# nobody\n", "\uFEFF"])("%j lists nobody", async (content) => {
    await refused(listed(content), "hosts.txt lists no hosts: write one a line");
  });

  it("has more hosts than are probed at a time", async () => {
    await refused(
      listed("kms1 ".repeat(4097)),
      "hosts.txt lists 4,097 hosts: 4,096 at most at a time; kmsprobe sweep -f takes more",
    );
  });

  it("is larger than any list", async () => {
    await refused(listed(new Uint8Array((4 << 20) + 1)), "hosts.txt is larger than 4 MiB: no list of hosts");
  });

  it("does not exist", async () => {
    const file = path.join(folder, "missing.txt");
    await refused(readHostList(file), `can't read the list ${file} (ENOENT)`);
  });

  it("is a folder", async () => {
    await refused(readHostList(folder), `can't read the list ${folder} (EISDIR)`);
  });
});
