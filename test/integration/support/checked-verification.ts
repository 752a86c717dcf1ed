import { readFileSync } from "node:fs";
import { z } from "zod";
import { type Verification, verificationSchema } from "../../../src/verify/model.ts";
import { checked, HOLE, leadsSomewhere } from "./checked-report.ts";

const published: unknown = JSON.parse(
  readFileSync(new URL("../../../schema/verify-v1.json", import.meta.url), "utf8"),
);

if (typeof published !== "object" || published === null) throw new Error("the published schema is no object");

/** What a reader has who knows the published file only. */
const publishedSchema = z.fromJSONSchema({ ...published });

/**
 * Reads a verification and checks what each must keep: the model, the published schema, the report in it, pointers
 * that lead somewhere, sentences without holes, counts and an outcome that follow from the results.
 */
export function checkedVerification(text: string): Verification {
  const plain: unknown = JSON.parse(text);
  const verification = verificationSchema.parse(plain);
  publishedSchema.parse(plain);
  checked(verification.report);
  const mistakes = [
    ...mistakesOfPointers(verification),
    ...mistakesOfWords(verification),
    ...mistakesOfCounts(verification),
  ];
  if (mistakes.length > 0) throw new Error(`the verification contradicts itself:\n${mistakes.join("\n")}`);
  return verification;
}

function mistakesOfPointers(verification: Verification): string[] {
  const { results, baseline, closed } = verification;
  const pointers = [
    ...results.flatMap(({ id, details }) =>
      details.map(({ about, pointer }) => [`${id}, ${about}`, pointer]),
    ),
    ...(baseline?.changes ?? []).map(({ what, about, pointer }) => [`${what} ${about}`, pointer]),
    ...closed.flatMap(({ host, port, attempts }) =>
      attempts.map(({ verdict }) => [`closed ${host}:${port}`, verdict?.because ?? null]),
    ),
  ] as const;
  return pointers.flatMap(([where, pointer]) =>
    pointer == null || leadsSomewhere(verification, pointer)
      ? []
      : [`${where} points at ${pointer}, which is not there`],
  );
}

function mistakesOfWords({ results, baseline }: Verification): string[] {
  const sentences = [
    ...results.flatMap(({ name, expected, observed, details }) => [
      name,
      expected,
      observed,
      ...details.flatMap((each) => [each.about, each.observed, ...each.causes, ...stepWords(each)]),
    ]),
    ...(baseline?.changes ?? []).flatMap((each) => [each.about, each.before, each.after, ...stepWords(each)]),
  ];
  return sentences
    .filter((sentence) => sentence === "" || HOLE.test(sentence))
    .map((sentence) => `a sentence has a hole: '${sentence}'`);
}

function stepWords({ next }: { next: readonly { text: string; command: string | null }[] }): string[] {
  return next.flatMap(({ text, command }) => (command === null ? [text] : [text, command]));
}

function mistakesOfCounts({ results, counts, baseline, outcome }: Verification): string[] {
  const having = (status: string, level?: string): number =>
    results.filter((each) => each.status === status && (level === undefined || each.level === level)).length;
  const counted = {
    met: having("met"),
    failed: having("failed", "error"),
    warned: having("failed", "warning"),
    error: having("error"),
    skipped: having("skipped"),
  };
  const worse = (baseline?.changes ?? []).filter(({ direction }) => direction === "worse");
  const fails = counted.failed + worse.length > 0;
  return [
    ...(JSON.stringify(counted) === JSON.stringify(counts)
      ? []
      : [`${JSON.stringify(counted)} are counted as ${JSON.stringify(counts)}`]),
    ...(fails === (outcome === "failed") ? [] : [`the outcome is ${outcome}`]),
    ...(baseline?.changes ?? []).flatMap(({ about, looks, direction }) =>
      looks.worse > looks.of || (direction === "worse" && looks.worse < 2)
        ? [`${about} is ${direction} by ${looks.worse} of ${looks.of} looks`]
        : [],
    ),
  ];
}
