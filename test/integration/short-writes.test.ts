/** A write that takes a part and reports no error: what is written is whole all the same, wherever it goes. */
import { readFileSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { needs } from "./servers/available.ts";
import { inShell, refusedFolder, wordsOf } from "./support/faults.ts";

const { skip } = needs("linux", "bash");
const asRoot = needs("linux", "bash", "root", "unshare", "mount").skip;

const SHORT = fileURLToPath(new URL("support/short-writes.cjs", import.meta.url));

let folder = "";
let refused = "";

beforeAll(async () => {
  if (!skip) ({ folder, refused } = await refusedFolder("short"));
});

afterAll(async () => {
  if (folder !== "") await rm(folder, { recursive: true });
});

/** @returns the exit code, and the file that was written */
async function shortOf(line: string, file: string): Promise<{ code: number | null; text: string }> {
  const how = `exec "$1" -r "${SHORT}" "\${@:2}"`;
  const { code, stderr } = await inShell(how, wordsOf(line, refused), folder);
  expect(stderr).not.toMatch(/^ +at /m);
  return { code, text: readFileSync(join(folder, file), "utf8") };
}

/** @returns the first key of each line's object */
function lineKinds(text: string): string[] {
  expect(text.endsWith("\n")).toBe(true);
  return text
    .trimEnd()
    .split("\n")
    .map((line) => {
      const parsed: unknown = JSON.parse(line);
      return Object.keys(parsed ?? {})[0] ?? "";
    });
}

describe.skipIf(skip)("short writes", () => {
  it.each([
    ["check REFUSED --format json -o out.json", "out.json", "}\n"],
    ["check REFUSED -q --report html=out.html", "out.html", "</html>\n"],
    ["verify policy.yaml -q --report junit=out.xml", "out.xml", "</testsuites>\n"],
    ["verify policy.yaml -q --write-baseline base.json", "base.json", "}\n"],
  ])(
    "leave a whole report: %s",
    async (line, file, end) => {
      const { code, text } = await shortOf(line, file);
      expect({ code, end: text.slice(-end.length) }).toEqual({ code: 1, end });
      if (file.endsWith(".json")) expect(() => JSON.parse(text) as unknown).not.toThrow();
    },
    30_000,
  );

  it("leave whole lines in a sweep's output and in its state, and the state is read again", async () => {
    const [address = ""] = refused.split(":");
    const network = address.replace(/\.\d+$/, ".0/25");
    const sweep = `sweep ${network} --retries 0 --count 0 --rate 0 --all -q --format ndjson --state state`;
    const first = await shortOf(`${sweep} -o out.ndjson`, "out.ndjson");
    expect(first.code).toBe(1);
    expect(lineKinds(first.text).length).toBeGreaterThan(2);
    expect(lineKinds(readFileSync(join(folder, "state"), "utf8")).length).toBeGreaterThan(2);
    const again = await shortOf(`${sweep} -o again.ndjson`, "again.ndjson");
    expect(again.code).toBe(1);
    expect(again.text).toMatch(/"covered":128\b/);
  }, 30_000);

  it("leave whole lines in a log", async () => {
    const line = "watch REFUSED --plain --interval 100ms --rounds 3 --log log.ndjson";
    const { code, text } = await shortOf(line, "log.ndjson");
    expect({ code, kinds: new Set(lineKinds(text)) }).toEqual({ code: 1, kinds: new Set(["type"]) });
  }, 30_000);

  it.skipIf(asRoot)(
    "leave a whole file where it can only be written in its place, also where the new text has no room",
    async () => {
      writeFileSync(join(folder, "bound"), "old ".repeat(1_000));
      const steps = [
        "mount -t tmpfs -o size=16k tmpfs tiny",
        "cp bound tiny/bound",
        // A file that is mounted by itself can't be replaced by a move.
        "mount --bind tiny/bound bound",
        "(cat /dev/zero > tiny/filler 2> /dev/null)",
        `"$0" -r "${SHORT}" "$@" > /dev/null 2> said; code=$?`,
        'printf "%s %s" "$code" "$(md5sum < bound)"',
      ].join("; ");
      const before = await inShell("mkdir -p tiny; md5sum < bound", [], folder);
      const args = wordsOf("check REFUSED --format html -o bound", refused);
      const { stdout } = await inShell(`exec unshare -m bash -c '${steps}' "$@"`, args, folder);
      expect(stdout).toBe(`3 ${before.stdout.trimEnd()}`);
    },
    30_000,
  );
});
