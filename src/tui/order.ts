import type { Severity } from "../model/verdict.ts";
import { lossOf } from "../watch/host.ts";
import type { Host } from "../watch/host.ts";

/** What the `s` key goes through. */
export const ORDERS = ["listed", "state", "changed", "loss", "median", "name"] as const;
export type Order = (typeof ORDERS)[number];

export function nextOrder(order: Order): Order {
  return ORDERS[(ORDERS.indexOf(order) + 1) % ORDERS.length] ?? "listed";
}

const WORST_FIRST: readonly Severity[] = ["failed", "inconclusive", "degraded", "ok"];

/** Sorts a copy; equals stay in the order in which they were found. What is not known comes last. */
export function sortHosts(hosts: readonly Host[], order: Order): Host[] {
  switch (order) {
    case "listed":
      return [...hosts];
    case "state":
      return hosts.toSorted(
        (a, b) => WORST_FIRST.indexOf(a.verdict.severity) - WORST_FIRST.indexOf(b.verdict.severity),
      );
    case "changed":
      return hosts.toSorted((a, b) => (b.lastChange?.at ?? "").localeCompare(a.lastChange?.at ?? ""));
    case "loss":
      return hosts.toSorted((a, b) => (lossOf(b) ?? -1) - (lossOf(a) ?? -1));
    case "median":
      return hosts.toSorted((a, b) => medianOf(a) - medianOf(b));
    case "name":
      return hosts.toSorted((a, b) => a.subject.host.localeCompare(b.subject.host));
    default:
      return order satisfies never;
  }
}

function medianOf({ rpc, tcp }: Host): number {
  return (rpc.figures() ?? tcp.figures())?.medianMs ?? Number.MAX_VALUE;
}
