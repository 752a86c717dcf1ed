/** Every text that is read, in every encoding that people's tools write. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { needs } from "./servers/available.ts";
import { freePort, loopbackAddress } from "./servers/free-port.ts";
import { parseCsv } from "./support/csv.ts";
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
  await writeFile(join(folder, "büro.yaml"), policy);
  await writeFile(join(folder, "hosts.txt"), `${at}\n`);
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
  const part = await printed(...sweep, "--format", "ndjson");
  await writeFile(join(folder, "part.ndjson"), part);
  inputs.set("merge", { args: ["merge", "IN", "--format", "csv"], text: part });
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

/** UTF-8 as Excel has to be told it. */
const MARK = "\uFEFF";

/** Commands that write CSV, without what asks for it. */
const WRITERS = [
  "check -f hosts.txt",
  "sweep -f hosts.txt --retries 0 -q",
  "merge part.ndjson",
  "verify büro.yaml",
  "show other.json",
];

describe.skipIf(skip)("CSV", () => {
  test.each(WRITERS)(
    "begins with a byte order mark where --bom says so, and only there: %s",
    async (line) => {
      const args = line.split(" ");
      const csv = [...args, "--format", "csv"];
      const [plain, marked, toFile, json] = await Promise.all([
        run(csv, { cwd: folder }),
        run([...csv, "--bom"], { cwd: folder }),
        run([...csv, "--bom", "-o", `${args[0]}.csv`], { cwd: folder }),
        run([...args, "--format", "json", "--bom"], { cwd: folder }),
      ]);
      expect([plain, marked, toFile, json].map(({ code }) => code)).toEqual([1, 1, 1, 1]);
      const [names] = plain.stdout.split("\r\n");
      expect(names).toMatch(/^(?:kind|target),/);
      for (const text of [marked.stdout, await readFile(join(folder, `${args[0]}.csv`), "utf8")]) {
        expect(text.split("\r\n")[0]).toBe(`${MARK}${names}`);
        expect(text.lastIndexOf(MARK)).toBe(0);
      }
      expect(json.stdout).toMatch(/^\{/);
    },
  );

  test.each(["check -f hosts.txt", "verify büro.yaml", "show other.json"])(
    "of a file named besides, and no report of another kind: %s",
    async (line) => {
      const args = [
        ...line.split(" "),
        "--bom",
        "--report",
        "csv=beside.csv",
        "--report",
        "html=beside.html",
      ];
      expect(await run(args, { cwd: folder })).toMatchObject({
        code: 1,
        stdout: expect.not.stringContaining(MARK),
      });
      expect((await readFile(join(folder, "beside.csv"), "utf8")).lastIndexOf(MARK)).toBe(0);
      expect(await readFile(join(folder, "beside.html"), "utf8")).not.toContain(MARK);
    },
  );

  test("keeps letters outside ASCII as they are", async () => {
    const { stdout } = await run(["verify", "büro.yaml", "--format", "csv", "--bom"], { cwd: folder });
    expect(parseCsv(stdout.slice(1))[0]).toMatchObject({ policy: "büro.yaml" });
  });
});
