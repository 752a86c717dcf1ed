/** Text as people paste it, brought to plain lines: quotes, bullets, tags, entities and full-width signs are undone. */

import type { Field } from "./labels.ts";

/** One line without its decoration. `width` is what it took on its screen, blanks in front included. */
export type Line = {
  readonly text: string;
  readonly number: number;
  readonly indent: number;
  readonly width: number;
  /** nothing stands behind it, not even a line end: it may have been cut */
  readonly cut: boolean;
  /** its label and value, once somebody has asked for them: one recogniser after the other does */
  field?: Field | null | undefined;
};

/** More lines than any paste has; what stands behind them is not read, and counted. */
const MOST_LINES = 200_000;

/** A line that is longer is none of a tool's output; it is read up to here. */
const MAX_LINE = 4_000;

const ENTITIES: Readonly<Record<string, string>> = {
  quot: '"',
  amp: "&",
  lt: "<",
  gt: ">",
  nbsp: " ",
  apos: "'",
  auml: "ä",
  ouml: "ö",
  uuml: "ü",
  Auml: "Ä",
  Ouml: "Ö",
  Uuml: "Ü",
  szlig: "ß",
  eacute: "é",
  egrave: "è",
  agrave: "à",
  ccedil: "ç",
  ntilde: "ñ",
  oacute: "ó",
  aacute: "á",
  iacute: "í",
  rsquo: "’",
  hellip: "...",
};

const BREAKS = /<br\s{0,9}\/?>|<\/(?:p|div|li|tr|pre|blockquote)>/gi;
const TAGS =
  /<\/?(?:p|div|span|pre|code|b|i|u|em|strong|font|a|td|th|tr|table|tbody|thead|ul|ol|li|blockquote)(?:\s[^<>]{0,300})?>/gi;
// oxlint-disable-next-line no-control-regex -- a terminal's colours are what is looked for
const COLOURS = /\u001B\[[0-9;]{0,20}[A-Za-z]/g;
const INVISIBLE = /[\u00AD\u200B-\u200F\u202A-\u202E\u2060\u2066-\u2069\uFEFF]/g;
const ENTITY = /&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|([A-Za-z]{2,8}));/gi;

/** UTF-8 that somebody read as Windows-1252: `Ã¤`. */
const TWICE = /Ã([\u0080-\u00BFŒœŠšŸŽžƒˆ˜–—‘’‚“”„†‡•…‰‹›€™])/g;
const SPECIAL = [
  0x80, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a, 0x8b, 0x8c, 0x8e, 0x91, 0x92, 0x93, 0x94, 0x95,
  0x96, 0x97, 0x98, 0x99, 0x9a, 0x9b, 0x9c, 0x9e, 0x9f,
] as const;
const CP1252 = new Map(Array.from("€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ", (sign, at) => [sign, SPECIAL[at] ?? 0]));

/** Signs of quoting, comments and lists in front of a line. `-` and `*` only before a blank. */
const DECORATION = /^[ \t]*(?:>+|\|+|│|┃|#+(?![0-9])|\/\/|[•◦·●▪■‣○]|[-*+–](?=[ \t]))[ \t]?/;
const OPENING = /^[ \t]*["'“”„‘«「『]+/;
const CLOSING = /[ \t]*(?:\\+|["'”“‘»」』]+|[|│┃])?[ \t]*$/;

/** A text as its lines, without what a paste adds to them; at most MOST_LINES. */
export function linesOf(text: string): Line[] {
  const plain = undone(text);
  const rows = plain.split(/\r\n|\r|\n/, MOST_LINES + 1);
  // What ends the last line begins no other; a last line without an end may have been longer.
  const ended = rows.at(-1) === "";
  if (ended) rows.pop();
  const cut = !ended && rows.length <= MOST_LINES;
  return rows.slice(0, MOST_LINES).map((row, at) => lineOf(row, at + 1, cut && at === rows.length - 1));
}

/** How many lines stand behind those that are read. */
export function linesBeyond(text: string): number {
  let ends = 0;
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) ends += 1;
  return Math.max(0, ends + Number(!text.endsWith("\n")) - MOST_LINES);
}

/** A property of JSON, as it would stand in a list. */
function property(text: string): string {
  if (!text.includes('"')) return text;
  const [, name, value = ""] = /^\{? ?"?(\w{1,60})" {0,9}: {0,9}(.{0,3000})$/.exec(text) ?? [];
  if (name === undefined) return text;
  return `${name} : ${value
    .replace(/[,{}[\] ]+$/, "")
    .replace(/^"/, "")
    .replace(/"$/, "")}`;
}

function undone(text: string): string {
  let plain = text.includes("\u001B") ? text.replace(COLOURS, "") : text;
  // An event on one line, as wevtutil prints it.
  if (plain.includes("<EventID")) plain = plain.replaceAll("><", ">\n<");
  if (plain.includes("<")) plain = plain.replace(BREAKS, "\n").replace(TAGS, "");
  // Twice: a forum escapes what a mail has escaped before.
  for (let times = 0; times < 2 && plain.includes("&"); times++) plain = plain.replace(ENTITY, entity);
  if (plain.includes("Ã")) plain = plain.replace(TWICE, (_, sign: string) => once(sign));
  if (plain.includes('":'))
    plain = plain.replaceAll("\\r\\n", "\n").replace(/([{,]) {0,9}"(\w{1,60})" ?:/g, '$1\n"$2":');
  return plain.normalize("NFKC").replace(INVISIBLE, "").replaceAll("\t", "    ");
}

function entity(whole: string, hex?: string, decimal?: string, name?: string): string {
  if (name !== undefined) return Object.hasOwn(ENTITIES, name) ? (ENTITIES[name] ?? whole) : whole;
  const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
  return code >= 9 && code <= 0x10_ff_ff && (code < 0xd8_00 || code > 0xdf_ff)
    ? String.fromCodePoint(code)
    : whole;
}

function once(sign: string): string {
  const byte = CP1252.get(sign) ?? sign.charCodeAt(0);
  return String.fromCharCode(byte + 0x40);
}

function lineOf(row: string, number: number, cut: boolean): Line {
  let rest = row.length > MAX_LINE ? row.slice(0, MAX_LINE) : row;
  for (let depth = 0; depth < 6; depth++) {
    const bare = rest.replace(DECORATION, "");
    if (bare.length === rest.length) break;
    rest = bare;
  }
  const width = rest.trimEnd().length;
  rest = rest.replace(OPENING, "").trimEnd();
  // Looked for at the end only: a search of the whole line would cost more than all else.
  if (/[\\"'”“‘»」』|│┃]$/.test(rest.slice(-1)))
    rest = rest.slice(0, -8) + rest.slice(-8).replace(CLOSING, "");
  if (rest.includes("**")) rest = rest.replaceAll("**", "");
  if (rest.includes("`")) rest = rest.replaceAll("`", "");
  if (rest.includes("\\")) rest = rest.replace(/\\([_*[\]#<>.|~-])/g, "$1");
  const text = property(rest.trim());
  return { text, number, indent: rest.length - rest.trimStart().length, width, cut, field: undefined };
}
