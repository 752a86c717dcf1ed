import { expect, test } from "vitest";
import { requireWritable } from "../../../src/cli/report-files.ts";

test("a file without a name is refused before anything is probed for it", async () => {
  await expect(requireWritable([""], [])).rejects.toThrow(
    "can't write '': that names no file: is a variable of a script empty?",
  );
});

test("two reports to one file are refused, and one to the input", async () => {
  await expect(requireWritable(["a.json", "./a.json"], [])).rejects.toThrow("two things go to './a.json'");
  await expect(requireWritable(["p.yaml"], [{ file: "./p.yaml", what: "the policy" }])).rejects.toThrow(
    "'./p.yaml' is the policy: name another file to write to",
  );
});
