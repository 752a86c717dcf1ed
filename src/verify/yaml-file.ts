/** A YAML file that people write: read, checked by its schema, and every mistake told with its line and column. */
import { LineCounter, parseDocument, visit } from "yaml";
import type { Alias, YAMLError } from "yaml";
import { z } from "zod";
import { show } from "../targets/parse.ts";
import { UsageError } from "../targets/usage-error.ts";
import type { Position } from "./model.ts";
import { suggestion } from "./nearest.ts";
import { positionOf, positionOfKey } from "./positions.ts";
import type { Located, Path } from "./positions.ts";

/** More mistakes than that are not listed: one of them may be the cause of many. */
const MAX_MISTAKES = 10;
const MAX_MESSAGE = 600;

export type Mistaken = { at: Position; message: string };

/**
 * @param file as messages call it
 * @param kind what the file is, in a word
 * @throws UsageError with the line of what is no YAML
 */
export function parsedYaml(text: string, file: string, kind: string): Located {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true });
  // What comes after the first is usually its consequence.
  const [wrong] = document.errors;
  if (wrong !== undefined)
    throw mistaken(file, [{ at: placeOfError(lines, wrong), message: yamlWords(wrong, text, kind) }]);
  return { document, lines };
}

/** @throws UsageError with a line for each thing that the schema objects to */
export function checkedBy<Schema extends z.ZodType>(
  schema: Schema,
  located: Located,
  file: string,
  kind: string,
): z.output<Schema> {
  const read = schema.safeParse(plain(located, file));
  if (read.success) return read.data;
  const issues = withoutConsequences(read.error.issues);
  throw mistaken(
    file,
    issues.flatMap((issue) => wordsOf(issue, { ...located, schema, kind })),
  );
}

/** An alias without its anchor ends here, and so does one that would unfold to something enormous. */
export function plain({ document, lines }: Located, file: string): unknown {
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

/** One error for all of them, a line each with file, line and column; those beyond MAX_MISTAKES are counted. */
export function mistaken(file: string, mistakes: readonly Mistaken[]): UsageError {
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
function yamlWords({ code, message, pos }: YAMLError, text: string, kind: string): string {
  if (code === "MULTIPLE_DOCS") return `a second document begins here: a ${kind} is one`;
  const line = text.slice(text.lastIndexOf("\n", pos[0] - 1) + 1).split("\n", 1)[0] ?? "";
  const [quotable] = /\[[0-9a-f:]*:[0-9a-f:]*\](?::\d+)?|[^\s"',[\]{}]*\$\{[^}]*\}/i.exec(line) ?? [];
  const hint = quotable === undefined ? "" : ` (put it into quotes: '${show(quotable)}')`;
  // What the parser ran out of says nothing to whoever wrote it.
  if (message.startsWith("Maximum call stack"))
    return "this is nested too deeply: no file here has so many levels";
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

/** With what it was held against. */
type Held = Located & { schema: z.ZodType; kind: string };

function wordsOf(issue: z.core.$ZodIssue, located: Held): Mistaken[] {
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => ({
        at: positionOfKey(located, issue.path, key),
        message: `there is no key '${show(key)}' here: ${suggestion(key, keysAt(located.schema, issue.path))}`,
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
  located: Held,
): string {
  const name = nameAt(path, located.kind);
  const missing = valueAt(located, path) === undefined;
  if (missing && path.length > 0) return `${name} is missing here`;
  const fitting: Readonly<Record<string, string>> = {
    object: `a map: ${keysAt(located.schema, path).join(", ")}`,
    record: "a map of names and values",
    array: "a list, each entry behind a dash",
    string: "a text",
    number: "a number",
  };
  return expected in fitting ? `${name} is to be ${fitting[expected] ?? expected}` : message;
}

/** An entry of a list has no name of its own. */
function nameAt(path: Path, kind: string): string {
  const key = path.findLast((each) => typeof each === "string");
  if (key === undefined) return `the ${kind}`;
  return typeof path.at(-1) === "number" ? `an entry of '${key}'` : `'${key}'`;
}

function missingLead(path: Path, located: Located): string {
  return valueAt(located, path) === undefined ? `'${String(path.at(-1))}' is missing here: ` : "";
}

function valueAt({ document }: Located, path: Path): unknown {
  return document.getIn(path);
}

/** The keys that the schema has at a path. */
function keysAt(from: z.ZodType, path: Path): string[] {
  let schema: unknown = from;
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
