import fs from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { diagnosisSchema } from "../../../src/model/diagnosis.ts";
import { evidenceSchema } from "../../../src/model/evidence.ts";
import { verdictCodes, verdictSchema } from "../../../src/model/verdict.ts";
import type { Evidence } from "../../../src/model/evidence.ts";
import type { Certainty, Severity, Verdict, VerdictCode } from "../../../src/model/verdict.ts";
import { judge, judgeRun } from "../../../src/verdict/judge.ts";
import { CLIENT_TIMEOUT_MS, completed } from "./builders.ts";
import { resolvePointer } from "./pointer.ts";

const FOLDER = path.join(import.meta.dirname, "../../fixtures/evidence");

/** The smallest evidence for a code: the targets of one run. */
function read(code: string): Evidence[] {
  const targets: unknown = JSON.parse(fs.readFileSync(path.join(FOLDER, `${code}.json`), "utf8"));
  return evidenceSchema.array().parse(completed(targets));
}

type Expected = {
  /** Where the verdict stands in the run: a diagnosis, an endpoint, an attempt, or the run itself. */
  at: string;
  /** What it points to, from there. */
  because: string;
  severity: Severity;
  certainty: Certainty;
  causes: number;
  clientError: string | null;
};

const DIAGNOSIS = "/diagnoses/0";
const ENDPOINT = "/diagnoses/0/endpoints/0";
const ATTEMPT = "/diagnoses/0/endpoints/0/attempts/0";

const expectedVerdicts = {
  "srv-no-suffix": srv("/target", "certain", 1, "0x8007007B"),
  "srv-nxdomain": srv("/srv/0", "certain", 3, "0x8007232B"),
  "srv-nodata": srv("/srv/0", "certain", 2, "0x8007251D"),
  "srv-servfail": srv("/srv/0", "likely", 4, "0x8007232A"),
  "srv-refused": srv("/srv/0", "certain", 3, "0x8007232D"),
  "srv-other-rcode": srv("/srv/0", "likely", 2, "0x8007232A"),
  "srv-no-answer": srv("/srv/0", "ambiguous", 4, "0x8007232A"),
  "srv-resolver-unreachable": srv("/srv/0", "likely", 3, "0x8007232A"),
  "srv-malformed": srv("/srv/0", "likely", 2, "0x8007232A"),
  "srv-mismatched": srv("/srv/0", "likely", 3, "0x8007232A"),
  "srv-truncated": srv("/srv/0", "certain", 1, "0x8007232A"),
  "srv-local-failure": { ...srv("/srv/0", "certain", 1, null), severity: "inconclusive" },
  "srv-not-offered": srv("/srv/0", "certain", 1, "0x8007232B"),
  "srv-no-records": srv("/srv/0", "certain", 1, "0x8007232B"),
  "srv-alias-chain": srv("/srv/0", "likely", 2, "0x8007232A"),
  "srv-resolvers-disagree": { ...srv("/srv", "certain", 3, null), severity: "degraded" },
  "address-none": address("failed", "certain", 3),
  "address-lookup-failed": address("inconclusive", "ambiguous", 2),
  "address-invalid-target": address("failed", "likely", 2),
  "address-null": address("failed", "certain", 2),
  "address-loopback": address("failed", "certain", 2),
  "address-no-host": address("failed", "certain", 2),
  "address-left-out": { ...address("inconclusive", "certain", 0), clientError: null },
  "tcp-no-answer": tcp("ambiguous", 8),
  "tcp-refused": tcp("ambiguous", 4),
  "tcp-reset": tcp("ambiguous", 2),
  "tcp-host-unreachable": tcp("ambiguous", 4),
  "tcp-neighbour-silent": tcp("ambiguous", 4),
  "tcp-net-unreachable": tcp("ambiguous", 4),
  "tcp-not-permitted": tcp("ambiguous", 3),
  "tcp-blackhole-route": { ...tcp("certain", 1), clientError: null },
  "tcp-source-refused": { ...tcp("certain", 1), severity: "inconclusive", clientError: null },
  "tcp-source-unusable": { ...tcp("certain", 1), severity: "inconclusive", clientError: null },
  "tcp-proxy-failed": tcp("ambiguous", 3),
  "tcp-no-local-address": { ...tcp("certain", 1), severity: "inconclusive", clientError: null },
  "tcp-local-resources": { ...tcp("certain", 1), severity: "inconclusive", clientError: null },
  "tcp-other-error": tcp("ambiguous", 2),
  "rpc-no-answer": rpc("/rpc/bind", "ambiguous", 8, "0x800706BA"),
  "rpc-closed": rpc("/rpc/bind", "ambiguous", 5, "0x800706BA"),
  "rpc-reset": rpc("/rpc/bind", "ambiguous", 5, "0x800706BE"),
  "rpc-not-dcerpc": rpc("/rpc/bind", "certain", 2, "0x800706C0"),
  "rpc-malformed": rpc("/rpc/bind", "likely", 2, "0x800706C0"),
  "rpc-bind-nak": rpc("/rpc/bind", "likely", 1, "0x800706BB"),
  "rpc-fault": rpc("/rpc/bind", "likely", 1, "0x800706BE"),
  "rpc-interface-unknown": rpc("/rpc/bind", "certain", 2, "0x800706B5"),
  "rpc-syntax-refused": rpc("/rpc/bind", "certain", 2, "0x800706B5"),
  "rpc-accepts-anything": { ...rpc("/rpc/control", "certain", 2, null), severity: "inconclusive" },
  "rpc-plain-bind-only": rpc("/rpc/plain", "likely", 3, "0x800706BA"),
  "rpc-serves": { ...rpc("/rpc/bind", "certain", 0, null), severity: "ok" },
  "endpoint-partly-serves": {
    at: ENDPOINT,
    because: `${ENDPOINT}/attempts/1`,
    severity: "degraded",
    certainty: "certain",
    causes: 3,
    clientError: null,
  },
  "domain-partly-serves": {
    at: DIAGNOSIS,
    because: "/diagnoses/0/endpoints/1",
    severity: "degraded",
    certainty: "certain",
    causes: 0,
    clientError: null,
  },
  "run-partly-serves": {
    at: "",
    because: "/diagnoses/1",
    severity: "degraded",
    certainty: "certain",
    causes: 0,
    clientError: null,
  },
  "run-cut-short": { ...tcp("certain", 1), severity: "inconclusive", clientError: null },
} as const satisfies Record<VerdictCode, Expected>;

function srv(because: string, certainty: Certainty, causes: number, clientError: string | null): Expected {
  return {
    at: DIAGNOSIS,
    because: DIAGNOSIS + because,
    severity: "failed",
    certainty,
    causes,
    clientError,
  };
}

function address(severity: Severity, certainty: Certainty, causes: number): Expected {
  const because = `${ENDPOINT}/address`;
  return { at: ENDPOINT, because, severity, certainty, causes, clientError: "0x800706BA" };
}

function tcp(certainty: Certainty, causes: number): Expected {
  const because = `${ATTEMPT}/tcp`;
  return { at: ATTEMPT, because, severity: "failed", certainty, causes, clientError: "0x800706BA" };
}

function rpc(because: string, certainty: Certainty, causes: number, clientError: string | null): Expected {
  return {
    at: ATTEMPT,
    because: ATTEMPT + because,
    severity: "failed",
    certainty,
    causes,
    clientError,
  };
}

/** The levels above a verdict that take it over as it is, where one host with one address was probed. */
const LEVELS = [ATTEMPT, ENDPOINT, DIAGNOSIS, ""];

describe("one evidence for each verdict code", () => {
  it("has a file for each code and no other file", () => {
    const files = fs.readdirSync(FOLDER).map((file) => path.basename(file, ".json"));
    expect(files.toSorted()).toEqual([...verdictCodes].toSorted());
  });

  it.each(verdictCodes)("%s is judged from its file at its own level", (code) => {
    const { at, because, severity, certainty, causes, clientError } = expectedVerdicts[code];
    const run = judgeFixture(code);
    const verdict = verdictAt(run, at);
    expect({
      code: verdict.code,
      severity: verdict.severity,
      serves: verdict.serves,
      certainty: verdict.certainty,
      because: at === "" ? verdict.because : DIAGNOSIS + verdict.because,
      causes: verdict.causes.length,
      clientError: verdict.clientError,
    }).toEqual({
      code,
      severity,
      serves: severity === "ok" || severity === "degraded",
      certainty,
      because,
      causes,
      clientError,
    });
    expect(() => resolvePointer(run, because)).not.toThrow();
  });

  it.each(verdictCodes)("%s stands unchanged at every level above its own", (code) => {
    const run = judgeFixture(code);
    const { at } = expectedVerdicts[code];
    const above = LEVELS.slice(LEVELS.indexOf(at));
    expect(above.map((level) => verdictAt(run, level).code)).toEqual(above.map(() => code));
  });

  it.each(verdictCodes)("%s makes a diagnosis that the schema takes", (code) => {
    for (const diagnosis of judgeFixture(code).diagnoses)
      expect(diagnosisSchema.parse(diagnosis)).toEqual(diagnosis);
  });
});

function judgeFixture(
  code: VerdictCode,
): ReturnType<typeof judgeRun> & { diagnoses: ReturnType<typeof judge>[] } {
  const diagnoses = read(code).map((evidence) => judge(evidence, CLIENT_TIMEOUT_MS));
  return { diagnoses, ...judgeRun(diagnoses, "any") };
}

function verdictAt(run: ReturnType<typeof judgeFixture>, at: string): Verdict {
  return verdictSchema.parse(resolvePointer(run, `${at}/verdict`));
}
