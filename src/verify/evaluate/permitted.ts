import type { SocketAddress } from "../../model/dns.ts";
import { permissionsOf } from "../../sweep/reconcile/permitted.ts";
import { canonical, nameOf } from "../../sweep/reconcile/place.ts";
import type { Detail } from "../model.ts";
import { among } from "../names.ts";
import type { DemandOf } from "../laid-policy.ts";
import type { SeenHost, Sight } from "../sight.ts";
import { isUnsettled, leftNothing } from "../../verdict/checked.ts";
import { plural } from "../../verdict/figures.ts";
import { aboutAttempt, aboutHost, plainDetail, statusOf } from "./found.ts";
import type { Found, Judged } from "./found.ts";
import { groupsOf } from "./targets.ts";

/** No host is listed, and none of the named ones serves, but those that are permitted. */
export function evaluatePermitted(
  demand: DemandOf<"permitted">,
  sight: Sight,
  resolvers: readonly SocketAddress[],
): Found {
  const { permits } = permissionsOf(
    demand.allow.map(({ text, port }) => ({
      text,
      port,
      addresses: [...(sight.names.get(text) ?? [])],
      resolver: null,
    })),
  );
  // Anybody may have an address that nobody told.
  const unknown = demand.allow.flatMap(({ kind, text }) =>
    kind === "name" && !sight.names.has(text) ? [text] : [],
  );
  const judged = groupsOf(demand, sight, resolvers, "listed").flatMap(
    ({ domain, hosts, nothing }): Judged[] => [
      // A domain that lists nobody lists nobody who is not permitted.
      ...(nothing?.open === true ? [nothing] : []),
      ...hosts.flatMap((host) => judgeHost(host, domain, { permits, unknown })),
    ],
  );
  const wrong = judged.filter(({ holds, open }) => !holds && !open).length;
  const open = judged.filter((each) => each.open).length;
  return {
    status: statusOf(judged),
    expected: "every host that is listed or serves is permitted",
    observed:
      wrong > 0
        ? `${plural(wrong, "address", "addresses")} not permitted`
        : open > 0
          ? `of ${plural(judged.length, "address", "addresses")} ${open} could not be judged`
          : `${plural(judged.length, "address", "addresses")} looked at, none that is not permitted`,
    details: judged,
  };
}

type Known = { permits: ReturnType<typeof permissionsOf>["permits"]; unknown: readonly string[] };

function judgeHost(host: SeenHost, domain: string | null, { permits, unknown }: Known): Judged[] {
  const { endpoint, attempts } = host.value;
  const names = new Set([nameOf(endpoint.host)]);
  const places = [
    ...attempts.map((attempt) => ({
      address: canonical(attempt.address),
      about: aboutAttempt(host, attempt.address),
      serves: attempt.verdict.serves,
      unseen: leftNothing(attempt),
    })),
    ...(attempts.length === 0
      ? [{ address: null, about: aboutHost(host), serves: false, unseen: isUnsettled(host.value) }]
      : []),
  ];
  return places.map(({ address, about, serves, unseen }): Judged => {
    const judged = (holds: boolean, observed: string, open = false): Judged => {
      const more = holds || open ? { pointer: host.pointer } : unauthorised(host);
      return { ...plainDetail(about, holds, observed, more), open };
    };
    if (permits({ address, port: endpoint.port, names })) return judged(true, `${about} is permitted.`);
    // A host that somebody named and that does not serve is no KMS host as far as can be seen.
    if (domain === null && !serves)
      return unseen
        ? judged(false, `Whether ${about} serves was not seen.`, true)
        : judged(true, `${about} does not serve.`);
    const does = domain === null ? "serves" : serves ? "is listed and serves" : "is listed";
    return unknown.length > 0
      ? judged(false, `${about} ${does}; the addresses of ${among(unknown)} could not be learnt.`, true)
      : judged(false, `${about} ${does}, and is not permitted.`);
  });
}

function unauthorised(host: SeenHost): Partial<Detail> {
  return {
    certainty: "certain",
    causes: [
      "a host key was installed on a machine that is no KMS host",
      "the list of permitted hosts is not up to date",
    ],
    next: [
      {
        where: "kms-host",
        text: "See whether it holds a host key; if it shouldn't, take it off and stop it publishing",
        command: "slmgr.vbs /dlv",
      },
      { where: "dns", text: "Remove its record, once it no longer publishes itself", command: null },
    ],
    pointer: host.pointer,
  };
}
