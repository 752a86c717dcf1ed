import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openSpace } from "../../../src/targets/address-set.ts";
import { collectTargets } from "../../../src/targets/sweep-targets.ts";
import type { CollectedTargets, TargetOptions } from "../../../src/targets/sweep-targets.ts";
import { UsageError } from "../../../src/targets/usage-error.ts";

let folder = "";

beforeAll(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), "kmsprobe-sweep-"));
});

afterAll(async () => {
  await fs.rm(folder, { recursive: true });
});

const NOTHING = { targets: [], files: [], exclude: [], excludeFiles: [], ports: [1688] };

function collect(options: Partial<TargetOptions>, signal?: AbortSignal): Promise<CollectedTargets> {
  return collectTargets({ ...NOTHING, ...options }, signal);
}

async function written(name: string, content: string): Promise<string> {
  const file = path.join(folder, name);
  await fs.writeFile(file, content);
  return file;
}

function listed({ builder }: CollectedTargets, ports = [1688]): string[] {
  const space = openSpace(builder.build(ports));
  return Array.from({ length: space.size }, (_, index) => `${space.address(index)} ${space.port(index)}`);
}

describe("what is to be swept", () => {
  it("is what the command line and the files name, without what both exclude", async () => {
    const files = [await written("a.txt", "10.0.0.4\n10.0.0.5:1700\n"), await written("b.txt", "fd00::1\n")];
    const excludeFiles = [await written("x.txt", "10.0.0.2\n224.0.0.0/4\n")];
    const collected = await collect({ targets: ["10.0.0.0/30"], files, exclude: ["10.0.0.0"], excludeFiles });
    expect(listed(collected)).toEqual([
      "10.0.0.1 1688",
      "10.0.0.3 1688",
      "10.0.0.4 1688",
      "fd00::1 1688",
      "10.0.0.5 1700",
    ]);
    expect(collected.written).toEqual(["10.0.0.0/30", ...files]);
    expect(collected.excluded).toEqual(["10.0.0.0", ...excludeFiles]);
    expect(collected.notes).toEqual([]);
  });

  it("may be several in one argument", async () => {
    const collected = await collect({ targets: ["10.0.0.1,10.0.0.2 kms1", " 10.0.0.3 "] });
    expect(listed(collected)).toEqual(["10.0.0.1 1688", "10.0.0.2 1688", "10.0.0.3 1688"]);
    expect(collected.written).toEqual(["10.0.0.1", "10.0.0.2", "kms1", "10.0.0.3"]);
  });

  it("has names, each once for each port, to be looked up", async () => {
    const files = [await written("names.txt", "kms1\nkms2:1700\n")];
    const collected = await collect({
      targets: ["KMS1", "kms1:1700", "kms1."],
      files,
      exclude: ["old", "kms2:1700"],
    });
    expect(collected.names).toEqual([
      { name: "kms1", port: null },
      { name: "kms1", port: 1700 },
      { name: "kms2", port: 1700 },
    ]);
    expect(collected.excludedNames).toEqual([
      { name: "old", port: null },
      { name: "kms2", port: 1700 },
    ]);
    expect(listed(collected)).toEqual([]);
    expect(collected.firstPublic).toBeNull();
  });

  it("takes the addresses of names afterwards, and leaves out those of excluded ones", async () => {
    const collected = await collect({ targets: ["kms1", "10.0.0.1"], exclude: ["kms2"] });
    collected.builder.add(4, 0x0a000002n, 0x0a000002n, null);
    collected.builder.exclude(4, 0x0a000001n, 0x0a000001n, null);
    expect(listed(collected)).toEqual(["10.0.0.2 1688"]);
  });

  it("is written down up to a hundred targets", async () => {
    const targets = Array.from({ length: 1_102 }, (_, each) => `10.0.${each >> 8}.${each & 255}`);
    const collected = await collect({ targets, exclude: targets.slice(0, 101) });
    expect(collected.written).toEqual([...targets.slice(0, 100), "and 1,002 more"]);
    expect(collected.excluded).toEqual([...targets.slice(0, 100), "and 1 more"]);
    expect((await collect({ targets: targets.slice(0, 100) })).written).toEqual(targets.slice(0, 100));
  });

  it("has the notes of the scans it is from", async () => {
    const host = '<host><address addr="10.0.0.1" addrtype="ipv4"/></host>';
    const file = await written("cut.xml", `<nmaprun>${host}\n`);
    const collected = await collect({ files: [file] });
    expect(listed(collected)).toEqual(["10.0.0.1 1688"]);
    expect(collected.notes).toEqual([
      `${file}: it ends at line 2 without </nmaprun>, as an interrupted scan does: taken as far as it goes`,
    ]);
  });

  it("is what was read by then, once the signal aborts", async () => {
    const collected = await collect({ files: [path.join(folder, "missing")] }, AbortSignal.abort());
    expect(listed(collected)).toEqual([]);
  });
});

describe("a public address", () => {
  it.each([
    [["10.0.0.0/8"], [], null],
    [["10.0.0.0/7"], [], "11.0.0.0"],
    [["10.0.0.0/7"], ["11.0.0.0/16"], "11.1.0.0"],
    [["10.0.0.0/7"], ["11.0.0.0/8"], null],
    [["10.0.0.0/7"], ["11.0.0.0/8:1700"], "11.0.0.0"],
    [["fd00::/120", "2a00::1"], [], "2a00::1"],
    [["kms1"], [], null],
  ])("of %j without %j is %s", async (targets, exclude, first) => {
    expect((await collect({ targets, exclude })).firstPublic).toBe(first);
  });
});

async function refused(options: Partial<TargetOptions>, message: string): Promise<void> {
  await expect(collect(options)).rejects.toBeInstanceOf(UsageError);
  await expect(collect(options)).rejects.toThrow(message);
}

describe("what can't be swept", () => {
  it("is nothing", async () => {
    await refused(
      {},
      "nothing to sweep: name subnets, ranges or hosts, as in kmsprobe sweep 10.0.0.0/24, or a list of them with --file",
    );
    await refused({ targets: [""] }, "'' names no target: leave it out, or name one");
    await refused({ exclude: ["10.0.0.1"] }, "nothing to sweep: name subnets");
  });

  it("is a list or a scan without any", async () => {
    const empty = await written("empty.txt", "# nobody\n");
    await refused(
      { files: [empty] },
      `nothing to sweep: no targets in ${empty}: write one a line, such as 10.0.0.0/24`,
    );
    const host =
      '<host><address addr="10.0.0.1" addrtype="ipv4"/><ports><port protocol="tcp" portid="1688"><state state="closed"/></port></ports></host>';
    const closed = await written("closed.xml", `<nmaprun>${host}</nmaprun>`);
    await refused(
      { files: [closed] },
      `nothing to sweep: no targets in ${closed} (${closed}: left out 1 host: port 1688 not open by the scan)`,
    );
  });

  it("is what the exclusions cover, unless a name may have another address", async () => {
    const all = { targets: ["10.0.0.1"], exclude: ["10.0.0.0/8"] };
    await refused(all, "nothing is left to sweep: the exclusions cover every target");
    expect((await collect({ ...all, targets: ["10.0.0.1", "kms1"] })).names).toHaveLength(1);
  });

  it("is standard input twice", async () => {
    await refused({ files: ["-"], excludeFiles: ["-"] }, "standard input can be read once");
  });

  it("is a mistake in any of it", async () => {
    await refused({ targets: ["10.0.0.1", "10.0.0.0/99"] }, "'10.0.0.0/99' has no prefix from 0 to 32");
    await refused({ targets: ["10.0.0.1"], exclude: ["10.0.0.9-1"] }, "'10.0.0.9-1' ends before it begins");
    const file = await written("wrong.txt", "10.0.0.1\n-\n");
    await refused({ targets: ["10.0.0.1"], excludeFiles: [file] }, `${file}, line 2: '-' is not a host`);
  });

  it("is more names than are looked up", async () => {
    const names = Array.from({ length: 4_096 }, (_, each) => `kms${each}`);
    expect((await collect({ targets: [...names, "kms0"] })).names).toHaveLength(4_096);
    await refused({ targets: [...names, "more"] }, "these are more than 4,096 names: write their addresses");
    const file = await written("many.txt", `${names.join("\n")}\nmore\n`);
    await refused({ files: [file] }, `${file}, line 4097: these are more than 4,096 names`);
  });
});
