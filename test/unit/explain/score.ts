/** How a reading of a paste compares with what an expert read in it. */
import fs from "node:fs";
import path from "node:path";
import { decodeText } from "../../../src/explain/decode.ts";
import { explain } from "../../../src/explain/explain.ts";
import type { Explanation, Piece } from "../../../src/explain/model.ts";

const FIXTURES = path.join(import.meta.dirname, "../../fixtures/pastes");

export type Truth = {
  kind: string;
  kinds?: string[];
  language: string | null;
  side: string;
  facts: Record<string, unknown>;
  cause: string;
  causeAlso?: string[];
};
export type Sample = { name: string; bytes: Uint8Array; truth: Truth };

/** A text beside the JSON of its truth, in a folder of the fixtures. */
export function samplesIn(folder: string): Sample[] {
  const from = path.join(FIXTURES, folder);
  return fs
    .readdirSync(from)
    .filter((file) => file.endsWith(".json"))
    .toSorted()
    .map((file) => {
      const name = file.slice(0, -".json".length);
      const truth: Truth = JSON.parse(fs.readFileSync(path.join(from, file), "utf8"));
      return { name, bytes: fs.readFileSync(path.join(from, `${name}.txt`)), truth };
    });
}

export function explainBytes(bytes: Uint8Array): Explanation {
  const { text, encoding } = decodeText(bytes);
  return explain([{ name: "paste", text, encoding }], [], "0.0.0");
}

export function explainString(text: string): Explanation {
  return explain([{ name: "paste", text, encoding: "utf-8" }], [], "0.0.0");
}

/** The piece that a truth speaks of: that of its kind. */
export function pieceFor({ pieces }: Explanation, { kind }: Truth): Piece | undefined {
  return pieces.find((piece) => piece.kind === kind);
}

/** The words of the samples for two causes, in kmsprobe's own. */
const CAUSES: Readonly<Record<string, string>> = { host: "kms-host", threshold: "activation-threshold" };

export function causeName(word: string): string {
  return CAUSES[word] ?? word;
}

/** What was read of each fact: as the expert read it, otherwise, or not at all. */
export function factsOf(
  piece: Piece | undefined,
  truth: Truth,
): { name: string; is: "right" | "changed" | "lost"; got: unknown; wanted: unknown }[] {
  const facts: Readonly<Record<string, unknown>> = piece?.facts ?? {};
  return Object.entries(truth.facts).map(([name, wanted]) => {
    const got = facts[name];
    if (got === undefined) return { name, is: "lost", got, wanted };
    return { name, is: matches(got, wanted) ? "right" : "changed", got, wanted };
  });
}

/** Every field of what is wanted; what was read beyond it does no harm. */
function matches(got: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted))
    return (
      Array.isArray(got) && got.length === wanted.length && wanted.every((each, at) => matches(got[at], each))
    );
  if (typeof wanted === "object" && wanted !== null) {
    return (
      typeof got === "object" &&
      got !== null &&
      Object.entries(wanted).every(([key, each]) => matches(Reflect.get(got, key), each))
    );
  }
  return got === wanted;
}
