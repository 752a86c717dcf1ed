/** The hosts that an expectation is about: those that its domains list, and those it names. */
import type { Endpoint, SocketAddress } from "../../model.ts";
import { judgeSrvAnswer } from "../../verdict/srv.ts";
import { endpointWords } from "../names.ts";
import { answersAt, listedAt } from "../sight.ts";
import type { SeenHost, Sight } from "../sight.ts";
import { isOpen, plainDetail, verdictDetail } from "./found.ts";
import type { Judged } from "./found.ts";

/** Hosts that belong together: those of one domain, or those that were named. */
export type Group = {
  /** `corp.example`; null for those that were named. */
  domain: string | null;
  hosts: SeenHost[];
  /** Why a domain lists none; null where it lists some. */
  nothing: Judged | null;
};

export function groupsOf(
  { domains, hosts }: { domains: readonly string[]; hosts: readonly Endpoint[] },
  sight: Sight,
  resolvers: readonly SocketAddress[],
): Group[] {
  const groups = domains.map((domain) => groupOf(domain, sight, resolvers));
  if (hosts.length === 0) return groups;
  const seen = hosts.flatMap((endpoint) => sight.host(endpoint) ?? []);
  const unseen = hosts.find((endpoint) => sight.host(endpoint) === null);
  const nothing = unseen === undefined ? null : notLooked(endpointWords(unseen));
  return [...groups, { domain: null, hosts: seen, nothing }];
}

function groupOf(domain: string, sight: Sight, resolvers: readonly SocketAddress[]): Group {
  const diagnosis = sight.domain(domain);
  if (diagnosis === null) return { domain, hosts: [], nothing: notLooked(domain) };
  const hosts = listedAt(diagnosis, resolvers);
  if (hosts.length > 0) return { domain, hosts, nothing: null };
  const { verdict, endpoints } = diagnosis.value;
  if (endpoints.length === 0) {
    const detail = verdictDetail(domain, false, verdict, diagnosis.pointer);
    return { domain, hosts, nothing: { ...detail, open: isOpen(verdict) } };
  }
  // Others list some, and the verdict speaks of those: what these resolvers said is another matter.
  const [refused] = answersAt(diagnosis, resolvers).flatMap(({ value, pointer }) => {
    return judgeSrvAnswer(value, domain, pointer) ?? [];
  });
  return {
    domain,
    hosts,
    nothing:
      refused === undefined
        ? notLooked(domain)
        : { ...verdictDetail(domain, false, refused, null), open: isOpen(refused) },
  };
}

function notLooked(about: string): Judged {
  return { ...plainDetail(about, false, `${about} was not looked at.`), open: true };
}
