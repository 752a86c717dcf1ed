import { describe, expect, test } from "vitest";
import { commandWords, createExecutor } from "../../../../src/cli/watch/exec.ts";
import { UsageError } from "../../../../src/targets/usage-error.ts";

describe("the command of --exec", () => {
  test.each([
    ["notify", ["notify"]],
    ["  /opt/page me  now ", ["/opt/page", "me", "now"]],
    [`mail -s 'KMS changed' ops@corp.example`, ["mail", "-s", "KMS changed", "ops@corp.example"]],
    [`say "a 'b' \\"c\\""`, ["say", `a 'b' "c"`]],
    [`a'b c'd ""`, ["ab cd", ""]],
    ["a\\ b c\\\\d", ["a b", "c\\d"]],
    ["'a\\b'", ["a\\b"]],
    // Nothing is expanded, and nothing is an operator.
    [
      "echo $HOME `id` $(id) ; rm * | sh > x",
      ["echo", "$HOME", "`id`", "$(id)", ";", "rm", "*", "|", "sh", ">", "x"],
    ],
    ["", []],
  ])("%s", (command, words) => {
    expect(commandWords(command, "linux")).toEqual(words);
  });

  test("keeps the backslashes of Windows, where they part folders", () => {
    expect(commandWords(`"C:\\Program Files\\page.exe" C:\\log.txt`, "win32")).toEqual([
      "C:\\Program Files\\page.exe",
      "C:\\log.txt",
    ]);
  });

  test.each([
    ["no-such-program-anywhere", "--exec: no program 'no-such-program-anywhere' on the PATH"],
    [import.meta.filename, `--exec: no program '${import.meta.filename}' there`],
    ["/", "--exec: no program '/' there"],
    ["", "--exec '' names no program"],
    ["page 'me", "--exec has a quote ' that is not closed"],
  ])("'%s' is refused before the watch begins", (command, words) => {
    expect(() => createExecutor(command, () => {})).toThrow(UsageError);
    expect(() => createExecutor(command, () => {})).toThrow(words);
  });
});
