import { readFileSync } from "node:fs";
import { z } from "zod";
import type { Diagnosis } from "../../../src/model/diagnosis.ts";
import { type Report, reportSchema } from "../../../src/model/report.ts";
import type { Verdict } from "../../../src/model/verdict.ts";

const published: unknown = JSON.parse(
  readFileSync(new URL("../../../schema/report-v1.json", import.meta.url), "utf8"),
);

if (typeof published !== "object" || published === null) throw new Error("the published schema is no object");

/** What a reader has who knows the published file only. */
const publishedSchema = z.fromJSONSchema({ ...published });

/**
 * Reads a report and checks what every report must keep: the model, the published schema, pointers that lead
 * somewhere, sentences without holes, and figures that agree with each other.
 */
export function checkedReport(text: string): Report {
  return checked(JSON.parse(text));
}

/** Puts the lines of NDJSON together again and checks what they make. */
export function reportOfNdjson(text: string): Report {
  const lines: unknown[] = text
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line));
  const diagnoses: unknown[] = [];
  let endpoints: unknown[] = [];
  for (const line of lines) {
    const { type, ...rest } = z.looseObject({ type: z.enum(["endpoint", "target", "run"]) }).parse(line);
    if (type === "endpoint") {
      const { target: _, source: _source, ...endpoint } = rest;
      endpoints.push(endpoint);
    } else if (type === "target") {
      // Each has its line as soon as it is done: where it belongs, its verdict says.
      diagnoses.push({ ...rest, endpoints: endpoints.toSorted((a, b) => placeOf(a) - placeOf(b)) });
      endpoints = [];
    } else if (line === lines.at(-1)) return checked({ ...rest, diagnoses });
  }
  throw new Error("the last line, and no other, is the run");
}

function placeOf(endpoint: unknown): number {
  const { verdict } = z.looseObject({ verdict: z.looseObject({ because: z.string() }) }).parse(endpoint);
  return Number(/^\/endpoints\/(\d+)/.exec(verdict.because)?.[1]);
}

/** What stays the same from one run to the next: every host with its verdict and those of its addresses. */
export function summaryOf(
  report: Report,
): { host: string; verdict: string; serves: boolean; attempts: string[] }[] {
  return report.diagnoses
    .flatMap(({ endpoints }) => endpoints)
    .map(({ endpoint, verdict, attempts }) => ({
      host: `${endpoint.host}:${endpoint.port}`,
      verdict: verdict.code,
      serves: verdict.serves,
      attempts: attempts.map((attempt) => `${attempt.address} ${attempt.verdict.code}`),
    }))
    .toSorted((a, b) => a.host.localeCompare(b.host));
}

/** The findings about answers and hosts, without those about how a record set is written. */
export function findingsOf({ findings }: Diagnosis): Diagnosis["findings"] {
  return findings.filter(({ code }) => !code.startsWith("lint-"));
}

/** A value that was left out of a sentence. */
export const HOLE = /\{\w*\}|\bundefined\b|\bNaN\b/;

/** The same for a report that stands in something else. */
export function checked(plain: unknown): Report {
  const report = reportSchema.parse(plain);
  publishedSchema.parse(plain);
  const mistakes = [
    ...mistakesOfVerdict(report.verdict, report, "the report"),
    ...report.diagnoses.flatMap(mistakesOfDiagnosis),
    ...mistakesOfRequirement(report),
    ...refutedIn(report)
      .filter(({ because }) => !leadsSomewhere(report, because))
      .map(({ cause, because }) => `"${cause}" is refuted by ${because}, which is not there`),
  ];
  if (mistakes.length > 0) throw new Error(`the report contradicts itself:\n${mistakes.join("\n")}`);
  return report;
}

function refutedIn({ diagnoses }: Report): Verdict["refuted"] {
  return diagnoses
    .flatMap(({ verdict, endpoints }) => [
      verdict,
      ...endpoints.flatMap((host) => [host.verdict, ...host.attempts.map((attempt) => attempt.verdict)]),
    ])
    .flatMap(({ refuted }) => refuted);
}

function mistakesOfDiagnosis(diagnosis: Diagnosis, index: number): string[] {
  const place = `diagnosis ${index}`;
  return [
    ...mistakesOfVerdict(diagnosis.verdict, diagnosis, place),
    ...diagnosis.findings
      .filter(({ subject }) => !leadsSomewhere(diagnosis, subject))
      .map(({ code, subject }) => `${place}: finding ${code} points at ${subject}, which is not there`),
    ...diagnosis.endpoints.flatMap(({ endpoint, verdict, attempts }) => {
      const host = `${place}, ${endpoint.host}:${endpoint.port}`;
      return [
        ...mistakesOfVerdict(verdict, diagnosis, host),
        ...attempts.flatMap((attempt) =>
          mistakesOfVerdict(attempt.verdict, diagnosis, `${host} at ${attempt.address}`),
        ),
        ...(verdict.serves === attempts.some((attempt) => attempt.verdict.serves)
          ? []
          : [`${host}: serves is ${verdict.serves}, and its addresses say otherwise`]),
      ];
    }),
  ];
}

function mistakesOfVerdict(verdict: Verdict, root: unknown, place: string): string[] {
  const sentences = [
    verdict.observed,
    ...verdict.causes,
    ...verdict.next.flatMap(({ text, command }) => [text, command ?? ""]),
  ];
  return [
    ...sentences
      .filter((sentence) => HOLE.test(sentence))
      .map((sentence) => `${place}: ${verdict.code} has a hole: ${sentence}`),
    ...(leadsSomewhere(root, verdict.because)
      ? []
      : [`${place}: ${verdict.code} is because of ${verdict.because}, which is not there`]),
  ];
}

/** Counts anew: hosts that the first answering resolver of each source lists, or that were given, each once. */
function mistakesOfRequirement({ diagnoses, requirement }: Report): string[] {
  const sources = [...new Set(diagnoses.map(({ source }) => source))];
  const bySource = sources.map((source) => {
    const found = diagnoses.filter((each) => each.source === source).flatMap(hostsFound);
    return { source, ...counted(found) };
  });
  const all = counted(diagnoses.flatMap(hostsFound));
  const told = requirement.bySource.map(({ source, serving, listed }) => ({ source, serving, listed }));
  const fits =
    requirement.serving === all.serving &&
    requirement.listed === all.listed &&
    JSON.stringify(told) === JSON.stringify(bySource);
  return fits
    ? []
    : [`the report counts ${JSON.stringify(requirement)}, and not ${JSON.stringify(bySource)}`];
}

type Found = { name: string; serves: boolean };

function hostsFound({ target, srv, endpoints }: Diagnosis): Found[] {
  const believed = srv.find(({ answer }) => {
    if (answer.outcome !== "denied") return answer.outcome === "ok";
    const { rcode, nodata, notOffered } = answer.denial;
    return rcode === "NXDOMAIN" || nodata || notOffered;
  });
  return endpoints
    .filter(
      ({ listedBy }) =>
        target.kind === "list" ||
        listedBy.some(
          ({ resolver }) =>
            resolver.address === believed?.resolver.address && resolver.port === believed.resolver.port,
        ),
    )
    .map(({ endpoint, verdict }) => ({ name: `${endpoint.host} ${endpoint.port}`, serves: verdict.serves }));
}

function counted(found: readonly Found[]): { serving: number; listed: number } {
  const serving = found.filter(({ serves }) => serves).map(({ name }) => name);
  return { serving: new Set(serving).size, listed: new Set(found.map(({ name }) => name)).size };
}

/** Follows an RFC 6901 pointer. */
export function leadsSomewhere(root: unknown, pointer: string): boolean {
  if (pointer === "") return true;
  if (!pointer.startsWith("/")) return false;
  let at: unknown = root;
  for (const token of pointer.slice(1).split("/")) {
    if (typeof at !== "object" || at === null) return false;
    const key = token.replaceAll("~1", "/").replaceAll("~0", "~");
    const entry = Object.entries(at).find(([name]) => name === key);
    if (entry === undefined) return false;
    at = entry[1];
  }
  return true;
}
