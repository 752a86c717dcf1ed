import { Option } from "commander";
import type { Command } from "commander";
import { tell } from "../../output/standard.ts";
import { UsageError } from "../../targets/usage-error.ts";
import { runWithProgress } from "../run-check.ts";
import { collect } from "../options/values.ts";
import { EXIT } from "../exit.ts";
import { asciiOption, colorOption } from "../options/printing.ts";
import { spelt, wantsColor, widthOf, writeOut } from "../output.ts";
import type { OutputFlags } from "../output.ts";
import { checkWords, readPaste } from "./paste.ts";
import type { Shown } from "./words.ts";

const EXAMPLES = `
Examples:
  kmsprobe explain 0xC004F074
  kmsprobe explain 3221549172 12288 tcp-no-answer   decimal codes, events, our own codes
  cscript //nologo slmgr.vbs /dlv | kmsprobe explain -
  kmsprobe explain ticket.txt --format markdown -o answer.md
  kmsprobe explain ticket.txt --check               and look at the hosts and resolvers it names
  kmsprobe explain --here --check                   on Windows: this client, and the hosts it asks
  kmsprobe explain --list

It sends nothing without --check. A code confirms a cause only where it carries one: 0xC004F074
does not.
Exit codes: 0 something was recognised, 1 nothing was, 2 usage (also a file that is not
there, where nothing else was recognised).`;

type Flags = Pick<OutputFlags, "output" | "color" | "ascii"> & {
  format: "text" | "json" | "markdown";
  list: boolean;
  here: boolean;
  check: boolean;
  domain?: string[];
  resolver?: string[];
};

export function addExplain(program: Command, signal: AbortSignal, setExitCode: (code: number) => void): void {
  program
    .command("explain")
    .summary("what error codes, events and pasted output say, and what not")
    .description(
      "Reads error codes of Windows activation, and what slmgr.vbs, ospp.vbs, the event log and network commands print, in any language and however it was pasted; says what it proves of the eight usual causes, what it leaves open, and what to look at next.",
    )
    .argument("[what...]", "codes, numbers of events, files; - is standard input")
    .addOption(new Option("--list", "every code in the table").default(false))
    .addOption(
      new Option(
        "--here",
        "on Windows: what this machine says of itself (registry, licences, events, ipconfig), by commands that only read",
      ).default(false),
    )
    .addOption(
      new Option(
        "--check",
        "look at what the text names, as check does, and say what contradicts it",
      ).default(false),
    )
    .option("-d, --domain <suffix>", "with --check: DNS suffix to look under, too (repeatable)", collect)
    .option(
      "-r, --resolver <addr[:port]>",
      "with --check: resolver to ask in place of those of the text and this machine (repeatable)",
      collect,
    )
    .addOption(
      new Option("--format <format>", "what to print").choices(["text", "json", "markdown"]).default("text"),
    )
    .option("-o, --output <file>", "write to a file instead of standard output")
    .addOption(colorOption("colour in the text"))
    .addOption(asciiOption())
    .addHelpText("after", EXAMPLES)
    .action(async (words: string[], flags: Flags) => {
      if (flags.list === (words.length > 0 || flags.here))
        throw new UsageError(
          flags.list
            ? "--list takes no code, no file and no --here"
            : "name a code such as 0xC004F074, a file with pasted text, - for standard input, --here or --list",
        );
      checkWords(words);
      if (!flags.check && (flags.domain ?? flags.resolver) !== undefined)
        throw new UsageError("-d and -r go with --check: without it nothing is asked");
      const { explainWords, listCodes } = await import("./words.ts");
      if (flags.list) {
        await writeOut(spelt(listCodes(), flags), flags.output);
        setExitCode(EXIT.ok);
        return;
      }
      const own = flags.here ? await ownTexts(signal) : new Map<string, Uint8Array>();
      const read = async (file: string): Promise<Uint8Array | null> =>
        own.get(file) ?? readPaste(file, signal);
      const all = [...words, ...own.keys()];
      const request = { words: all, format: flags.format, color: wantsColor(flags), width: widthOf(flags) };
      if (flags.check) {
        setExitCode(await checkNamed(request, read, flags, signal));
        return;
      }
      const { output, unread, misnamed, recognised } = await explainWords(request, read);
      if (signal.aborted) return setExitCode(EXIT.interrupted);
      for (const note of unread) tell(`kmsprobe: ${note}\n`);
      if (recognised || flags.format === "json")
        await writeOut(flags.format === "text" ? spelt(output, flags) : output, flags.output);
      setExitCode(recognised ? EXIT.ok : misnamed ? EXIT.usage : EXIT.wouldNotServe);
    });
}

async function ownTexts(signal: AbortSignal): Promise<ReadonlyMap<string, Uint8Array>> {
  const { readOwnActivation } = await import("../../run/own-activation.ts");
  return await readOwnActivation(signal);
}

/** @returns the exit code: that of explain, whatever the check comes to */
async function checkNamed(
  request: Shown & { words: readonly string[] },
  read: (file: string) => Promise<Uint8Array | null>,
  flags: Flags,
  signal: AbortSignal,
): Promise<number> {
  const { readTexts, render, renderJoined } = await import("./words.ts");
  const texts = await readTexts(request.words, read);
  for (const note of texts.unread) tell(`kmsprobe: ${note}\n`);
  if (!texts.recognised) {
    if (flags.format === "json") await writeOut(render(texts.explanation, request), flags.output);
    return EXIT.wouldNotServe;
  }
  const { domain: domains = [], resolver: resolvers = [] } = flags;
  const asked = { domains, resolvers, named: texts.named };
  const report = await runWithProgress(asked, { ...flags, quiet: false }, signal);
  const text = renderJoined(texts, report, request);
  await writeOut(flags.format === "text" ? spelt(text, flags) : text, flags.output);
  return report.interrupted ? EXIT.interrupted : EXIT.ok;
}
