/** Hosts that are one machine under several names: they share an address at the same port. */
import type { Attempt, EndpointDiagnosis } from "../model/diagnosis.ts";
import { hostPort } from "./words.ts";

type Addressed = Pick<EndpointDiagnosis, "endpoint" | "attempts">;

/**
 * Hosts in groups, each of which shares addresses; a host that shares none is a group of its own.
 * @param counts which of a host's addresses are looked at
 */
export function groupsByAddress<Host extends Addressed>(
  hosts: readonly Host[],
  counts: (attempt: Attempt) => boolean,
): Host[][] {
  let groups: { hosts: Host[]; keys: Set<string> }[] = [];
  for (const host of hosts) {
    const { port } = host.endpoint;
    const keys = new Set(host.attempts.filter(counts).map(({ address }) => hostPort(address, port)));
    const sharing = groups.filter((group) => [...keys].some((key) => group.keys.has(key)));
    const joined = {
      hosts: [...sharing.flatMap((group) => group.hosts), host],
      keys: new Set([...sharing.flatMap((group) => [...group.keys]), ...keys]),
    };
    groups = [...groups.filter((group) => !sharing.includes(group)), joined];
  }
  return groups.map((group) => group.hosts);
}

/** How many of these are served by machines of their own: names of one address count once. */
export function countMachines(serving: readonly Addressed[]): number {
  return groupsByAddress(serving, ({ verdict }) => verdict.serves).length;
}

/** What says why hosts that serve are fewer than required. */
export const COUNT_ONCE = "names with the same address count once";
