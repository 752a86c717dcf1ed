import type { SocketAddress } from "../../model.ts";
import { requiredWords } from "../names.ts";
import type { DemandOf } from "../overlay.ts";
import type { SeenHost, Sight } from "../sight.ts";
import { hostDetails, isOpen, plural, statusOf } from "./found.ts";
import type { Found } from "./found.ts";
import { groupsOf } from "./targets.ts";
import type { Group } from "./targets.ts";

/** So many of the hosts would serve a client: in each domain, and among those that are named. */
export function evaluateServe(
  demand: DemandOf<"serve">,
  sight: Sight,
  resolvers: readonly SocketAddress[],
): Found {
  const groups = groupsOf(demand, sight, resolvers);
  const serves = (host: SeenHost): boolean => servesFully(host, demand["every-address"]);
  const judged = groups.map((group) => judgeGroup(group, demand, serves));
  const all = groups.flatMap(({ hosts }) => hosts);
  const serving = all.filter(serves).length;
  const listing = groups.flatMap(({ nothing, domain }) =>
    nothing === null ? [] : [domain === null ? nothing.observed : `${domain} lists no host`],
  );
  const hosts = `${serving} of ${plural(all.length, "host")} ${serving === 1 ? "serves" : "serve"}`;
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

/** A machine without one of the families has no fault to find with a host's address of that family: see the verdict. */
function servesFully({ value }: SeenHost, everyAddress: boolean): boolean {
  return value.verdict.serves && (!everyAddress || value.verdict.severity === "ok");
}

function judgeGroup(
  { hosts, nothing }: Group,
  { require }: DemandOf<"serve">,
  serves: (host: SeenHost) => boolean,
): { holds: boolean; open: boolean } {
  if (hosts.length === 0) return { holds: false, open: nothing?.open ?? false };
  const serving = hosts.filter(serves).length;
  const open = hosts.filter((host) => !serves(host) && isOpen(host.value.verdict)).length;
  const total = hosts.length + (nothing === null ? 0 : 1);
  const needed = require === "all" ? total : require === "any" ? 1 : require;
  const holds = serving >= needed;
  return { holds, open: !holds && serving + open + (nothing?.open === true ? 1 : 0) >= needed };
}
