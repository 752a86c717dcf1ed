/** Pasted text is anybody's: nothing in it may stop the reading, or take long. */
import { readdirSync, readFileSync } from "node:fs";
import { describe, test } from "vitest";
import { linesOf } from "../../src/explain/clean.ts";
import { decodeText } from "../../src/explain/decode.ts";
import { explain, pieceAt } from "../../src/explain/explain.ts";
import { mayBegin } from "../../src/explain/first-look.ts";
import { textTargets } from "../../src/explain/join/text-targets.ts";
import { fuzz, holds } from "./fuzz.ts";

const SEEDS = ["samples", "own"].flatMap((name) => {
  const folder = new URL(`../fixtures/pastes/${name}/`, import.meta.url);
  return readdirSync(folder)
    .filter((file) => file.endsWith(".txt"))
    .map((file) => Uint8Array.from(readFileSync(new URL(file, folder))));
});

describe("explain", () => {
  test("any bytes are read without throwing, in bounded time", () => {
    fuzz(
      "explain",
      SEEDS,
      (bytes) => {
        const { text, encoding } = decodeText(bytes);
        const { pieces, causes, inputs } = explain([{ name: "-", text, encoding }], [], "0.0.0");
        holds(causes.length === 8, "the eight causes");
        const read = linesOf(text);
        for (const [at, line] of read.entries())
          if (line.text !== "" && !mayBegin(line))
            holds(pieceAt(read, at) === null, "a line that is passed over begins nothing");
        const { hosts, domains, resolvers } = textTargets({ pieces });
        holds(hosts.length <= 16 && domains.length <= 8 && resolvers.length <= 4, "a few targets");
        holds(
          !hosts.some((host) => /^(?:127\.|localhost:)|[^\w.:[\]-]/.test(host)),
          "hosts of others, by name",
        );
        for (const { lines, facts } of pieces) {
          holds(lines.from <= lines.to && lines.to <= (inputs[0]?.lines ?? 0), "lines of the text");
          holds(facts.kmsPort === undefined || (facts.kmsPort > 0 && facts.kmsPort < 65_536), "a port");
          holds(facts.partialKey === undefined || facts.partialKey.length === 5, "five characters of a key");
        }
        return pieces.length > 0;
      },
      { alphabet: "az09AF.-_:=#>, \t\r\n0x\u00e4", mostMs: 150 },
    );
  });
});
