import type { Reconcile, ReconcileRow, SweepHost } from "../../sweep/model.ts";

/** What DNS and the list of permitted hosts say of one host; null where they were not asked. `names`: all it has. */
export type Standing = {
  names: string[];
  published: boolean | null;
  permitted: boolean | null;
  /** Whether it has a row in the comparison at all. */
  compared: boolean;
};

/** How a host stands to DNS and to the list of those permitted; null where neither was compared. */
export function createStandings(reconcile: Reconcile | null): (host: SweepHost) => Standing {
  const rows = new Map<string, ReconcileRow>();
  for (const row of reconcile?.rows ?? []) rows.set(keyOf(row.address, row.port), row);
  return ({ attempts, endpoint, names }) => {
    const address = attempts[0]?.address ?? null;
    const row = rows.get(keyOf(address, endpoint.port)) ?? rows.get(keyOf(address, null));
    return {
      names: [...new Set([...names, ...(row?.names ?? [])])],
      published: row?.published ?? null,
      permitted: row?.permitted ?? null,
      compared: row !== undefined,
    };
  };
}

function keyOf(address: string | null, port: number | null): string {
  return JSON.stringify([address, port]);
}
