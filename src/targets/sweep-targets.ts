import { allExcluded, AddressBuilder } from "./address-builder.ts";
import { KMS_PORT, show, slipError } from "./parse.ts";
import { firstPublic } from "./public.ts";
import { parseExclusion, parseTarget } from "./range.ts";
import type { NameTarget, Target } from "./range.ts";
import { forgottenBrackets } from "./slips.ts";
import { nameOf, readTargets } from "./stream.ts";
import { UsageError } from "./usage-error.ts";

/** Each name is looked up, in both families. */
const MAX_NAMES = 4_096;

/** What is written down of what was asked for. */
const MAX_WRITTEN = 100;

export type TargetOptions = {
  /** As on a command line; several may stand in one, with commas or blanks between. */
  targets: readonly string[];
  /** Paths, or `-` for standard input, which can be read once. */
  files: readonly string[];
  exclude: readonly string[];
  excludeFiles: readonly string[];
  /** Those of targets without one. */
  ports: readonly number[];
};

export type CollectedTargets = {
  /** Has all addresses and exclusions that were given as such; those of the names are to be added. */
  builder: AddressBuilder;
  /** Each once, to be looked up. */
  names: { name: string; port: number | null }[];
  excludedNames: { name: string; port: number | null }[];
  /** What the user would not expect of the files, a sentence each. */
  notes: string[];
  /** Targets as they were written, a file by its name; the first hundred, then `and N more`. */
  written: string[];
  excluded: string[];
  /** Of the addresses that are not excluded by what is known so far, without those of the names. */
  firstPublic: string | null;
};

/**
 * Reads all that a sweep is to look at, and to leave out.
 * @returns what was read by then, where the signal aborts
 * @throws UsageError where there is nothing to sweep, or all of it is excluded
 */
export async function collectTargets(
  options: TargetOptions,
  signal?: AbortSignal,
): Promise<CollectedTargets> {
  const { files, excludeFiles, ports } = options;
  if ([...files, ...excludeFiles].filter((file) => file === "-").length > 1)
    throw new UsageError("standard input can be read once: give - to one of --file and --exclude-file");
  const targets = wordsOf(options.targets);
  const exclude = wordsOf(options.exclude);
  const builder = new AddressBuilder();
  const names = new Names();
  const excludedNames = new Names();
  let added = 0;
  const add = (target: Target): void => {
    if (target.kind === "name") names.add(target);
    else {
      builder.add(target.family, target.first, target.last, target.port);
      added += 1;
    }
  };
  const leaveOut = (target: Target): void => {
    if (target.kind === "name") excludedNames.add(target);
    else builder.exclude(target.family, target.first, target.last, target.port);
  };
  for (const text of targets) add(parseTarget(asMeant(text)));
  for (const text of exclude) leaveOut(parseExclusion(asMeant(text)));
  const notes: string[] = [];
  for (const file of files) notes.push(...(await readTargets(file, add, { ports, signal })));
  for (const file of excludeFiles)
    notes.push(...(await readTargets(file, leaveOut, { ports, exclusions: true, signal })));
  const collected = {
    builder,
    names: names.all(),
    excludedNames: excludedNames.all(),
    notes,
    written: shorten([...targets, ...files.map(nameOf)]),
    excluded: shorten([...exclude, ...excludeFiles.map(nameOf)]),
  };
  if (signal?.aborted) return { ...collected, firstPublic: null };
  if (added === 0 && names.size === 0) throw nothing(files, notes);
  const left = survey(builder, ports);
  if (left.isEmpty && names.size === 0) throw allExcluded();
  return { ...collected, firstPublic: left.firstPublic };
}

/** On a command line; a list made by a program has no forgotten brackets. */
function asMeant(text: string): string {
  const slip = forgottenBrackets(text, [KMS_PORT]);
  if (slip !== null) throw slipError(text, slip);
  return text;
}

/** Two targets in one argument, and one with a blank around it: people quote. */
function wordsOf(texts: readonly string[]): string[] {
  return texts.flatMap((text) => {
    const words = text.split(/[\s,]+/).filter((word) => word !== "");
    // An empty variable of a script is a mistake, not nothing.
    if (words.length === 0)
      throw new UsageError(`'${show(text)}' names no target: leave it out, or name one`);
    return words;
  });
}

function survey(
  builder: AddressBuilder,
  ports: readonly number[],
): { isEmpty: boolean; firstPublic: string | null } {
  let isEmpty = true;
  for (const row of builder.rows(ports)) {
    isEmpty = false;
    const found = firstPublic(row);
    if (found !== null) return { isEmpty, firstPublic: found };
  }
  return { isEmpty, firstPublic: null };
}

function nothing(files: readonly string[], notes: readonly string[]): UsageError {
  if (files.length === 0)
    return new UsageError(
      "nothing to sweep: name subnets, ranges or hosts, as in kmsprobe sweep 10.0.0.0/24, or a list of them with --file",
    );
  const why = notes.length === 0 ? "" : ` (${notes.join("; ")})`;
  return new UsageError(
    `nothing to sweep: no targets in ${shorten(files.map(nameOf)).join(", ")}${why}: write one a line, such as 10.0.0.0/24`,
  );
}

function shorten(all: readonly string[]): string[] {
  return all.length <= MAX_WRITTEN
    ? [...all]
    : [...all.slice(0, MAX_WRITTEN), `and ${(all.length - MAX_WRITTEN).toLocaleString("en")} more`];
}

/** Names with their ports, each once. */
class Names {
  readonly #names = new Map<string, { name: string; port: number | null }>();

  /** @throws UsageError where there are more than can be looked up */
  add({ name, port }: NameTarget): void {
    this.#names.set(`${name}:${port}`, { name, port });
    if (this.#names.size > MAX_NAMES)
      throw new UsageError(
        `these are more than ${MAX_NAMES.toLocaleString("en")} names: write their addresses`,
      );
  }

  get size(): number {
    return this.#names.size;
  }

  all(): { name: string; port: number | null }[] {
    return [...this.#names.values()];
  }
}
