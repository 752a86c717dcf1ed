import type { SocketAddress } from "../../model/dns.ts";
import { entryOf, isVerdictCode } from "../../verdict/catalog.ts";
import { isUnsettled, leftNothing } from "../../verdict/checked.ts";
import { isFamilyMissingHere } from "../../verdict/endpoint.ts";
import { requiredWords } from "../names.ts";
import type { DemandOf } from "../laid-policy.ts";
import type { SeenHost, Sight } from "../sight.ts";
import { servingWords } from "../../verdict/counts.ts";
import { hostDetails, statusOf } from "./found.ts";
import type { Found } from "./found.ts";
import { groupsOf } from "./targets.ts";
import type { Group } from "./targets.ts";

/** So many of the hosts would serve a client: in each domain, and among those that are named. */
export function evaluateServe(
  demand: DemandOf<"serve">,
  sight: Sight,
  resolvers: readonly SocketAddress[],
): Found {
  const groups = groupsOf(demand, sight, resolvers, "found");
  const judged = groups.map((group) => judgeGroup(group, demand));
  const all = groups.flatMap(({ hosts }) => hosts);
  const serving = all.filter((host) => judgeHost(host, demand) === "serves").length;
  const listing = groups.flatMap(({ nothing, domain }) =>
    nothing === null ? [] : [nothingWords(domain, nothing)],
  );
  const hosts = servingWords(serving, all.length);
  return {
    status: statusOf(judged),
    expected: requiredWords(demand),
    observed: [...(all.length > 0 ? [hosts] : []), ...listing].join("; "),
    details: groups.flatMap(({ hosts: each, nothing }) => [
      ...(nothing === null ? [] : [nothing]),
      ...each.flatMap(hostDetails),
    ]),
  };
}

/** `corp.example: no such SRV name`: what a resolver would list that did not answer is not known. */
function nothingWords(domain: string | null, { observed, code }: NonNullable<Group["nothing"]>): string {
  if (domain === null || code === null || !isVerdictCode(code)) return observed.replace(/\.$/, "");
  return `${domain}: ${entryOf(code).title}`;
}

function judgeHost(host: SeenHost, demand: DemandOf<"serve">): "serves" | "open" | "fails" {
  const { verdict, attempts } = host.value;
  const open = isUnsettled(host.value);
  if (!demand["every-address"]) return verdict.serves ? "serves" : open ? "open" : "fails";
  // A machine without one of the families has no fault to find with a host's address of that family.
  const failing = attempts.some(
    (each) => !each.verdict.serves && !leftNothing(each) && !isFamilyMissingHere(each, attempts),
  );
  if (failing) return "fails";
  return open ? "open" : verdict.serves ? "serves" : "fails";
}

function judgeGroup({ hosts, nothing }: Group, demand: DemandOf<"serve">): { holds: boolean; open: boolean } {
  if (hosts.length === 0) return { holds: false, open: nothing?.open ?? false };
  const judged = hosts.map((host) => judgeHost(host, demand));
  const serving = judged.filter((each) => each === "serves").length;
  const open = judged.filter((each) => each === "open").length;
  const { require } = demand;
  const total = hosts.length + (nothing === null ? 0 : 1);
  const needed = require === "all" ? total : require === "any" ? 1 : require;
  const holds = serving >= needed;
  return { holds, open: !holds && serving + open + (nothing?.open === true ? 1 : 0) >= needed };
}
