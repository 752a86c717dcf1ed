import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { diagnosisSchema } from "../../../src/model/diagnosis.ts";
import { evidenceSchema } from "../../../src/model/evidence.ts";
import { verdictCodes } from "../../../src/model/verdict.ts";
import type { Diagnosis } from "../../../src/model/diagnosis.ts";
import type { AttemptEvidence, Evidence } from "../../../src/model/evidence.ts";
import type { Requirement } from "../../../src/model/settings.ts";
import type { Verdict } from "../../../src/model/verdict.ts";
import { judge, judgeRun, judgeTargets } from "../../../src/verdict/judge.ts";
import type { JudgedTarget } from "../../../src/verdict/judge.ts";
import { foundHosts } from "../../../src/verdict/believed.ts";
import { anyEvidence } from "./arbitrary.ts";
import { CLIENT_TIMEOUT_MS } from "./builders.ts";
import { resolvePointer } from "./pointer.ts";
import { runs } from "../runs.ts";

const SEED = 5840;
const RUNS = runs(2_000);

/** Every verdict of a diagnosis: its own, its endpoints', their attempts'. */
function verdictsOf({ verdict, endpoints }: JudgedTarget): Verdict[] {
  return [
    verdict,
    ...endpoints.flatMap((each) => [each.verdict, ...each.attempts.map((attempt) => attempt.verdict)]),
  ];
}

function wordsOf({ observed, causes, next }: Verdict): string[] {
  return [observed, ...causes, ...next.flatMap(({ text, command }) => [text, command ?? ""])];
}

function judged(evidence: Evidence): Diagnosis {
  return judge(evidence, CLIENT_TIMEOUT_MS);
}

/** Parts of evidence that show what is rare in the whole of it, as far as that is still lacking. */
function partsOf(evidence: Evidence, hosts: Diagnosis["endpoints"], lacking: readonly string[]): Evidence[] {
  const parts: Evidence[] = [];
  // One resolver's answer, and nothing that got further.
  if (lacking.some((code) => code.startsWith("srv-")))
    parts.push(...evidence.srv.map((answer) => ({ ...evidence, srv: [answer], endpoints: [] })));
  // The hosts that serve: what is wrong is beside them.
  if (lacking.includes("srv-resolvers-disagree"))
    parts.push({
      ...evidence,
      endpoints: evidence.endpoints.filter((_, at) => hosts[at]?.verdict.serves === true),
    });
  // Of what a host was offered, the first alone.
  if (lacking.includes("rpc-syntax-refused"))
    parts.push({
      ...evidence,
      srv: [],
      endpoints: evidence.endpoints.map((each) => ({ ...each, attempts: each.attempts.map(offeredOne) })),
    });
  return parts;
}

function offeredOne(attempt: AttemptEvidence): AttemptEvidence {
  const answer = attempt.rpc?.bind.answer;
  if (!attempt.rpc || answer?.outcome !== "denied" || answer.denial.kind !== "contexts") return attempt;
  const { ack } = answer.denial;
  const denial = { ...answer.denial, ack: { ...ack, contexts: ack.contexts.slice(0, 1) } };
  return {
    ...attempt,
    rpc: { ...attempt.rpc, bind: { ...attempt.rpc.bind, answer: { ...answer, denial } } },
  };
}

describe("the judge, over any evidence", { timeout: 120_000 }, () => {
  it("is given what the schema allows, and hands back what the schema allows", () => {
    fc.assert(
      fc.property(anyEvidence, (evidence) => {
        expect(evidenceSchema.safeParse(evidence).error).toBeUndefined();
        expect(diagnosisSchema.safeParse(judged(evidence)).error).toBeUndefined();
      }),
      { seed: SEED, numRuns: RUNS },
    );
  });

  it("points to something that is there, in verdicts and findings", () => {
    fc.assert(
      fc.property(anyEvidence, (evidence) => {
        const diagnosis = judged(evidence);
        for (const { because } of verdictsOf(diagnosis)) resolvePointer(diagnosis, because);
        for (const { subject } of diagnosis.findings) resolvePointer(diagnosis, subject);
      }),
      { seed: SEED + 1, numRuns: RUNS },
    );
  });

  it("leaves no placeholder unfilled", () => {
    fc.assert(
      fc.property(anyEvidence, (evidence) => {
        const diagnosis = judged(evidence);
        const words = [
          ...verdictsOf(diagnosis).flatMap(wordsOf),
          ...diagnosis.findings.flatMap(({ observed, next }) => [observed, next]),
        ];
        expect(words.filter((line) => /\{\w+\}/.test(line))).toEqual([]);
      }),
      { seed: SEED + 2, numRuns: RUNS },
    );
  });

  it("calls serving exactly what is ok or degraded", () => {
    fc.assert(
      fc.property(anyEvidence, (evidence) => {
        for (const { serves, severity } of verdictsOf(judged(evidence)))
          expect(serves).toBe(severity === "ok" || severity === "degraded");
      }),
      { seed: SEED + 3, numRuns: RUNS },
    );
  });

  it("calls a target serving exactly where one of the hosts that a client finds serves, and a host where one of its addresses does", () => {
    fc.assert(
      fc.property(anyEvidence, (evidence) => {
        const { target, verdict, srv, endpoints } = judged(evidence);
        for (const host of endpoints) {
          expect(host.verdict.serves).toBe(host.attempts.some((attempt) => attempt.verdict.serves));
        }
        const found = target.kind === "no-suffix" ? [] : foundHosts({ target, srv, endpoints });
        expect(verdict.serves).toBe(found.some((host) => host.verdict.serves));
      }),
      { seed: SEED + 4, numRuns: RUNS },
    );
  });

  it("says the same again, of the same evidence and of its JSON read back", () => {
    fc.assert(
      fc.property(anyEvidence, (evidence) => {
        const before = JSON.stringify(evidence);
        const first = judged(evidence);
        expect(judged(evidence)).toEqual(first);
        expect(judged(evidenceSchema.parse(JSON.parse(before)))).toEqual(first);
        // And it changes nothing of what it is given.
        expect(JSON.stringify(evidence)).toBe(before);
      }),
      { seed: SEED + 5, numRuns: RUNS },
    );
  });

  it("judges runs of any diagnoses, with a pointer into the report", () => {
    const require = fc.constantFrom<Requirement[]>("any", "all", 1, 2, 5);
    fc.assert(
      fc.property(fc.array(anyEvidence, { maxLength: 3 }), require, (targets, needed) => {
        const diagnoses = targets.map(judged);
        const run = judgeRun(diagnoses, needed);
        resolvePointer({ diagnoses, ...run }, run.verdict.because);
        const { serving, listed, met, bySource } = run.requirement;
        expect(serving).toBeLessThanOrEqual(listed);
        for (const each of bySource) {
          expect(each.serving).toBeLessThanOrEqual(Math.min(each.listed, serving));
          if (each.met) expect(each.serving).toBeGreaterThan(0);
          if (needed === "any") expect(each.met).toBe(each.serving > 0);
        }
        expect(met).toBe(bySource.length > 0 && bySource.every((each) => each.met));
        const weaker = judgeRun(diagnoses, needed, "any").requirement;
        expect(weaker).toEqual({ ...run.requirement, at: "any", met: bySource.some((each) => each.met) });
        expect(wordsOf(run.verdict).filter((line) => /\{\w+\}/.test(line))).toEqual([]);
      }),
      { seed: SEED + 6, numRuns: RUNS },
    );
  });

  it("reaches, from generated evidence, every verdict there is", () => {
    const seen = new Set<string>();
    const lacking = (): string[] => verdictCodes.filter((code) => !seen.has(code));
    // Until the rarest has come up.
    for (let round = 0; round < 60 && lacking().length > 0; round++) {
      const samples = fc.sample(fc.array(anyEvidence, { minLength: 1, maxLength: 2 }), {
        seed: SEED + round,
        numRuns: 100,
      });
      for (const targets of samples) {
        const wholes = judgeTargets(targets, CLIENT_TIMEOUT_MS);
        for (const verdict of wholes.flatMap(verdictsOf)) seen.add(verdict.code);
        const parts = targets.flatMap((evidence, at) =>
          partsOf(evidence, wholes[at]?.endpoints ?? [], lacking()),
        );
        for (const part of parts)
          for (const verdict of judgeTargets([part], CLIENT_TIMEOUT_MS).flatMap(verdictsOf))
            seen.add(verdict.code);
        if (lacking().some((code) => code.startsWith("run-")))
          seen.add(judgeRun(targets.map(judged), "any").verdict.code);
      }
    }
    expect(lacking()).toEqual([]);
  });
});
