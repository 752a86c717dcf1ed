import fs from "node:fs";
import { Option } from "commander";
import type { Command } from "commander";
import { tell } from "../../output/standard.ts";
import { readBoundedBytes } from "../../targets/read-bounded.ts";
import { UsageError } from "../../targets/usage-error.ts";
import { EXIT } from "../exit.ts";
import { asciiOption, spelt, wantsColor, widthOf, writeOut } from "../output.ts";
import type { OutputFlags } from "../output.ts";

/** Larger than any paste. */
export const MOST_MIB = 32;
const MOST_WORDS = 64;

const EXAMPLES = `
Examples:
  kmsprobe explain 0xC004F074
  kmsprobe explain 3221549172 12288 tcp-no-answer   decimal codes, events, our own codes
  cscript //nologo slmgr.vbs /dlv | kmsprobe explain -
  kmsprobe explain ticket.txt --format markdown -o answer.md
  kmsprobe explain --list

It sends nothing. A code confirms a cause only where it carries one: 0xC004F074 does not.
Exit codes: 0 something was recognised, 1 nothing was, 2 usage.`;

type Flags = Pick<OutputFlags, "output" | "color" | "ascii"> & {
  format: "text" | "json" | "markdown";
  list: boolean;
};

export function addExplain(program: Command, setExitCode: (code: number) => void): void {
  program
    .command("explain")
    .summary("what error codes, events and pasted output say, and what not")
    .description(
      "Reads error codes of Windows activation, and what slmgr.vbs, ospp.vbs, the event log and network commands print, in any language and however it was pasted; says what it proves of the eight usual causes, what it leaves open, and what to look at next.",
    )
    .argument("[what...]", "codes, numbers of events, files; - is standard input")
    .addOption(new Option("--list", "every code in the table").default(false))
    .addOption(
      new Option("--format <format>", "what to print").choices(["text", "json", "markdown"]).default("text"),
    )
    .option("-o, --output <file>", "write to a file instead of standard output")
    .addOption(
      new Option("--color <when>", "colour in the text").choices(["auto", "always", "never"]).default("auto"),
    )
    .addOption(asciiOption())
    .addHelpText("after", EXAMPLES)
    .action(async (words: string[], flags: Flags) => {
      if (flags.list === words.length > 0)
        throw new UsageError(
          flags.list
            ? "--list takes no code and no file"
            : "name a code such as 0xC004F074, a file with pasted text, - for standard input, or --list",
        );
      checkWords(words);
      const { explainWords, listCodes } = await import("./words.ts");
      if (flags.list) {
        await writeOut(spelt(listCodes(), flags), flags.output);
        setExitCode(EXIT.ok);
        return;
      }
      const request = { words, format: flags.format, color: wantsColor(flags), width: widthOf(flags) };
      const { output, unread, recognised } = await explainWords(request, readPaste);
      for (const note of unread) tell(`kmsprobe: ${note}\n`);
      if (recognised || flags.format === "json")
        await writeOut(flags.format === "text" ? spelt(output, flags) : output, flags.output);
      setExitCode(recognised ? EXIT.ok : EXIT.wouldNotServe);
    });
}

export function checkWords(words: readonly string[]): void {
  if (words.length > MOST_WORDS)
    throw new UsageError(`${words.length} things to explain: ${MOST_WORDS} at most at a time`);
  if (words.filter((word) => word === "-").length > 1)
    throw new UsageError("- is named twice: there is one standard input");
}

/** @returns null where there is no such file */
export async function readPaste(file: string): Promise<Uint8Array | null> {
  if (file !== "-" && !fs.existsSync(file)) return null;
  return readBoundedBytes(file, { what: "text", most: MOST_MIB });
}
