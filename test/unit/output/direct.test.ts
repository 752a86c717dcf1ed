import { execFileSync } from "node:child_process";
import fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openDirect, writeDirect } from "../../../src/output/direct.ts";
import { heedInterruption } from "../../../src/output/interruption.ts";
import { writeWhole } from "../../../src/output/whole-file.ts";

const { O_RDONLY, O_NONBLOCK } = fs.constants;

/** More than a pipe holds. */
const MUCH = "x".repeat(200_000);

let folder = "";
let interrupt = new AbortController();

describe.skipIf(process.platform === "win32")("a pipe that is written to", () => {
  beforeEach(() => {
    folder = fs.mkdtempSync(join(tmpdir(), "kmsprobe-direct-"));
    execFileSync("mkfifo", [join(folder, "pipe")]);
    interrupt = new AbortController();
    heedInterruption(interrupt.signal);
  });

  afterEach(() => {
    heedInterruption(new AbortController().signal);
    fs.rmSync(folder, { recursive: true });
  });

  it("is waited for until somebody reads it", async () => {
    const opening = openDirect(join(folder, "pipe"));
    const reader = fs.openSync(join(folder, "pipe"), O_RDONLY | O_NONBLOCK);
    const descriptor = await opening;
    await writeDirect(descriptor, "told\n");
    fs.closeSync(descriptor);
    expect(String(fs.readFileSync(reader))).toBe("told\n");
    fs.closeSync(reader);
  });

  it("is given up at the first interruption where nobody reads it, under the code of one", async () => {
    const writing = writeWhole(join(folder, "pipe"), "told\n");
    interrupt.abort();
    await expect(writing).rejects.toMatchObject({
      name: "Interrupted",
      message: expect.stringContaining("pipe (EINTR): interrupted while nobody was at the other end"),
    });
  });

  it("gets what is known after an interruption, where somebody reads it", async () => {
    const reader = fs.openSync(join(folder, "pipe"), O_RDONLY | O_NONBLOCK);
    interrupt.abort();
    await writeWhole(join(folder, "pipe"), "told\n");
    expect(String(fs.readFileSync(reader))).toBe("told\n");
    fs.closeSync(reader);
  });

  it("is given up some time after an interruption, where its reader takes nothing", async () => {
    const reader = fs.openSync(join(folder, "pipe"), O_RDONLY | O_NONBLOCK);
    const writing = writeWhole(join(folder, "pipe"), MUCH);
    interrupt.abort();
    await expect(writing).rejects.toMatchObject({ name: "Interrupted" });
    fs.closeSync(reader);
  });
});
