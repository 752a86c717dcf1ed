/** The eight causes over any evidence: always eight, always with a reason, never ruled out unseen. */
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { causeNames } from "../../../src/model/causes.ts";
import { reportSchema } from "../../../src/model/report.ts";
import type { Cause } from "../../../src/model/causes.ts";
import { judge, judgeRun } from "../../../src/verdict/judge.ts";
import { withSiblingFindings } from "../../../src/verdict/findings/siblings.ts";
import { anyEvidence } from "./arbitrary.ts";
import { CLIENT_TIMEOUT_MS } from "./builders.ts";
import { resolvePointer } from "./pointer.ts";
import { runs } from "../runs.ts";

const anyRun = fc.array(anyEvidence, { maxLength: 3 }).map((targets) => {
  const diagnoses = withSiblingFindings(targets.map((each) => judge(each, CLIENT_TIMEOUT_MS)));
  return { diagnoses, ...judgeRun(diagnoses, "any") };
});

const schema = reportSchema.pick({ causes: true });

it("are eight in every run, as the schema says, with pointers that lead somewhere", () => {
  fc.assert(
    fc.property(anyRun, (run) => {
      expect(schema.safeParse({ causes: run.causes }).error).toBeUndefined();
      expect(run.causes.map(({ cause }) => cause)).toEqual(causeNames);
      for (const { pointer } of run.causes) if (pointer !== null) resolvePointer(run, pointer);
    }),
    { seed: 1688, numRuns: runs(500) },
  );
});

it("have evidence or a command, and leave no placeholder unfilled", () => {
  fc.assert(
    fc.property(anyRun, ({ causes }) => {
      for (const { state, evidence, pointer, step } of causes) {
        expect(evidence).not.toBe("");
        expect(`${evidence} ${step?.text ?? ""} ${step?.command ?? ""}`).not.toMatch(/\{\w+\}/);
        // What was seen is pointed to; what was not seen, or not for good, has the command that settles it.
        if (state === "not-visible-from-here") expect(step?.command).toMatch(/./);
        else expect(pointer).toMatch(/^\/diagnoses\/\d/);
        if (state === "possible") expect(step?.command).toMatch(/./);
      }
    }),
    { seed: 1689, numRuns: runs(500) },
  );
});

it("are never ruled out where nothing sound was seen, and never at all where nobody can see", () => {
  fc.assert(
    fc.property(anyRun, ({ diagnoses, causes }) => {
      const isOut = (name: Cause["cause"]): boolean =>
        causes.some(({ cause, state }) => cause === name && state === "ruled-out");
      const attempts = diagnoses.flatMap(({ endpoints }) => endpoints.flatMap((each) => each.attempts));
      const served = attempts.some(
        ({ verdict: { code, serves } }) => serves || code === "rpc-plain-bind-only",
      );
      const answered = attempts.some(({ verdict }) => verdict.layer === "rpc");
      const listed = diagnoses.some(({ srv }) => srv.some(({ answer }) => answer.outcome === "ok"));
      const tunnelled = attempts.some(({ via }) => via?.link === "tunnel");
      const clocked = attempts.some(({ clock }) => clock !== null);
      expect([isOut("kms-host") && !served, isOut("connectivity") && !answered]).toEqual([false, false]);
      expect([isOut("dns") && !listed, isOut("vpn") && !tunnelled]).toEqual([false, false]);
      expect(isOut("clock") && !clocked).toBe(false);
      for (const name of ["activation-threshold", "host-key", "client-configuration"] as const)
        expect(isOut(name)).toBe(false);
    }),
    { seed: 1690, numRuns: runs(500) },
  );
});
