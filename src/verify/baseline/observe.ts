/** What a probing saw, in rows that can be laid beside those of another time. */
import type { Diagnosis } from "../../model/diagnosis.ts";
import type { SrvAnswer } from "../../model/dns.ts";
import type { Step } from "../../model/verdict.ts";
import { entryOf } from "../../verdict/catalog.ts";
import { quantile } from "../../verdict/figures.ts";
import { contentOf, judgeSrvAnswer } from "../../verdict/srv.ts";
import { hostPort } from "../../verdict/words.ts";
import { closedAnswer, connectsDetail } from "../evaluate/closed.ts";
import { roundTripsMs, roundTripsOf } from "../evaluate/latency.ts";
import { hostsOf } from "../sight.ts";
import type { At, Evidence, SeenHost } from "../sight.ts";
import type { ClosedRow, HostRow, ListingRow } from "./file.ts";

/** A row with what else is known of it now. */
export type Seen<Row> = Row & { next: readonly Step[]; pointer: string };

/** `quarterMs`: three of four round trips took at least that; null where none was made. */
export type SeenHostRow = Seen<HostRow> & { quarterMs: number | null };

export type Observations = {
  hosts: SeenHostRow[];
  /** `open`: our own machine, or the user's stop, left it so. */
  listings: (Seen<ListingRow> & { open: boolean })[];
  closed: Seen<ClosedRow>[];
};

/** Each host, answer and closed port once, in an order that a diff can live with. */
export function observe({ report, closed }: Evidence): Observations {
  const diagnoses = report.diagnoses.map((value, index): At<Diagnosis> => {
    return { value, pointer: `/report/diagnoses/${index}` };
  });
  return {
    hosts: sorted(best(diagnoses.flatMap((each) => hostsOf(each).flatMap((host) => hostRows(host))))),
    listings: sorted(
      firstOf(
        diagnoses.flatMap(({ value, pointer }) =>
          value.srv.map((answer, index) => listingRow(value, answer, `${pointer}/srv/${index}`)),
        ),
      ),
    ),
    closed: sorted(
      closed.flatMap((value, index) =>
        value.attempts.flatMap((attempt, at): Seen<ClosedRow>[] => {
          const answer = closedAnswer(attempt);
          if (answer === "unknown") return [];
          const pointer = `/closed/${index}/attempts/${at}`;
          const { source, host, port } = value;
          const next = answer === "connects" ? connectsDetail({ value: attempt, pointer }, port).next : [];
          return [{ source, host, port, address: attempt.address, answer, next, pointer }];
        }),
      ),
    ),
  };
}

function hostRows(host: SeenHost): SeenHostRow[] {
  const { value, attempts, diagnosis, pointer } = host;
  const { endpoint, verdict, listedBy } = value;
  const common = { source: diagnosis.value.source, ...endpoint, listed: listedBy.length > 0 };
  if (attempts.length === 0) {
    const { code, serves, next } = verdict;
    return [{ ...common, address: null, serves, verdict: code, rpc: null, quarterMs: null, next, pointer }];
  }
  return attempts.map(({ value: attempt, pointer: at }) => {
    const { code, serves, next } = attempt.verdict;
    const trips = serves ? roundTripsOf(attempt) : null;
    const rpc =
      trips === null ? null : { ...trips, medianMs: rounded(trips.medianMs), p95Ms: rounded(trips.p95Ms) };
    const quarterMs = serves ? quantile(roundTripsMs(attempt), 0.25) : null;
    return { ...common, address: attempt.address, serves, verdict: code, rpc, quarterMs, next, pointer: at };
  });
}

/** A diff has no use for more digits than were measured. */
function rounded(ms: number): number {
  return Number(ms.toFixed(2));
}

function listingRow(
  { source, target }: Diagnosis,
  answer: SrvAnswer,
  pointer: string,
): Observations["listings"][number] {
  const domain = target.kind === "domain" ? target.domain : "";
  const { resolver } = answer;
  const refused = judgeSrvAnswer(answer, domain, pointer);
  const content = contentOf(answer);
  const records = answer.answer.outcome === "ok" ? answer.answer.facts.records : [];
  return {
    source,
    domain,
    resolver: hostPort(resolver.address, resolver.port),
    answers: content !== null,
    said: content?.words ?? (refused === null ? "nothing" : entryOf(refused.code).title),
    hosts: [...new Set(records.map(({ target: name, port }) => hostPort(name, port)))].toSorted(),
    open: refused !== null && entryOf(refused.code).ours,
    next: refused?.next ?? [],
    pointer,
  };
}

/** A host that two domains list is one row: the better look. */
function best(rows: readonly SeenHostRow[]): SeenHostRow[] {
  const found = new Map<string, SeenHostRow>();
  for (const row of rows) {
    const key = keyOf(row);
    const known = found.get(key);
    if (known === undefined || (row.serves && !known.serves)) {
      found.set(key, { ...row, listed: row.listed || known?.listed === true });
    }
  }
  return [...found.values()];
}

function firstOf<Row extends Parameters<typeof keyOf>[0]>(rows: readonly Row[]): Row[] {
  return [...new Map(rows.toReversed().map((row) => [keyOf(row), row])).values()];
}

/** What makes a row the same at another time. */
export function keyOf(row: {
  source: string | null;
  host?: string;
  port?: number;
  address?: string | null;
  domain?: string;
  resolver?: string;
}): string {
  const { source, host, port, address, domain, resolver } = row;
  return JSON.stringify([
    source,
    domain ?? null,
    resolver ?? null,
    host ?? null,
    port ?? null,
    address ?? null,
  ]);
}

function sorted<Row extends Parameters<typeof keyOf>[0]>(rows: readonly Row[]): Row[] {
  return rows
    .map((row) => ({ row, key: keyOf(row) }))
    .toSorted((a, b) => (a.key < b.key ? -1 : Number(a.key > b.key)))
    .map(({ row }) => row);
}
