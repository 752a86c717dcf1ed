import { Argument, Option } from "commander";
import type { Command } from "commander";
import { standardOutput } from "../../output/standard.ts";
import { UsageError } from "../../targets/usage-error.ts";

/** What the scripts ask: what may stand where the cursor is. */
const QUESTION = "words";

const SHELLS = ["bash", "zsh", "fish", "powershell"] as const;
type Shell = (typeof SHELLS)[number];

const EXAMPLES = `
Examples:
  source <(kmsprobe completion bash)              in ~/.bashrc
  source <(kmsprobe completion zsh)               in ~/.zshrc
  kmsprobe completion fish > ~/.config/fish/completions/kmsprobe.fish
  kmsprobe completion powershell | Out-String | Invoke-Expression    in $PROFILE

The script asks the kmsprobe of your PATH at each Tab. It sends nothing.`;

export function addCompletion(program: Command): void {
  program
    .command("completion")
    .summary("complete command lines in bash, zsh, fish or PowerShell")
    .description("Prints a script for your shell that completes commands, options and their values.")
    .addArgument(
      new Argument("<shell>", `the shell; ${QUESTION} is what the scripts ask with`).choices([
        ...SHELLS,
        QUESTION,
      ]),
    )
    // The words before the cursor, which nobody types: the help leaves them out.
    .allowExcessArguments()
    .addOption(new Option("--current <text>", "the word at the cursor, as far as it").default("").hideHelp())
    .addHelpText("after", EXAMPLES)
    .action(async (shell: Shell | typeof QUESTION, { current }: { current: string }, command: Command) => {
      if (shell === QUESTION) {
        const { answerOf } = await import("./candidates.ts");
        standardOutput.write(answerOf(program, command.args.slice(1), current));
      } else {
        if (command.args.length > 1)
          throw new UsageError(`completion prints a script for one shell at a time: ${SHELLS.join(", ")}`);
        const { SCRIPTS } = await import("./scripts.ts");
        standardOutput.write(SCRIPTS[shell]);
      }
    });
}
