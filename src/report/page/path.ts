/** The path to each host that does not serve, as the steps that were taken: where it broke, and what was not reached. */
import type { Attempt, Diagnosis, EndpointDiagnosis } from "../../model/diagnosis.ts";
import type { Report } from "../../model/report.ts";
import type { Verdict } from "../../model/verdict.ts";
import { entryOf } from "../../verdict/catalog.ts";
import { isFamilyMissingHere } from "../../verdict/endpoint.ts";
import { hostPort } from "../../verdict/words.ts";
import type { Tone } from "./badge.tsx";
import { evidenceAnchor } from "./evidence-anchor.ts";
import { durationWords } from "../../verdict/duration.ts";

export type Stop = {
  title: string;
  tone: Tone;
  /** Whether the path ends here. */
  ends: boolean;
  words: string;
  note: string | null;
};

export type Path = { name: string; source: string | null; stops: readonly Stop[]; anchor: string | null };

const NOT_REACHED = { tone: "neutral", ends: false, words: "not reached", note: null } as const;

export function pathsOf(report: Report): Path[] {
  return report.diagnoses.flatMap((diagnosis, index) => {
    const { source, endpoints, verdict } = diagnosis;
    const anchor = evidenceAnchor(`/report/diagnoses/${index}`);
    const path = (name: string, stops: readonly Stop[]): Path => ({ name, source, anchor, stops });
    if (endpoints.length === 0)
      return verdict.serves ? [] : [path(targetName(diagnosis), withoutHosts(report, verdict))];
    return endpoints.flatMap((endpoint) => {
      const name = hostPort(endpoint.endpoint.host, endpoint.endpoint.port);
      if (endpoint.attempts.length === 0) return [path(name, withoutHosts(report, endpoint.verdict))];
      // A host that serves at its other family is none that fails (see the verdict of endpoints).
      const failing = endpoint.attempts.filter(
        (attempt) =>
          !attempt.verdict.serves &&
          !(endpoint.verdict.serves && isFamilyMissingHere(attempt, endpoint.attempts)),
      );
      return failing.map((attempt) => path(name, toAddress(report, endpoint, attempt)));
    });
  });
}

function targetName({ target }: Diagnosis): string {
  return target.kind === "domain" ? `_vlmcs._tcp.${target.domain}` : "this machine";
}

/** Nothing could be connected to: DNS gave no host, or no address of it. */
function withoutHosts(report: Report, verdict: Verdict): Stop[] {
  return [
    start(report.from.host, null),
    { title: "DNS", ...broken(verdict), note: null },
    { title: "TCP", ...NOT_REACHED },
    { title: "RPC", ...NOT_REACHED },
  ];
}

function toAddress(report: Report, { address }: EndpointDiagnosis, attempt: Attempt): Stop[] {
  const { via, verdict, tcp, rpc } = attempt;
  const dns = address.literal
    ? { tone: "neutral" as const, words: "address was given", note: null }
    : { tone: "ok" as const, words: attempt.address, note: null };
  const connected = tcp.outcome === "ok";
  const tunnel = via?.link === "tunnel" ? ", a tunnel" : "";
  const owner = typeof via?.owner === "string" ? `; the address is ${via.owner}'s` : "";
  const out = via === null ? noWayOut(attempt) : `${via.interface ?? "unknown interface"}${tunnel}${owner}`;
  return [
    start(via?.address ?? report.from.host, out),
    { title: "DNS", ends: false, ...dns },
    connected
      ? { title: "TCP", tone: "ok", ends: false, words: "connected", note: durationWords(tcp.elapsedMs) }
      : { title: "TCP", ...broken(verdict), note: tcpNote(tcp) },
    connected ? { title: "RPC", ...broken(verdict), note: rpcNote(rpc) } : { title: "RPC", ...NOT_REACHED },
  ];
}

function noWayOut({ routeErrno }: Attempt): string | null {
  return routeErrno === null ? null : `no way there: ${routeErrno}`;
}

export function start(words: string, note: string | null): Stop {
  return { title: "From", tone: "neutral", ends: false, words, note };
}

function broken({ code, severity }: Verdict): Pick<Stop, "tone" | "ends" | "words"> {
  return { tone: severity, ends: true, words: entryOf(code).title };
}

export function tcpNote(tcp: Attempt["tcp"]): string | null {
  switch (tcp.outcome) {
    case "ok":
      return durationWords(tcp.elapsedMs);
    case "no-answer":
      return `after ${durationWords(tcp.elapsedMs)}${tcp.tries > 1 ? `, ${tcp.tries} tries` : ""}`;
    case "not-sent":
      return tcp.errno;
    case "skipped":
      return tcp.reason === "interrupted" ? "interrupted" : "out of time";
    default:
      return tcp satisfies never;
  }
}

function rpcNote(rpc: Attempt["rpc"]): string | null {
  const answer = rpc?.bind.answer;
  return answer !== undefined && "elapsedMs" in answer ? `after ${durationWords(answer.elapsedMs)}` : null;
}
