import { describe, expect, it } from "vitest";
import { createProgram } from "../../../src/cli/program.ts";

/** @returns how often the command would have run */
async function parsed(line: string): Promise<number> {
  const program = createProgram(new AbortController().signal, () => {});
  const words = line.split(" ");
  let ran = 0;
  program.commands.find((command) => command.name() === words[0])?.action(() => void (ran += 1));
  await program.parseAsync(words, { from: "user" });
  return ran;
}

describe("a file to write to", () => {
  it.each([
    ["check -o a.txt -o b.txt", "--output is given twice, 'a.txt' and 'b.txt': name one file"],
    ["sweep 10.0.0.0/30 -o a.txt --output=-", "--output is given twice, 'a.txt' and '-': name one file"],
    [
      "merge one.ndjson --output a.txt -ob.txt",
      "--output is given twice, 'a.txt' and 'b.txt': name one file",
    ],
    ["watch --log a.ndjson --log b.ndjson", "--log is given twice, 'a.ndjson' and 'b.ndjson': name one file"],
  ])("is one, and no other is dropped in silence: %s", async (line, told) => {
    await expect(parsed(line)).rejects.toMatchObject({
      name: "UsageError",
      message: expect.stringContaining(told),
    });
  });

  it.each(["check -o a.txt -o a.txt", "check -o a.txt --report json=b.json --report csv=c.csv"])(
    "may be named again, or be one of several reports: %s",
    async (line) => {
      expect(await parsed(line)).toBe(1);
    },
  );
});
