/** A policy file's text in, the policy that holds at one place out; or every mistake in it, each with its line. */
import { LineCounter, parseDocument, visit } from "yaml";
import type { Alias, YAMLError } from "yaml";
import { z } from "zod";
import { show } from "../targets/parse.ts";
import { UsageError } from "../targets/usage-error.ts";
import type { Position } from "./model.ts";
import { layOver } from "./overlay.ts";
import type { Policy } from "./laid-policy.ts";
import { policySchema } from "./policy.ts";
import { suggestion } from "./nearest.ts";
import { positionOf, positionOfKey } from "./positions.ts";
import type { Located, Path } from "./positions.ts";
import { fillIn, referencesIn, variablesAt } from "./variables.ts";
import type { Mistake, Variables } from "./variables.ts";

/** More mistakes than that are not listed: one of them may be the cause of many. */
const MAX_MISTAKES = 10;
const MAX_MESSAGE = 600;

export type Chosen = {
  /** The file as messages call it. */
  file: string;
  /** `--place`; null where none was named. */
  place: string | null;
  /** `--set`, over the variables of the file. */
  set: Variables;
};

/** @throws UsageError with a line for each mistake: `policy.yaml:12:7: what is wrong, and what to write` */
export function readPolicy(text: string, chosen: Chosen): Policy {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true });
  const located: Located = { document, lines };
  // What comes after the first is usually its consequence.
  const [wrong] = document.errors;
  if (wrong !== undefined)
    throw mistaken(chosen.file, [{ at: placeOfError(lines, wrong), message: yamlWords(wrong, text) }]);
  const inPlaces = (mistakes: readonly Mistake[]): { at: Position; message: string }[] =>
    mistakes.map(({ path, message }) => ({ at: positionOf(located, path), message }));
  // Before anything looks at the values: aliases that unfold to something enormous end here.
  plain(located, chosen.file);
  refuseUnknownSettings(located, chosen);
  const undefinedNames = fillIn(document, variablesFor(located, chosen));
  if (undefinedNames.length > 0) throw mistaken(chosen.file, inPlaces(undefinedNames));
  const read = policySchema.safeParse(plain(located, chosen.file));
  if (!read.success) {
    throw mistaken(
      chosen.file,
      withoutConsequences(read.error.issues).flatMap((issue) => wordsOf(issue, located)),
    );
  }
  const laid = layOver(read.data, chosen, (path) => positionOf(located, path));
  if (!laid.ok) throw mistaken(chosen.file, inPlaces(laid.mistakes));
  return laid.policy;
}

/** An alias without its anchor ends here, and so does one that would unfold to something enormous. */
function plain({ document, lines }: Located, file: string): unknown {
  try {
    return document.toJS();
  } catch (error) {
    const aliases = aliasesOf(document);
    const lost = aliases.find((alias) => alias.resolve(document) === undefined);
    const [first] = aliases;
    if (!(error instanceof ReferenceError) || first === undefined)
      throw new UsageError(`${file}: ${onOneLine(error instanceof Error ? error.message : "unreadable")}`);
    const message =
      lost === undefined
        ? "its aliases unfold to too many values: write them out"
        : `no anchor '&${show(lost.source)}' stands before this alias`;
    const { line, col } = lines.linePos((lost ?? first).range?.[0] ?? 0);
    throw mistaken(file, [{ at: { line, column: col }, message }]);
  }
}

function aliasesOf(document: Located["document"]): Alias[] {
  const found: Alias[] = [];
  visit(document, { Alias: (_, alias) => void found.push(alias) });
  return found;
}

/** A slip here would be a green run on the targets that the file names. */
function refuseUnknownSettings({ document }: Located, { file, place, set }: Chosen): void {
  const known = [
    ...variablesAt(document, []).keys(),
    ...(place === null ? [] : variablesAt(document, ["places", place]).keys()),
    ...referencesIn(document),
  ];
  for (const name of set.keys()) {
    if (known.includes(name)) continue;
    const hint = known.length === 0 ? "it has none" : suggestion(name, [...new Set(known)]);
    throw new UsageError(`--set ${show(name)}: ${file} has no variable of that name: ${hint}`);
  }
}

/** In a place's part its own variables count, in the rest those of the place that was chosen. */
function variablesFor({ document }: Located, { place, set }: Chosen): (path: Path) => Variables {
  const base = variablesAt(document, []);
  const atPlace = (name: string): Variables =>
    new Map([...base, ...variablesAt(document, ["places", name]), ...set]);
  const chosen = place === null ? new Map([...base, ...set]) : atPlace(place);
  return ([first, second]) => (first === "places" && second !== undefined ? atPlace(String(second)) : chosen);
}

function mistaken(file: string, mistakes: readonly { at: Position; message: string }[]): UsageError {
  const lines = mistakes
    .toSorted((a, b) => a.at.line - b.at.line || a.at.column - b.at.column)
    .map(({ at: { line, column }, message }) => `${file}:${line}:${column}: ${onOneLine(message)}`);
  const shown = [...new Set(lines)];
  const more = shown.length - MAX_MISTAKES;
  return new UsageError(
    [...shown.slice(0, MAX_MISTAKES), ...(more > 0 ? [`${file}: and ${more} more mistakes`] : [])].join("\n"),
  );
}

/** Messages of libraries quote the file as it is. */
function onOneLine(message: string): string {
  const line = message.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, "?");
  return line.length > MAX_MESSAGE ? `${line.slice(0, MAX_MESSAGE)}…` : line;
}

function placeOfError(lines: LineCounter, error: YAMLError): Position {
  const { line, col } = lines.linePos(error.pos[0]);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}

/** Brackets and braces mean lists and maps to YAML, wherever a value begins or stands within one. */
function yamlWords({ code, message, pos }: YAMLError, text: string): string {
  if (code === "MULTIPLE_DOCS") return "a second document begins here: a policy is one";
  const line = text.slice(text.lastIndexOf("\n", pos[0] - 1) + 1).split("\n", 1)[0] ?? "";
  const [quotable] = /\[[0-9a-f:]*:[0-9a-f:]*\](?::\d+)?|[^\s"',[\]{}]*\$\{[^}]*\}/i.exec(line) ?? [];
  const hint = quotable === undefined ? "" : ` (put it into quotes: '${show(quotable)}')`;
  return `this is no YAML: ${message.split("\n", 1)[0] ?? ""}${hint}`;
}

// ---------------------------------------------------------------------------------------------------------------
// What the schema objects to, in our words
// ---------------------------------------------------------------------------------------------------------------

/** A kind that is misspelt is missing as well: once is enough. */
function withoutConsequences(issues: readonly z.core.$ZodIssue[]): readonly z.core.$ZodIssue[] {
  const misspelt = new Set(
    issues.flatMap(({ code, path }) => (code === "unrecognized_keys" ? [path.join("/")] : [])),
  );
  return issues.filter(({ code, path }) => code !== "custom" || !misspelt.has(path.join("/")));
}

function wordsOf(issue: z.core.$ZodIssue, located: Located): { at: Position; message: string }[] {
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => ({
        at: positionOfKey(located, issue.path, key),
        message: `there is no key '${show(key)}' here: ${suggestion(key, keysAt(issue.path))}`,
      }));
    case "invalid_value": {
      const words = issue.values.map(String);
      const given = valueAt(located, issue.path);
      const message =
        typeof given === "string" && words.length > 1
          ? `'${show(given)}' is none of ${words.join(", ")}: ${suggestion(given, words)}`
          : missingLead(issue.path, located) + issue.message;
      return [{ at: positionOf(located, issue.path), message }];
    }
    case "invalid_type":
      return [{ at: positionOf(located, issue.path), message: typeWords(issue, located) }];
    case "invalid_key":
      return [
        {
          at: positionOfKey(located, issue.path.slice(0, -1), String(issue.path.at(-1))),
          message: issue.issues[0]?.message ?? issue.message,
        },
      ];
    default: {
      const lead = issue.code === "invalid_union" ? missingLead(issue.path, located) : "";
      return [{ at: positionOf(located, issue.path), message: lead + issue.message }];
    }
  }
}

function typeWords(
  { path, expected, message }: Extract<z.core.$ZodIssue, { code: "invalid_type" }>,
  located: Located,
): string {
  const name = path.length === 0 ? "the policy" : `'${String(path.at(-1))}'`;
  const missing = valueAt(located, path) === undefined;
  if (missing && path.length > 0) return `${name} is missing here`;
  const fitting: Readonly<Record<string, string>> = {
    object: `a map: ${keysAt(path).join(", ")}`,
    record: "a map of names and values",
    array: "a list, each entry behind a dash",
    string: "a text",
    number: "a number",
  };
  return expected in fitting ? `${name} is to be ${fitting[expected] ?? expected}` : message;
}

function missingLead(path: Path, located: Located): string {
  return valueAt(located, path) === undefined ? `'${String(path.at(-1))}' is missing here: ` : "";
}

function valueAt({ document }: Located, path: Path): unknown {
  return document.getIn(path);
}

/** The keys that the schema has at a path. */
function keysAt(path: Path): string[] {
  let schema: unknown = policySchema;
  for (const key of path) {
    const inner = unwrapped(schema);
    if (inner instanceof z.ZodObject) schema = inner.shape[String(key)];
    else if (inner instanceof z.ZodArray) schema = inner.element;
    else if (inner instanceof z.ZodRecord) schema = inner.valueType;
  }
  const found = unwrapped(schema);
  return found instanceof z.ZodObject ? Object.keys(found.shape) : [];
}

function unwrapped(schema: unknown): unknown {
  return schema instanceof z.ZodOptional || schema instanceof z.ZodDefault
    ? unwrapped(schema.unwrap())
    : schema;
}
