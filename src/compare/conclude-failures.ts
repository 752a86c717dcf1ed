/** The sentences about hosts that serve from one place and not from another. */
import type { Ask, Conclusion } from "../model/conclusion.ts";
import type { Network } from "../model/source.ts";
import { specialUse } from "../protocol/special-use.ts";
import { subnetLabel } from "../verdict/subnet.ts";
import type { LookedCell } from "./comparison.ts";
import type { Failure } from "./failures.ts";
import { addressKey, by, subnetOfText } from "./ordering.ts";
import { count, countRows, listOf, places, reasons, rowNames } from "./phrase.ts";

/** Says no more than was seen: a host that serves others may still refuse this source itself. */
export function concludeFailure(failure: Failure, networks: readonly Network[]): Conclusion {
  const { kind, rows, from } = failure;
  const asks = kind === "blocked" || kind === "rpc-blocked" ? asksOf(failure, networks) : [];
  return {
    rule: kind,
    places: from.map(({ place }) => place),
    hosts: rows.map(({ host, port, address }) => ({ host, port, address })),
    asks,
    text: textOf(failure, asks, networks) + otherWays(failure),
  };
}

function textOf(failure: Failure, asks: readonly Ask[], networks: readonly Network[]): string {
  const { kind, rows, from } = failure;
  const [first] = from;
  const who = places(from.map(({ place }) => place));
  const elsewhere = servesElsewhere(failure);
  const [them, hosts] = rows.length === 1 ? ["it", "the host"] : ["them", "the hosts"];
  switch (kind) {
    case "blocked": {
      const way = neighbours(failure, networks)
        ? `${who} and ${hosts} seem to share a subnet: look at the firewall of ${hosts} first`
        : failure.whole
          ? `Blocked between ${who} and ${hosts}, or at ${hosts} by source address${wish(asks)}`
          : `The way to the subnet is open: what is missing is a rule for ${them}, or ${hosts} ${rows.length === 1 ? "filters" : "filter"} by source address${wish(asks)}`;
      return `${subject(failure, "reaches", "get no connection", "gets no connection")}; ${elsewhere}. ${way}.`;
    }
    case "no-route": {
      const own = from.every(({ cells }) => cells.every((cell) => cell.seen === "probed" && cell.noRoute));
      const whose = own ? `The machine there has no route to ${them}` : `No way to ${them} is known`;
      return `${subject(failure, "reaches", "can't be reached", "can't be reached")}; ${elsewhere}. ${whose}: a VPN that is down, or a route that was not pushed, before any firewall rule.`;
    }
    case "neighbour":
      return `${subject(failure, "reaches", "can't be reached", "can't be reached")}; ${elsewhere}. The last subnet, its VLAN or the gateway of ${who} come before any firewall rule.`;
    case "rpc-blocked":
      return `From ${who} ${rowNames(rows)} ${rows.length === 1 ? "connects" : "connect"}, and RPC does not get through (${why(first?.cells)}); ${elsewhere}. Something between ${who} and ${hosts} reads or drops RPC or answers for ${them}, or ${hosts} ${rows.length === 1 ? "treats" : "treat"} that source so${wish(asks, ", without application inspection")}.`;
    case "no-name":
      return `From ${who} ${rowNames(rows)} ${rows.length === 1 ? "has" : "have"} no usable address (${why(first?.cells)}); ${elsewhere}. That is DNS at ${who}: the path was not tested.`;
    case "changed":
      return `${rowNames(rows)} served at ${places(failure.serving.places)} and not at ${who} (${why(first?.cells)}), seen from the same machine and address (${sourcesOf(failure)}): something changed in between, at the host or on the path.`;
    case "other-failure":
      return `From ${who} ${rowNames(rows)} ${rows.length === 1 ? "does" : "do"} not serve (${why(first?.cells)}); ${elsewhere}.`;
    default:
      return kind satisfies never;
  }
}

function otherWays({ kind, otherWays: ways }: Failure): string {
  const speaks = kind === "blocked" || kind === "rpc-blocked" || kind === "no-route" || kind === "neighbour";
  return speaks && ways.length > 0 ? ` By way of ${listOf(ways)} that same machine is served.` : "";
}

/** `From vpn nothing reaches 10.30.0.0/24 (3 hosts, no answer)`, or the hosts by name. */
function subject({ group, rows, from, whole }: Failure, reaches: string, many: string, one: string): string {
  const who = places(from.map(({ place }) => place));
  const reason = why(from[0]?.cells);
  if (whole && rows.length > 1 && group.network !== null)
    return `From ${who} nothing ${reaches} ${subnetLabel(group.network)} (${countRows(rows)}, ${reason})`;
  const others =
    !whole && group.network !== null ? `, while others in ${subnetLabel(group.network)} connect` : "";
  return `From ${who} ${rowNames(rows)} ${rows.length === 1 ? one : many} (${reason})${others}`;
}

function servesElsewhere({ rows, serving }: Failure): string {
  if (rows.length === 1) return `from ${places(serving.places)} it serves`;
  if (!serving.all) return `each of them serves from ${places(serving.places, "or")}`;
  return `from ${places(serving.places)} ${rows.length === 2 ? "both" : `all ${rows.length}`} serve`;
}

function why(cells: readonly LookedCell[] = []): string {
  return reasons(cells);
}

/** From the subnet of the probe's own address to the subnet that is closed to it, or to the addresses. */
function asksOf({ group, rows, from, whole, kind }: Failure, networks: readonly Network[]): Ask[] {
  const { network } = group;
  const addresses = [...new Set(rows.flatMap(({ address }) => address ?? []))].toSorted(by(addressKey));
  if (network === null || addresses.some((each) => specialUse(each) === "loopback")) return [];
  const to =
    whole && kind === "blocked" && addresses.length > 1 && isSmall(network.cidr) ? [network.cidr] : addresses;
  const ports = [...new Set(rows.map(({ port }) => port))].toSorted((a, b) => a - b);
  return from.flatMap(({ place, cells }) => {
    const sources = cells.flatMap((cell) => subnetOfText(viaOf(cell), networks)?.cidr ?? []);
    return [...new Set(sources)]
      .filter((source) => source !== network.cidr)
      .toSorted(by(addressKey))
      .map((source): Ask => ({ place, from: source, to, ports }));
  });
}

/** A rule for more than one LAN is more than anybody should ask for. */
function isSmall(cidr: string): boolean {
  const [base = "", prefix] = cidr.split("/");
  return Number(prefix) >= (base.includes(":") ? 64 : 24);
}

function wish(asks: readonly Ask[], more = ""): string {
  const [first] = asks;
  if (first === undefined) return "";
  const sources = [...new Set(asks.map(({ from }) => from))];
  return `: ask for ${listOf(sources)} → ${listOf(first.to)} ${first.ports.map((port) => `tcp/${port}`).join(" ")}${more}`;
}

/** Whether no router stands between, as far as subnets tell. */
function neighbours({ group, from }: Failure, networks: readonly Network[]): boolean {
  const sources = from.flatMap(({ cells }) => cells.map((cell) => subnetOfText(viaOf(cell), networks)?.cidr));
  return sources.length > 0 && sources.every((cidr) => cidr !== undefined && cidr === group.network?.cidr);
}

function sourcesOf({ from }: Failure): string {
  const addresses = new Set(from.flatMap(({ cells }) => cells.flatMap((cell) => viaOf(cell) ?? [])));
  return addresses.size > 3
    ? count(addresses.size, "address", "es")
    : listOf([...addresses].toSorted(by(addressKey)));
}

function viaOf(cell: LookedCell): string | null {
  return cell.seen === "probed" ? (cell.via?.address ?? null) : null;
}
