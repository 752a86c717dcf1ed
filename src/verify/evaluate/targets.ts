/** The hosts that an expectation is about: those that its domains list, and those it names. */
import type { SocketAddress } from "../../model/dns.ts";
import type { Endpoint } from "../../model/evidence.ts";
import { believedIndex } from "../../verdict/believed.ts";
import { isOpen, isUnlisted, wasAsked } from "../../verdict/checked.ts";
import { judgeSrvAnswer } from "../../verdict/srv.ts";
import { endpointWords } from "../names.ts";
import { answersAt, listedAt } from "../sight.ts";
import type { SeenHost, Sight } from "../sight.ts";
import { plainDetail, verdictDetail } from "./found.ts";
import type { Judged } from "./found.ts";

/** Hosts that belong together: those of one domain, or those that were named. */
export type Group = {
  /** `corp.example`; null for those that were named. */
  domain: string | null;
  hosts: SeenHost[];
  /** Why a domain lists none; null where it lists some. */
  nothing: Judged | null;
};

/**
 * @param whom `listed`: every host that one of the resolvers lists. `found`: those that a client finds who asks the
 * resolvers in this order, and believes the first that answers
 */
export function groupsOf(
  { domains, hosts }: { domains: readonly string[]; hosts: readonly Endpoint[] },
  sight: Sight,
  resolvers: readonly SocketAddress[],
  whom: "listed" | "found",
): Group[] {
  const groups = domains.map((domain) => groupOf(domain, sight, resolvers, whom));
  if (hosts.length === 0) return groups;
  const seen = hosts.flatMap((endpoint) => sight.host(endpoint) ?? []);
  const unseen = hosts.find((endpoint) => sight.host(endpoint) === null);
  const nothing = unseen === undefined ? null : notLooked(endpointWords(unseen));
  return [...groups, { domain: null, hosts: seen, nothing }];
}

function groupOf(
  domain: string,
  sight: Sight,
  resolvers: readonly SocketAddress[],
  whom: "listed" | "found",
): Group {
  const diagnosis = sight.domain(domain);
  if (diagnosis === null) return { domain, hosts: [], nothing: notLooked(domain) };
  const answers = answersAt(diagnosis, resolvers);
  const index = whom === "found" ? believedIndex(answers.map(({ value }) => value)) : null;
  const believed = answers.slice(index ?? 0, index === null ? undefined : index + 1);
  const hosts = listedAt(
    diagnosis,
    believed.map(({ value }) => value.resolver),
  );
  if (hosts.length > 0) return { domain, hosts, nothing: null };
  const { verdict, endpoints } = diagnosis.value;
  if (endpoints.length === 0) {
    const detail = verdictDetail(domain, false, verdict, diagnosis.pointer);
    return { domain, hosts, nothing: { ...detail, open: isUnlisted(diagnosis.value) } };
  }
  // Others list some, and the verdict speaks of those: what these resolvers said is another matter.
  const [refused] = believed.flatMap(({ value, pointer }) => {
    const said = judgeSrvAnswer(value, domain, pointer);
    return said === null ? [] : [{ verdict: said, open: isOpen(said) || !wasAsked(value) }];
  });
  return {
    domain,
    hosts,
    nothing:
      refused === undefined
        ? notLooked(domain)
        : { ...verdictDetail(domain, false, refused.verdict, null), open: refused.open },
  };
}

function notLooked(about: string): Judged {
  return { ...plainDetail(about, false, `${about} was not looked at.`), open: true };
}
