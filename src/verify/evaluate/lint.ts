import type { SocketAddress } from "../../model/dns.ts";
import type { Finding } from "../../model/finding.ts";
import type { Detail } from "../model.ts";
import { among } from "../names.ts";
import type { DemandOf } from "../laid-policy.ts";
import { isUnsettled } from "../../verdict/checked.ts";
import { lintCodes } from "../policy.ts";
import type { Sight } from "../sight.ts";
import { plural } from "../../verdict/figures.ts";
import { aboutHost, plainDetail, statusOf } from "./found.ts";
import type { Found, Judged } from "./found.ts";
import { groupsOf } from "./targets.ts";

/** The record sets of these domains have no finding but those that are allowed. */
export function evaluateLint(
  demand: DemandOf<"lint">,
  sight: Sight,
  resolvers: readonly SocketAddress[],
): Found {
  const groups = groupsOf({ domains: demand.domains, hosts: [] }, sight, resolvers, "listed");
  const unseen = groups.flatMap(({ hosts }) => hosts.filter(({ value }) => isUnsettled(value)));
  const judged = groups.flatMap(({ domain, nothing }): Judged[] => {
    if (nothing !== null) return [{ ...nothing, open: true }];
    const diagnosis = sight.domain(domain ?? "");
    return (diagnosis?.value.findings ?? [])
      .filter((finding) => counts(finding, demand))
      .map((finding) => ({
        ...findingDetail(domain ?? "", finding, diagnosis?.pointer ?? ""),
        open: false,
      }));
  });
  // What a record can be blamed for shows at its host.
  judged.push(
    ...unseen.map((host) => {
      const about = aboutHost(host);
      return {
        ...plainDetail(about, false, `${about} was not seen to the end.`, { pointer: host.pointer }),
        open: true,
      };
    }),
  );
  const open = judged.filter((each) => each.open).length;
  const found = judged.length - open;
  const but = demand.allow.length > 0 ? ` but ${among(demand.allow)}` : "";
  return {
    status: statusOf(judged),
    expected: `no ${demand.notes ? "finding" : "warning"} about the records${but}`,
    observed:
      found > 0
        ? plural(found, "finding")
        : unseen.length > 0
          ? `${plural(unseen.length, "host")} not seen to the end`
          : open > 0
            ? "there are no records to look at"
            : `no ${demand.notes ? "finding" : "warning"}`,
    details: judged,
  };
}

function counts({ code, severity }: Finding, { allow, notes }: DemandOf<"lint">): boolean {
  return lintCodes.includes(code) && !allow.includes(code) && (notes || severity === "warning");
}

function findingDetail(
  domain: string,
  { code, observed, next, fix, subject }: Finding,
  root: string,
): Detail {
  const commands = [
    ["on a Windows DNS server", fix?.windows],
    ["with BIND", fix?.bind],
  ] as const;
  return plainDetail(domain, false, `${observed}.`.replace(/\.\.$/, "."), {
    code,
    certainty: "certain",
    next: [
      { where: "dns", text: next, command: null },
      ...commands.flatMap(([where, command]) =>
        command === null || command === undefined
          ? []
          : [{ where: "dns" as const, text: `Or ${where}`, command }],
      ),
    ],
    pointer: `${root}${subject}`,
  });
}
