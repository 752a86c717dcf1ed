/** Hosts that are one machine under several names: they share an address at the same port. */
import type { EndpointDiagnosis } from "../model/diagnosis.ts";
import { hostPort } from "./words.ts";

type Addressed = Pick<EndpointDiagnosis, "endpoint" | "attempts">;

/** Hosts in groups, each of which shares addresses; a host that shares none is a group of its own. */
export function groupsByAddress<Host extends Addressed>(hosts: readonly Host[]): Host[][] {
  let groups: { hosts: Host[]; keys: Set<string> }[] = [];
  for (const host of hosts) {
    const { port } = host.endpoint;
    const keys = new Set(host.attempts.map(({ address }) => hostPort(address, port)));
    const sharing = groups.filter((group) => [...keys].some((key) => group.keys.has(key)));
    const joined = {
      hosts: [...sharing.flatMap((group) => group.hosts), host],
      keys: new Set([...sharing.flatMap((group) => [...group.keys]), ...keys]),
    };
    groups = [...groups.filter((group) => !sharing.includes(group)), joined];
  }
  return groups.map((group) => group.hosts);
}
