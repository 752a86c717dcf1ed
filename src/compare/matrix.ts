import type { Network } from "../model/source.ts";
import { median } from "../verdict/figures.ts";
import type { Cell, Group, LookedCell, Row } from "./comparison.ts";
import { addressKey, by, subnetKey, subnetOfText } from "./ordering.ts";
import type { ReadAttempt, ReadEndpoint, ReadVerdict } from "./reading.ts";
import { titleOf } from "./status.ts";
import type { Vantage } from "./vantage.ts";

type Probed = Extract<Cell, { seen: "probed" }>;

/** One host as one place saw it. `unprobed` counts only where there is no address. */
type Sighting = { addresses: Map<string, Probed>; unprobed: LookedCell };
type Host = { host: string; port: number; sightings: (Sighting | null)[] };

/** Host × place: a row an address of a host, a cell a place, in groups by subnet. Rows and groups in one fixed order. */
export function matrixOf(vantages: readonly Vantage[], networks: readonly Network[]): Group[] {
  const groups = new Map<string, Group & { key: string }>();
  for (const row of hostsOf(vantages).flatMap((host) => rowsOf(host, vantages))) {
    const network = subnetOfText(row.address, networks);
    const key = subnetKey(network);
    const group = groups.get(key) ?? { key, network, rows: [] };
    group.rows.push(row);
    groups.set(key, group);
  }
  return [...groups.values()].toSorted(by(({ key }) => key)).map(({ network, rows }) => {
    return { network, rows: rows.toSorted(by(rowKey)) };
  });
}

function rowKey({ host, port, address }: Row): string {
  return `${address === null ? "9" : addressKey(address)} ${host} ${port}`;
}

function hostsOf(vantages: readonly Vantage[]): Host[] {
  const hosts = new Map<string, Host>();
  vantages.forEach(({ place, diagnoses }, index) => {
    for (const endpoint of diagnoses.flatMap(({ endpoints }) => endpoints)) {
      const name = hostName(endpoint.endpoint.host);
      const { port } = endpoint.endpoint;
      const key = `${port} ${name}`;
      const host = hosts.get(key) ?? { host: name, port, sightings: vantages.map(() => null) };
      hosts.set(key, host);
      host.sightings[index] = add(host.sightings[index] ?? null, endpoint, place.label);
    }
  });
  return [...hosts.values()];
}

/** A host that a place looked at more than once (listed under two suffixes) is judged by the better look. */
function add(before: Sighting | null, endpoint: ReadEndpoint, place: string): Sighting {
  const unprobed = { place, seen: "unprobed" as const, ...saidOf(endpoint.verdict) };
  const sighting = before ?? { addresses: new Map<string, Probed>(), unprobed };
  if (rank(unprobed) > rank(sighting.unprobed)) sighting.unprobed = unprobed;
  for (const attempt of endpoint.attempts) {
    const cell = probedCell(attempt, place);
    const known = sighting.addresses.get(attempt.address);
    if (known === undefined || rank(cell) > rank(known)) sighting.addresses.set(attempt.address, cell);
  }
  return sighting;
}

function rank({ serves, severity }: LookedCell): number {
  return (serves ? 4 : 0) + (severity === "ok" ? 2 : 0) + (severity === "inconclusive" ? 0 : 1);
}

function rowsOf({ host, port, sightings }: Host, vantages: readonly Vantage[]): Row[] {
  const addresses = [...new Set(sightings.flatMap((seen) => (seen ? [...seen.addresses.keys()] : [])))];
  return (addresses.length > 0 ? addresses : [null]).map((address): Row => {
    const cells = vantages.map(({ place }, index) => cellOf(sightings[index] ?? null, address, place.label));
    return { host, port, address, cells };
  });
}

function cellOf(sighting: Sighting | null, address: string | null, place: string): Cell {
  if (sighting === null) return { place, seen: "nothing" };
  const probed = address === null ? undefined : sighting.addresses.get(address);
  if (probed !== undefined) return probed;
  if (sighting.addresses.size === 0) return sighting.unprobed;
  return {
    place,
    seen: "other-addresses",
    addresses: [...sighting.addresses.keys()].toSorted(by(addressKey)),
  };
}

function probedCell(attempt: ReadAttempt, place: string): Probed {
  const { via, tcp, verdict, routeErrno, here } = attempt;
  return {
    place,
    seen: "probed",
    ...saidOf(verdict),
    tcpMs: tcp.outcome === "ok" ? (tcp.elapsedMs ?? null) : null,
    rpcMs: rpcMsOf(attempt),
    via: via === null ? null : { address: via.address, interface: via.interface },
    noRoute: routeErrno !== null,
    sourceFault: here?.sourceFault ?? null,
  };
}

function saidOf({ code, layer, severity, serves }: ReadVerdict): Omit<LookedCell, "place" | "seen"> {
  return { code, title: titleOf(code), layer, severity, serves };
}

/** Median of the samples; the bind's own time where there are none. */
function rpcMsOf({ rpc }: ReadAttempt): number | null {
  if (rpc === null) return null;
  const answers = [rpc.bind, rpc.plain].flatMap((bind) => bind?.answer ?? []);
  const answered = answers.find(({ outcome }) => outcome === "ok" || outcome === "denied");
  if (answered === undefined) return null;
  return median(rpc.latency.samplesMs) ?? answered.elapsedMs ?? null;
}

/** Names of DNS have no case (RFC 4343) and one root. */
export function hostName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => letter.toLowerCase()).replace(/(?<=.)\.$/, "");
}
