import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openInput } from "../../../src/targets/open-input.ts";

let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "kmsprobe-input-"));
});

afterAll(() => rmSync(folder, { recursive: true }));

async function read(file: string): Promise<string> {
  let text = "";
  for await (const chunk of openInput(file)) text += String(chunk);
  return text;
}

it("reads a file, and says of one that is not there what the system says", async () => {
  const file = join(folder, "list.txt");
  writeFileSync(file, "kms1\n");
  expect(await read(file)).toBe("kms1\n");
  await expect(read(join(folder, "missing"))).rejects.toMatchObject({ code: "ENOENT" });
});

function pipe(name: string): string {
  const file = join(folder, name);
  execFileSync("mkfifo", [file]);
  return file;
}

describe.skipIf(process.platform !== "linux")("a pipe with a name", () => {
  it("is read to its end, from a writer that comes later", async () => {
    const file = pipe("late");
    const reading = read(file);
    const writer = await open(file, "w");
    await writer.write("kms1\n");
    await writer.write("x".repeat(300_000));
    await writer.close();
    expect(await reading).toBe(`kms1\n${"x".repeat(300_000)}`);
  });

  it("is empty, where the writer comes and writes nothing", async () => {
    const file = pipe("empty");
    const reading = read(file);
    await (await open(file, "w")).close();
    expect(await reading).toBe("");
  });

  it.each(["nobody", "a writer that is silent"])(
    "is let go at once, with %s at its other end",
    async (who) => {
      const file = pipe(who.replaceAll(" ", "-"));
      const interrupt = new AbortController();
      const stream = openInput(file, { signal: interrupt.signal });
      const writer = who === "nobody" ? null : await open(file, "w");
      const reading = stream.toArray();
      interrupt.abort();
      await expect(reading).rejects.toMatchObject({ name: "AbortError" });
      await writer?.close();
      // Nobody has it open for reading any more.
      await expect(open(file, 0o1 | 0o4000)).rejects.toMatchObject({ code: "ENXIO" });
    },
  );
});
