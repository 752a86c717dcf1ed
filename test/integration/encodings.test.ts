/** Every text that is read, in every encoding that people's tools write. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { needs } from "./servers/available.ts";
import { freePort, loopbackAddress } from "./servers/free-port.ts";
import { run } from "./support/kmsprobe.ts";

const { skip } = needs("linux");

type Encode = (text: string) => Uint8Array;
const little: Encode = (text) => Buffer.from(text, "utf16le");
const big: Encode = (text) => Buffer.from(text, "utf16le").swap16();

const ENCODINGS: readonly (readonly [string, Encode])[] = [
  ["UTF-8 with CRLF", (text) => Buffer.from(text.replaceAll("\n", "\r\n"))],
  ["UTF-8 with its mark", (text) => Buffer.from(`\uFEFF${text}`)],
  ["UTF-16LE with its mark and CRLF", (text) => little(`\uFEFF${text.replaceAll("\n", "\r\n")}`)],
  ["UTF-16BE with its mark", (text) => big(`\uFEFF${text}`)],
  ["UTF-16LE without a mark", little],
  ["UTF-16BE without a mark", big],
];

let folder = "";
/** A command line by what is read, the file as IN, and the text of the file. */
const inputs = new Map<string, { args: string[]; text: string }>();

const NAMES = [
  "check -f",
  "sweep -f",
  "sweep -f of nmap's XML",
  "sweep --exclude-file",
  "sweep --allowed",
  "verify",
  "verify --baseline",
  "compare",
  "merge",
];

beforeAll(async () => {
  if (skip) return;
  folder = await mkdtemp(join(tmpdir(), "kmsprobe-encodings-"));
  const address = loopbackAddress();
  const port = await freePort(address);
  const at = `${address}:${port}`;
  const policy = `version: 1\nname: büro 🐟\nexpect:\n  - serve: { hosts: '${at}' }\n`;
  await writeFile(join(folder, "policy.yaml"), policy);
  const printed = async (...args: string[]): Promise<string> => {
    const { stdout } = await run(args, { cwd: folder });
    return stdout;
  };
  const report = await printed("check", at, "--format", "json");
  await writeFile(join(folder, "other.json"), report);
  const sweep = ["sweep", at, "--retries", "0", "-q"];
  const xml = `<?xml version="1.0"?>\n<nmaprun scanner="nmap"><host><status state="up"/><address addr="${address}" addrtype="ipv4"/><ports><port protocol="tcp" portid="1688"><state state="open"/></port></ports></host><runstats><finished exit="success"/></runstats></nmaprun>\n`;
  const list = `# büro 🐟\n${at}\n`;
  inputs.set("check -f", { args: ["check", "-f", "IN", "--format", "csv"], text: list });
  inputs.set("sweep -f", { args: ["sweep", "-f", "IN", "--dry-run"], text: list });
  inputs.set("sweep -f of nmap's XML", { args: ["sweep", "-f", "IN", "--dry-run"], text: xml });
  inputs.set("sweep --exclude-file", {
    args: ["sweep", address.replace(/\.\d+$/, ".0/30"), "--exclude-file", "IN", "--dry-run"],
    text: `# büro\n${address.replace(/\.\d+$/, ".2")}\n`,
  });
  inputs.set("sweep --allowed", { args: [...sweep, "--allowed", "IN", "--format", "csv"], text: list });
  inputs.set("verify", { args: ["verify", "IN", "--dry-run"], text: policy });
  inputs.set("verify --baseline", {
    args: ["verify", "policy.yaml", "--baseline", "IN", "--format", "csv"],
    text: await printed("verify", "policy.yaml", "-q", "--write-baseline", "-"),
  });
  inputs.set("compare", { args: ["compare", "IN", "other.json", "--format", "markdown"], text: report });
  inputs.set("merge", {
    args: ["merge", "IN", "--format", "csv"],
    text: await printed(...sweep, "--format", "ndjson"),
  });
});

afterAll(async () => {
  if (folder !== "") await rm(folder, { recursive: true });
});

describe.skipIf(skip).each(NAMES)("%s", (name) => {
  test("reads the same, whatever the encoding", async () => {
    const { args, text } = inputs.get(name) ?? { args: [], text: "" };
    const file = join(folder, "in.txt");
    const named = args.map((arg) => (arg === "IN" ? "in.txt" : arg));
    const seen = async (bytes: Uint8Array): Promise<object> => {
      await writeFile(file, bytes);
      const { code, stdout, stderr } = await run(named, { cwd: folder });
      // Times differ from run to run.
      return { code, stdout: stdout.replaceAll(/\d+\.\d+/g, "N"), stderr };
    };
    const plain = await seen(Buffer.from(text));
    expect(plain).toMatchObject({ stderr: "" });
    expect(text.length).toBeGreaterThan(15);
    for (const [encoding, encode] of ENCODINGS)
      expect({ encoding, ...(await seen(encode(text))) }).toEqual({ encoding, ...plain });
  });
});
