import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { createLogOutput } from "../../../src/output/log-output.ts";

const NOBODY = { isTTY: false, writableLength: 0, destroyed: false, write: () => true };

it("a file is written to line by line", () => {
  const dir = mkdtempSync(join(tmpdir(), "kmsprobe-log-"));
  const descriptor = openSync(join(dir, "log"), "a");
  const write = createLogOutput(descriptor, NOBODY);
  expect([write("one\n"), write("two\n")]).toEqual([true, true]);
  closeSync(descriptor);
  expect(write("three\n")).toBe(false);
  expect(readFileSync(join(dir, "log"), "utf8")).toBe("one\ntwo\n");
  rmSync(dir, { recursive: true });
});

it("a pipe whose reader stands still, or is gone, keeps a bounded part and costs the rest", () => {
  let kept = 0;
  const pipe = {
    isTTY: false,
    destroyed: false,
    get writableLength() {
      return kept;
    },
    write: (text: string | Uint8Array): boolean => {
      kept += text.length;
      return true;
    },
  };
  const write = createLogOutput(-1, pipe);
  const line = `${"x".repeat(999)}\n`;
  const taken = Array.from({ length: 5_000 }, () => write(line)).filter(Boolean);
  expect(taken.length).toBe(Math.ceil((1 << 20) / 1_000));
  // Read at last.
  kept = 0;
  expect(write(line)).toBe(true);
  pipe.destroyed = true;
  expect(write(line)).toBe(false);
});
