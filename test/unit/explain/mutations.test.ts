/** Whatever is done to a paste, its facts are kept or lost. None is ever changed. */
import iconv from "iconv-lite";
import { describe, expect, it } from "vitest";
import { CODE_PAGES } from "../../../src/explain/code-pages.ts";
import { decodeText } from "../../../src/explain/decode.ts";
import type { Piece } from "../../../src/explain/model.ts";
import { MUTATIONS } from "./mutations.ts";
import { explainBytes, explainString, samplesIn } from "./score.ts";

/** Each text, and what is read of it while nobody has touched it. */
const SAMPLES = [...samplesIn("samples"), ...samplesIn("own")].map(({ name, bytes, truth }) => {
  const { text } = decodeText(bytes);
  const { pieces } = explainString(text);
  return { name, text, truth, pieces, facts: factsIn(pieces) };
});

type Facts = ReadonlyMap<string, ReadonlySet<string>>;

function factsIn(pieces: readonly Piece[]): Map<string, Set<string>> {
  const all = new Map<string, Set<string>>();
  for (const { facts } of pieces) {
    for (const [name, held] of flat(facts)) all.set(name, (all.get(name) ?? new Set()).add(held));
    // The host of a listing is the first that is listed: without that one, the next.
    for (const { target } of facts.srv ?? [])
      all.set("kmsHost", (all.get("kmsHost") ?? new Set()).add(JSON.stringify(target)));
  }
  return all;
}

/** Each fact by itself, those of several products among the others: a torn list loses members. */
function flat(facts: object): [string, string][] {
  return Object.entries(facts).flatMap(([name, held]): [string, string][] => {
    if (name === "products" && Array.isArray(held))
      return held.flatMap((product: unknown) =>
        typeof product === "object" && product !== null ? flat(product) : [],
      );
    if (Array.isArray(held)) return held.map((each): [string, string] => [name, JSON.stringify(each)]);
    return [[name, JSON.stringify(held)]];
  });
}

/** Facts that count what is left of a text, and so shrink with it. */
const COUNTS = new Set(["samples", "setupKey", "offsetSeconds"]);
/** A part of a message says less than the whole: which kind of message it is, and with it what it proves, may go. */
function changed(known: Facts, after: Facts): string[] {
  return [...after].flatMap(([name, held]) =>
    COUNTS.has(name)
      ? []
      : [...held]
          .filter((each) => known.get(name)?.has(each) !== true)
          .map((each) => `${name} became ${each}, not ${[...(known.get(name) ?? [])].join(" or ")}`),
  );
}

function kept(before: Facts, got: Facts): { kept: number; all: number } {
  const wanted = [...before].flatMap(([name, held]) => [...held].map((each) => [name, each] as const));
  return {
    all: wanted.length,
    kept: wanted.filter(([name, each]) => got.get(name)?.has(each) === true).length,
  };
}

describe("a paste that was mistreated", () => {
  it.each(MUTATIONS)(
    "keeps its facts or loses them: $name",
    ({ apply }) => {
      const wrong: string[] = [];
      const sum = { kept: 0, all: 0 };
      for (const { name, text, truth, facts: before } of SAMPLES) {
        const { pieces, causes } = explainString(apply(text));
        const after = factsIn(pieces);
        if (truth.cause === "unknown" || truth.cause === "none")
          wrong.push(
            ...causes.flatMap(({ cause, state }) =>
              state === "confirmed" ? [`${name} confirms ${cause}`] : [],
            ),
          );
        wrong.push(...changed(before, after).map((what) => `${name}: ${what}`));
        const { kept: some, all } = kept(before, after);
        sum.kept += some;
        sum.all += all;
      }
      expect(wrong).toEqual([]);
      // Nothing that only decorates may cost much.
      expect(sum.kept / sum.all).toBeGreaterThan(0.8);
    },
    60_000,
  );

  it("keeps its facts or loses them when it is cut, at every place", () => {
    const wrong: string[] = [];
    for (const { name, text, facts: before } of SAMPLES) {
      const every = text.length > 1_000 ? 31 : 11;
      for (let at = 1; at < text.length; at += every) {
        for (const [how, part] of [
          ["tail", text.slice(0, at)],
          ["head", text.slice(at)],
        ] as const)
          wrong.push(
            ...changed(before, factsIn(explainString(part).pieces)).map(
              (what) => `${name}, ${how} cut at ${at}: ${what}`,
            ),
          );
      }
    }
    expect([...new Set(wrong)].slice(0, 40)).toEqual([]);
  }, 120_000);

  it("keeps its facts or loses them among those of another", () => {
    const wrong: string[] = [];
    const sum = { kept: 0, all: 0 };
    for (const [at, one] of SAMPLES.entries()) {
      // Each beside the next few of the circle: as many pairs as a second allows.
      for (const other of [...SAMPLES, ...SAMPLES].slice(at, at + 6)) {
        const before = factsIn([...one.pieces, ...other.pieces]);
        const after = factsIn(explainString(`${one.text}\n${other.text}`).pieces);
        wrong.push(...changed(before, after).map((what) => `${one.name} + ${other.name}: ${what}`));
        const { kept: some, all } = kept(before, after);
        sum.kept += some;
        sum.all += all;
      }
    }
    expect(wrong.slice(0, 40)).toEqual([]);
    expect(sum.kept / sum.all).toBeGreaterThan(0.95);
  }, 60_000);

  it.each([
    "utf-8",
    "utf-16le",
    "utf-16be",
    "windows-1252",
    "cp850",
    "cp437",
    "gbk",
    "cp866",
    "shift_jis",
    "cp949",
  ])(
    "keeps its facts or loses them in %s",
    (encoding) => {
      const wrong: string[] = [];
      for (const { name, text, facts: before } of SAMPLES) {
        const bytes = iconv.encode(text, encoding);
        // What an encoding has no letters for is none of its texts.
        if (iconv.decode(bytes, encoding) !== text) continue;
        const after = factsIn(explainBytes(bytes).pieces);
        wrong.push(...changed(before, after).map((what) => `${name}: ${what}`));
        const got = kept(before, after);
        if (got.kept !== got.all)
          wrong.push(`${name}: ${got.kept} of ${got.all} kept, read as ${decodeText(bytes).encoding}`);
      }
      expect(wrong).toEqual([]);
    },
    60_000,
  );

  it.each(Object.entries(CODE_PAGES))("knows code page %s as iconv-lite does", (name, page) => {
    const upper = Uint8Array.from({ length: 128 }, (_, at) => 0x80 + at);
    expect(page).toBe(iconv.decode(upper, name));
  });
});
