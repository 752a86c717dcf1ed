import type { Cell, Difference, Group, LookedCell, Row, Suffix } from "./comparison.ts";
import { hostName } from "./matrix.ts";
import { addressKey, by, groupBy } from "./ordering.ts";
import { bestStatus, failingOnTheWay, having, statusOf } from "./status.ts";
import { contentOf, isAnswered, isConclusive, servingUnder } from "./suffixes.ts";
import type { Vantage } from "./vantage.ts";

/** Latency differs where it is this many times as long, and by this much: below that it is the weather. */
const SLOWER_BY_FACTOR = 3;
const SLOWER_BY_MS = 20;

/** Everything that is not the same at all places which looked at it, in one fixed order. */
export function differencesOf(
  vantages: readonly Vantage[],
  groups: readonly Group[],
  suffixes: readonly Suffix[],
): Difference[] {
  const rows = groups.flatMap((group) => group.rows);
  return [
    ...servingDifferences(rows),
    ...suffixes.flatMap((suffix) => domainDifference(suffix, vantages)),
    ...rows.flatMap(verdictDifference),
    ...suffixes.flatMap(listDifferences),
    ...addressDifferences(vantages),
    ...rows.flatMap(latencyDifference),
  ];
}

/** Whether a client is better served at one place than at another. */
export function differsInServing(differences: readonly Difference[]): boolean {
  return differences.some(({ kind }) => kind === "serving" || kind === "domain");
}

function servingDifferences(rows: readonly Row[]): Difference[] {
  const found: Difference[] = [];
  for (const ofHost of groupBy(rows, ({ host, port }) => `${port} ${host}`)) {
    const before = found.length;
    for (const row of ofHost) {
      const serves = having(row, "serves");
      const fails = having(row, "fails");
      if (serves.length > 0 && fails.length > 0)
        found.push({ kind: "serving", ...nameOf(row), serves: serves.map(labelOf), fails: failing(fails) });
    }
    if (found.length === before) found.push(...hostDifference(ofHost));
  }
  return found;
}

/** The places look at other addresses of the host (split DNS), and only some of them serve. */
function hostDifference(rows: readonly Row[]): Difference[] {
  const [first] = rows;
  if (first === undefined) return [];
  const serves: string[] = [];
  const fails: LookedCell[] = [];
  first.cells.forEach(({ place }, index) => {
    const cells = rows.flatMap((row) => row.cells[index] ?? []);
    const status = bestStatus(cells.map(statusOf));
    if (status === "serves") serves.push(place);
    if (status === "fails") fails.push(...having({ ...first, cells }, "fails").slice(0, 1));
  });
  if (serves.length === 0 || fails.length === 0) return [];
  return [{ kind: "serving", ...nameOf(first), address: null, serves, fails: failing(fails) }];
}

function domainDifference({ domain }: Suffix, vantages: readonly Vantage[]): Difference[] {
  const statuses = vantages.map((vantage) => ({
    label: vantage.place.label,
    status: servingUnder(domain, vantage),
  }));
  const labels = (wanted: string): string[] =>
    statuses.filter(({ status }) => status === wanted).map(({ label }) => label);
  const [serves, fails] = [labels("serves"), labels("fails")];
  return serves.length > 0 && fails.length > 0 ? [{ kind: "domain", domain, serves, fails }] : [];
}

function verdictDifference(row: Row): Difference[] {
  const fails = failingOnTheWay(row);
  if (having(row, "serves").length > 0 || new Set(fails.map(({ code }) => code)).size < 2) return [];
  return [{ kind: "verdict", ...nameOf(row), fails: failing(fails) }];
}

function listDifferences({ domain, differs, places }: Suffix): Difference[] {
  if (!differs) return [];
  const answered = places.filter(isAnswered);
  const hosts = new Map(
    answered.flatMap((place) => place.hosts).map((each) => [`${each.host} ${each.port}`, each]),
  );
  const found = [...hosts].toSorted(by(([key]) => key)).flatMap(([, { host, port }]): Difference[] => {
    const lists = ({ hosts: all }: Suffix["places"][number]): boolean =>
      all.some((each) => each.host === host && each.port === port);
    const listed = answered.filter(lists).map(({ place }) => place);
    const missing = answered.filter((place) => !lists(place)).map(({ place }) => place);
    return missing.length > 0 ? [{ kind: "listed", domain, host, port, listed, missing }] : [];
  });
  if (found.length > 0) return found;
  const said = places.filter(isConclusive).map((each) => ({ place: each.place, words: contentOf(each) }));
  return [{ kind: "srv-answer", domain, said }];
}

/** Addresses are compared by name: a name has them whatever the port. */
function addressDifferences(vantages: readonly Vantage[]): Difference[] {
  const hosts = new Map<string, Map<string, Set<string>>>();
  for (const { place, diagnoses } of vantages) {
    for (const { endpoint, address } of diagnoses.flatMap(({ endpoints }) => endpoints)) {
      if (address.literal || address.addresses.length === 0) continue;
      const host = hostName(endpoint.host);
      const places = hosts.get(host) ?? new Map<string, Set<string>>();
      places.set(place.label, new Set([...(places.get(place.label) ?? []), ...address.addresses]));
      hosts.set(host, places);
    }
  }
  return [...hosts].toSorted(by(([host]) => host)).flatMap(([host, places]): Difference[] => {
    const said = [...places].map(([place, addresses]) => {
      return { place, addresses: [...addresses].toSorted(by(addressKey)) };
    });
    const sets = new Set(said.map(({ addresses }) => addresses.join(" ")));
    return sets.size > 1 ? [{ kind: "addresses", host, said }] : [];
  });
}

/** Of the connect; of the RPC answer only where the connect is alike, since that one contains the other's path. */
function latencyDifference(row: Row): Difference[] {
  for (const layer of ["tcp", "rpc"] as const) {
    const times = row.cells
      .flatMap((cell) => {
        const ms = cell.seen !== "probed" ? null : layer === "tcp" ? cell.tcpMs : cell.rpcMs;
        return ms === null ? [] : [{ place: cell.place, ms }];
      })
      .toSorted((a, b) => a.ms - b.ms || by(({ place }: { place: string }) => place)(a, b));
    const [fast, slow] = [times[0], times.at(-1)];
    if (fast === undefined || slow === undefined || row.address === null) continue;
    if (slow.ms >= fast.ms * SLOWER_BY_FACTOR && slow.ms - fast.ms >= SLOWER_BY_MS)
      return [{ kind: "latency", host: row.host, port: row.port, address: row.address, layer, fast, slow }];
  }
  return [];
}

function nameOf({ host, port, address }: Row): Pick<Row, "host" | "port" | "address"> {
  return { host, port, address };
}

function labelOf({ place }: Cell): string {
  return place;
}

function failing(cells: readonly LookedCell[]): { place: string; code: string; title: string }[] {
  return cells.map(({ place, code, title }) => ({ place, code, title }));
}
