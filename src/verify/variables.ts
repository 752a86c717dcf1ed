import { isAlias, isMap, isNode, isScalar, isSeq, parse } from "yaml";
import type { Document, Node, Scalar } from "yaml";
import { show } from "../targets/parse.ts";
import { UsageError } from "../targets/usage-error.ts";
import { suggestion } from "./nearest.ts";
import type { Path } from "./positions.ts";

type Value = string | number | boolean;
export type Variables = ReadonlyMap<string, Value | readonly Value[]>;

export type Mistake = { path: Path; message: string };

/** `${name}`; two dollars in front of a brace are one that is meant. */
const REFERENCE = /\$(\$?)\{([^}]*)\}/g;

/** `--set name=value`: the value as YAML has it, so that numbers and lists can be given. */
export function parseSetting(text: string): [string, Value | Value[]] {
  const [, name = "", written = ""] = /^([A-Za-z][\w-]*)=(.*)$/s.exec(text) ?? [];
  if (name === "") throw new UsageError(`--set '${show(text)}' is not NAME=VALUE, as in domain=corp.example`);
  return [name, valueOf(written)];
}

function valueOf(written: string): Value | Value[] {
  try {
    const value: unknown = parse(written);
    if (isValue(value)) return value;
    if (Array.isArray(value) && value.length > 0 && value.every(isValue)) return value;
  } catch {
    // Not YAML: it stands for itself.
  }
  return written;
}

function isValue(value: unknown): value is Value {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}

/** The variables that a run at this place has: those it defines, and those that values which hold there refer to. */
export function namesFor(document: Document, place: string | null): Set<string> {
  const defined = [
    variablesAt(document, []),
    ...(place === null ? [] : [variablesAt(document, ["places", place])]),
  ];
  const names = new Set(defined.flatMap((variables) => [...variables.keys()]));
  const isElsewhere = (path: Path): boolean => path.length === 2 && path[0] === "places" && path[1] !== place;
  const seen = new Set<unknown>();
  const walk = (node: unknown, path: Path): void => {
    if (isElsewhere(path) || path.at(-1) === "variables" || seen.has(node)) return;
    seen.add(node);
    if (isMap(node)) for (const { key, value } of node.items) walk(value, [...path, keyText(key)]);
    else if (isSeq(node)) node.items.forEach((item, index) => walk(item, [...path, index]));
    else if (isAlias(node)) walk(node.resolve(document), path);
    else if (isScalar(node) && typeof node.value === "string")
      for (const [, escaped, name = ""] of node.value.matchAll(REFERENCE))
        if (escaped === "") names.add(name);
  };
  walk(document.contents, []);
  return names;
}

/** The names of the policy's places as they stand in the file, before anything of it is checked. */
export function placesOf(document: Document): string[] {
  const places: unknown = document.getIn(["places"], true);
  return isMap(places) ? places.items.map(({ key }) => keyText(key)) : [];
}

function keyText(key: unknown): string {
  return String(isScalar(key) ? key.value : key);
}

/** What a `variables:` map of the document says; anything unfit is left to the schema. */
export function variablesAt(document: Document, path: Path): Map<string, Value | Value[]> {
  const found = new Map<string, Value | Value[]>();
  const map: unknown = document.getIn([...path, "variables"], true);
  if (!isMap(map)) return found;
  for (const { key, value } of map.items) {
    const plain: unknown = isNode(value) ? value.toJS(document) : value;
    const fits = isValue(plain) || (Array.isArray(plain) && plain.every(isValue));
    if (isScalar(key) && fits) found.set(String(key.value), plain);
  }
  return found;
}

/**
 * Puts the variables into the values of the document, in place, so that what is wrong with one is reported where it is
 * used. A list stands for a whole value only.
 * @param known what holds at a path: a place has variables of its own
 */
export function fillIn(document: Document, known: (path: Path) => Variables): Mistake[] {
  const mistakes: Mistake[] = [];
  const walk = (node: unknown, path: Path, replace: (by: Node) => void): void => {
    if (isMap(node)) {
      for (const pair of node.items) {
        const key = keyText(pair.key);
        if (key !== "variables") walk(pair.value, [...path, key], (by) => (pair.value = by));
      }
    } else if (isSeq(node)) {
      node.items.forEach((item, index) => walk(item, [...path, index], (by) => (node.items[index] = by)));
    } else if (isScalar(node) && typeof node.value === "string" && node.value.includes("${")) {
      const filled = fill(node.value, known(path), (message) => mistakes.push({ path, message }));
      if (isValue(filled)) node.value = filled;
      else replace(listNode(document, filled, node));
    }
  };
  walk(document.contents, [], () => {});
  return mistakes;
}

/** What is wrong with one of the values is shown where the variable is used. */
function listNode(document: Document, values: readonly Value[], { range, anchor }: Scalar): Node {
  const list = document.createNode(values);
  for (const node of [list, ...list.items]) if (isNode(node)) node.range = range ?? null;
  if (anchor !== undefined) list.anchor = anchor;
  return list;
}

function fill(
  text: string,
  variables: Variables,
  complain: (message: string) => void,
): Value | readonly Value[] {
  const whole = /^\$\{([^}]*)\}$/.exec(text);
  if (whole !== null) {
    const value = variables.get(whole[1] ?? "");
    if (value !== undefined) return value;
  }
  return text.replace(REFERENCE, (reference: string, escaped: string, name: string) => {
    if (escaped !== "") return reference.slice(1);
    const value = variables.get(name);
    if (isValue(value)) return String(value);
    complain(
      value === undefined
        ? `no variable is called '${show(name)}': ${variables.size === 0 ? "define it under variables" : suggestion(name, [...variables.keys()])}`
        : `'${show(name)}' is a list: it stands for a whole value only`,
    );
    return reference;
  });
}
