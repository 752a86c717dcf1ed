import type { Diagnosis } from "../../model/diagnosis.ts";
import type { Report } from "../../model/report.ts";
import type { Verdict } from "../../model/verdict.ts";
import { isUnsettled, leftNothing, mayBeMet } from "../../verdict/checked.ts";
import { hostPort } from "../../verdict/words.ts";
import { printableThroughout } from "../escape.ts";
import { junitXml } from "../junit-xml.ts";
import type { Case, Suite } from "../junit-xml.ts";
import { rowsOf } from "../rows.ts";
import type { Row } from "../rows.ts";
import { PLACES } from "../words.ts";
import { headlineOf } from "./headline.ts";

const MAX_TEXT = 2_000;

/**
 * A suite for what was required, which decides as the exit code does, and one with a case an address. Where the requirement
 * is met, an address that does not serve breaks no build: it is skipped, and says why. What could not be checked is an
 * error.
 */
export function renderJunit(given: Report): string {
  const report = printableThroughout(MAX_TEXT, given);
  const { startedAt, elapsedMs, from, tool } = report;
  const hosts = report.diagnoses.flatMap((diagnosis) => casesOf(diagnosis, report.requirement.met));
  const suites: Suite[] = [{ kind: "requirement", cases: [requirementCase(report)] }];
  if (hosts.length > 0) suites.push({ kind: "hosts", cases: hosts });
  const properties = { kmsprobe: tool.version, platform: from.platform };
  return junitXml(suites, { startedAt, elapsedMs, host: from.host, of: [], properties });
}

function requirementCase(report: Report): Case {
  const { met, require, at } = report.requirement;
  const { text } = headlineOf(report);
  const where = at === "any" ? ", at one source" : "";
  return {
    name: `would serve a client: ${require === "any" ? "any host" : require === "all" ? "all hosts" : `${require} hosts`}${where}`,
    outcome: met ? "passed" : report.interrupted || mayBeMet(report) ? "error" : "failure",
    message: text,
    type: report.verdict.code,
    text: met ? "" : [text, ...verdictLines(report.verdict)].join("\n"),
  };
}

function casesOf(diagnosis: Diagnosis, met: boolean): Case[] {
  const { target, source } = diagnosis;
  const of = target.kind === "domain" ? `, listed by ${target.domain}` : "";
  const from = source === null ? "" : `, from ${source}`;
  return rowsOf(diagnosis).map((row) => {
    const { host, port } = row.endpoint.endpoint;
    const { verdict } = row.attempt ?? row.endpoint;
    const address = row.attempt === null || row.attempt.address === host ? "" : ` at ${row.attempt.address}`;
    return {
      name: `${hostPort(host, port)}${address} serves${of}${from}`,
      outcome: verdict.serves ? "passed" : met ? "skipped" : isOpen(row) ? "error" : "failure",
      message: verdict.observed,
      type: verdict.code,
      text: verdict.serves ? "" : [verdict.observed, ...verdictLines(verdict)].join("\n"),
    };
  });
}

function isOpen({ endpoint, attempt }: Row): boolean {
  return attempt === null ? isUnsettled(endpoint) : leftNothing(attempt);
}

function verdictLines({ causes, next }: Verdict): string[] {
  return [
    ...causes.map((cause) => `possible cause: ${cause}`),
    ...next.map(
      ({ where, text, command }) =>
        `next, ${PLACES[where]}: ${text}${command === null ? "" : `: ${command}`}`,
    ),
  ];
}
