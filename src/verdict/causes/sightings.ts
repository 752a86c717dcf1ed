/** One look at one thing: what it says of a cause, and where it stands in the report. */
import type { Attempt, Diagnosis, EndpointDiagnosis } from "../../model/diagnosis.ts";
import type { Verdict } from "../../model/verdict.ts";
import { judgeSrvAnswer } from "../srv.ts";
import { tellsOf } from "./tells.ts";
import type { Word } from "./tells.ts";

/** `observed` is a sentence; `host` and `port` are what a command is about. */
export type Sighting = {
  word: Exclude<Word, null>;
  pointer: string;
  observed: string;
  host: string;
  port: number;
};

export type Tried = { attempt: Attempt; endpoint: EndpointDiagnosis; pointer: string };

/** Every address that was tried, but for those of a family that this machine lacks and the host doesn't need. */
export function triedIn(diagnoses: readonly Diagnosis[]): Tried[] {
  return diagnoses.flatMap(({ endpoints }, target) =>
    endpoints.flatMap((endpoint, host) =>
      endpoint.attempts
        .map((attempt, index): Tried => {
          return { attempt, endpoint, pointer: `/diagnoses/${target}/endpoints/${host}/attempts/${index}` };
        })
        .filter(({ attempt }) => attempt.routeErrno === null || !endpoint.verdict.serves),
    ),
  );
}

export function sightingsOf(tried: readonly Tried[], of: "connectivity" | "host"): Sighting[] {
  return tried.flatMap(({ attempt, endpoint, pointer }) => {
    const { verdict, address } = attempt;
    const word = tellsOf(verdict.code)[of];
    if (word === null) return [];
    return { word, pointer, observed: verdict.observed, host: address, port: endpoint.endpoint.port };
  });
}

/** `2 of 3 addresses`; `2 of 6 looks` where several sources or names led to the same address. */
export function shareWords(part: readonly Sighting[], all: readonly Sighting[]): string {
  return `${part.length} of ${all.length} ${addressesIn(all) === all.length ? "addresses" : "looks"}`;
}

export function addressesIn(sightings: readonly Sighting[]): number {
  return new Set(sightings.map(({ host, port }) => `${host} ${port}`)).size;
}

/** What was learnt of discovery and of names. Findings are counted by the caller. */
export function dnsSightings(diagnosis: Diagnosis, root: string): Sighting[] {
  const { target, srv, endpoints } = diagnosis;
  const saw = (word: Word, pointer: string, observed: string): Sighting[] =>
    word === null ? [] : [{ word, pointer: root + pointer, observed, host: "", port: 1688 }];
  const by = (verdict: Verdict, pointer: string): Sighting[] =>
    saw(tellsOf(verdict.code).dns, pointer, verdict.observed);
  const names = endpoints.flatMap(({ verdict }, index) =>
    verdict.layer === "address" ? by(verdict, `/endpoints/${index}`) : [],
  );
  switch (target.kind) {
    case "no-suffix":
      return by(diagnosis.verdict, "/target");
    case "list":
      return names;
    case "domain":
      return [
        ...srv.flatMap((answer, index) => {
          const verdict = judgeSrvAnswer(answer, target.domain, `/srv/${index}`);
          return verdict === null ? saw("sound", `/srv/${index}`, "") : by(verdict, `/srv/${index}`);
        }),
        ...names,
      ];
    default:
      return target satisfies never;
  }
}
