/** The commands of README.md and docs/, each run as it is printed, in a network that has what they name. */
import fs from "node:fs";
import { chmod, copyFile, cp, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { programPath } from "../integration/servers/available.ts";
import { ownNames } from "../integration/support/own-names.ts";
import { PROGRAM, startProgram } from "../integration/support/kmsprobe.ts";
import { type ZoneEntry, zoneFile } from "../integration/support/zone.ts";
import { DOCUMENTS, readDocument, shellLines } from "../shell-blocks.ts";
import { needsNetwork } from "./office.ts";
import { Peers, startDns, startRpcScript } from "./peers.ts";
import { type Host, Network } from "./topology.ts";

const DNS = "10.0.0.53";
const KMS = "10.20.0.5";
const ROOT = path.join(import.meta.dirname, "../..");

/** Lines that belong to programs that are not on every machine. */
const OTHERS = /^\s*(?:scp|seq|kubectl|array=|sbatch|cp|npm|node|cscript|apt|podman|sed|install|systemctl)\b/;

/** Codes that an example may end with: what holds, what does not, and what its network does not let it check. */
const ENDS = [0, 1, 3];

const MADE_BY: Readonly<Record<string, readonly string[]>> = {
  "docs/verify.md": ["before.json"],
  "docs/sweep.md": ["part-1.ndjson"],
};

const zone = (name: string): string => {
  const srv: ZoneEntry[] = ["kms1", "kms2"].map((host) => ({
    name: `_vlmcs._tcp.${name}`,
    srv: { priority: 0, weight: 0, port: 1688, target: `${host}.${name}` },
  }));
  return zoneFile([
    ...srv,
    { name: `kms1.${name}`, address: KMS },
    { name: `kms2.${name}`, address: "10.20.0.6" },
  ]);
};

/** Lines that listen, on a port that is the same on every page: one at a time. */
const LISTENS = /\bkmsprobe (?:serve\b|.*--serve\b)/;
let listening: Promise<unknown> = Promise.resolve();

/** What goes on by itself is ended; ssh goes nowhere else. */
const TOOLS = {
  kmsprobe: `case "$1 $*" in
  sweep*) shift; set -- sweep --max-time 2s "$@" ;;
  watch*) set -- "$@" --for 2s ;;
  serve*--check-config*) ;;
  serve*|*--serve*) exec timeout --preserve-status -s INT 6 "$NODE" "$PROGRAM" "$@" ;;
esac
exec "$NODE" "$PROGRAM" "$@"`,
  ssh: 'shift; exec "$@"',
  "page-me": "cat > /dev/null",
};

const examples = DOCUMENTS.map((file) => ({
  file,
  lines: shellLines(file).filter(
    (line) => /\bkmsprobe\b/.test(line) && !OTHERS.test(line) && !line.includes("/usr/local/"),
  ),
})).filter(({ lines }) => lines.length > 0);

/**
 * A machine in an office and in a VPN. The other end has every address of 10.0.0.0/8: a name server, one KMS host, and
 * nobody listens at the others.
 *
 *     jump  10.20.1.9 eth0 ───┬─── rest  10.0.0.0/8
 *           10.8.0.6  wg0  ───┘
 */
describe.skipIf(needsNetwork("named", "unshare", "timeout").skip)("examples", { timeout: 240_000 }, () => {
  let network: Network;
  let jump: Host;
  let names: Awaited<ReturnType<typeof ownNames>> | null = null;
  let tools = "";
  let furnished = "";
  const peers = new Peers();

  beforeAll(async () => {
    network = new Network();
    jump = network.host("jump");
    const rest = network.host("rest");
    network.cable({ host: jump, addresses: ["10.20.1.9/16"] }, { host: rest, addresses: ["10.20.0.1/16"] });
    rename(jump, "to-rest", "eth0");
    rename(rest, "to-jump", "office");
    network.cable({ host: jump, addresses: ["10.8.0.6/24"] }, { host: rest, addresses: [] });
    rename(jump, "to-rest", "wg0");
    jump.ip("route add default via 10.20.0.1");
    rest.ip(
      "route add local 10.0.0.0/9 dev lo",
      `address add ${DNS}/32 dev lo`,
      `address add ${KMS}/32 dev lo`,
    );
    await peers.add(
      startDns(rest, {
        address: DNS,
        zones: { "corp.example": zone("corp.example"), "branch.example": zone("branch.example") },
      }),
    );
    await peers.add(startRpcScript(rest, KMS, 1688, "serves"));
    names = await ownNames({ resolvConf: `search corp.example\nnameserver ${DNS}\n`, hostname: "jump" });
    tools = await mkdtemp(path.join(tmpdir(), "kmsprobe-tools-"));
    for (const [name, script] of Object.entries(TOOLS)) {
      await writeFile(path.join(tools, name), `#!/bin/sh\n${script}\n`);
      await chmod(path.join(tools, name), 0o755);
    }
    furnished = await mkdtemp(path.join(tmpdir(), "kmsprobe-furnished-"));
    await furnish();
  });

  afterAll(async () => {
    await peers.stop();
    await names?.remove();
    network.remove();
    await rm(tools, { recursive: true, force: true });
    await rm(furnished, { recursive: true, force: true });
  });

  async function shell(line: string, cwd: string): Promise<{ code: number | null; said: string }> {
    const [command, ...rest] = [...jump.wrapper, ...(names?.wrapper ?? []), programPath("sh"), "-c", line];
    const env = { PATH: `${tools}:${process.env["PATH"]}`, NODE: process.execPath, PROGRAM };
    const { code, stdout, stderr } = await startProgram(command, rest, { cwd, env }).finished;
    return { code, said: stdout + stderr };
  }

  /** The files that examples name, and do not make. */
  async function furnish(): Promise<void> {
    const put = (name: string, text: string): Promise<void> => writeFile(path.join(furnished, name), text);
    await put("hosts.txt", "kms1.corp.example\n");
    await put("kms-hosts.txt", `${KMS}\n`);
    await put("more.txt", "10.1.0.9\n");
    await put("ticket.txt", "Error: 0xC004F074\nKMS machine name from DNS: kms1.corp.example:1688\n");
    await put("site.yaml", policyOf("docs/verify.md"));
    await put("serve.yaml", policyOf("docs/serve.md"));
    await copyFile(path.join(ROOT, "test/fixtures/nmap/connect.xml"), path.join(furnished, "scan.xml"));
    await symlink(path.dirname(PROGRAM), path.join(furnished, "kmsprobe"));
    // The executable itself is run by its own tests (test/packages).
    await symlink(path.join(tools, "kmsprobe"), path.join(furnished, "kmsprobe-linux-x64"));
    const made = [
      "kmsprobe check -d corp.example --format json -o report.json",
      "for each in office vpn before after here; do cp report.json $each.json; done",
      "kmsprobe verify site.yaml --place jump --format json -o verification.json",
      "kmsprobe sweep 10.20.0.0/29 -q -o part-1.ndjson",
    ];
    const { said } = await shell(made.join("\n"), furnished);
    expect(said).toBe("");
  }

  test("are those of many pages, with nearly every command", () => {
    expect(examples.length).toBeGreaterThan(8);
    const used = new Set(
      examples.flatMap(({ lines }) =>
        lines.flatMap((line) => /kmsprobe ([a-z]+) /.exec(`${line} `)?.[1] ?? []),
      ),
    );
    const pages = fs.readdirSync(path.join(ROOT, "docs")).filter((name) => used.has(name.replace(".md", "")));
    expect(pages).toHaveLength(used.size);
    expect(used.size).toBeGreaterThan(8);
  });

  /** Runs it now, or where it listens after those that do. */
  async function inTurn(line: string, cwd: string): ReturnType<typeof shell> {
    if (!LISTENS.test(line)) return await shell(line, cwd);
    const turn = listening.then(() => shell(line, cwd));
    listening = turn.catch(() => {});
    return await turn;
  }

  // Pages beside each other: each has files of its own, and most of it is waiting.
  test.concurrent.each(examples)("$file", async ({ file, lines }) => {
    const folder = await mkdtemp(path.join(tmpdir(), "kmsprobe-example-"));
    try {
      await cp(furnished, folder, { recursive: true });
      // What a page's own lines make is not there before them.
      for (const name of MADE_BY[file] ?? []) await rm(path.join(folder, name));
      if (file.startsWith("docs/verifying-in-ci/"))
        await copyFile(path.join(ROOT, "docs/verifying-in-ci/policy.yaml"), path.join(folder, "policy.yaml"));
      for (const line of lines) {
        const { code, said } = await inTurn(line.replace(/^\$ /, ""), folder);
        const fine = code !== null && ENDS.includes(code) && !/\n {4}at |\(see kmsprobe/.test(said);
        expect(fine ? [] : [line, code, said]).toEqual([]);
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

/** The YAML that a page shows. */
function policyOf(file: string): string {
  const [, text = ""] = /```yaml\n(version: 1\n[^]*?)```/.exec(readDocument(file)) ?? [];
  expect(text).not.toBe("");
  return text;
}

function rename(host: Host, device: string, name: string): void {
  host.ip(`link set ${device} down`, `link set ${device} name ${name}`, `link set ${name} up`);
}
