import { Option } from "commander";
import type { Command } from "commander";
import { UsageError } from "../../targets/usage-error.ts";
import { tell } from "../../output/standard.ts";
import { EXIT } from "../exit.ts";
import { writeOut } from "../output.ts";

const EXAMPLES = `
Examples:
  kmsprobe explain 0xC004F074
  kmsprobe explain 3221549172 0x8007232B   decimal, as Windows Management prints it
  kmsprobe explain --list

It sends nothing. A code confirms a cause only where it carries one: 0xC004F074 does not.
Exit codes: 0 a code was recognised, 1 none was, 2 usage.`;

export function addExplain(program: Command, setExitCode: (code: number) => void): void {
  program
    .command("explain")
    .summary("what an activation error code says, and what not")
    .description(
      "Says what error codes of Windows activation prove, what they leave open, and what to look at next.",
    )
    .argument("[code...]", "an HRESULT: 0x and eight digits, or decimal")
    .addOption(new Option("--list", "every code in the table").default(false))
    .addHelpText("after", EXAMPLES)
    .action(async (words: string[], { list }: { list: boolean }) => {
      if (list === words.length > 0)
        throw new UsageError(list ? "--list takes no code" : "name a code, such as 0xC004F074, or --list");
      const { explainWords, listCodes } = await import("./words.ts");
      const { output, unread, recognised } = list ? listCodes() : explainWords(words);
      for (const note of unread) tell(`kmsprobe: ${note}\n`);
      await writeOut(output, undefined);
      setExitCode(recognised ? EXIT.ok : EXIT.wouldNotServe);
    });
}
