import type { SocketAddress } from "../../model.ts";
import { permissionsOf } from "../../sweep/reconcile/permitted.ts";
import { canonical, nameOf } from "../../sweep/reconcile/places.ts";
import type { Detail } from "../model.ts";
import type { DemandOf } from "../overlay.ts";
import type { SeenHost, Sight } from "../sight.ts";
import { aboutAttempt, aboutHost, plainDetail, plural, statusOf } from "./found.ts";
import type { Found } from "./found.ts";
import { groupsOf } from "./targets.ts";

type Judged = Detail & { open: boolean };

/** No host is listed, and none of the named ones serves, but those that are permitted. */
export function evaluatePermitted(
  demand: DemandOf<"permitted">,
  sight: Sight,
  resolvers: readonly SocketAddress[],
): Found {
  const { permits } = permissionsOf(
    demand.allow.map(({ text, port }) => ({ text, port, addresses: [...(sight.names.get(text) ?? [])] })),
  );
  const judged = groupsOf(demand, sight, resolvers).flatMap(({ domain, hosts, nothing }): Judged[] => [
    // A domain that lists nobody lists nobody who is not permitted.
    ...(nothing?.open === true ? [nothing] : []),
    ...hosts.flatMap((host) => judgeHost(host, domain, permits)),
  ]);
  const wrong = judged.filter(({ holds, open }) => !holds && !open).length;
  return {
    status: statusOf(judged),
    expected: "every host that is listed or serves is permitted",
    observed:
      wrong > 0
        ? `${plural(wrong, "address", "addresses")} not permitted`
        : `${plural(judged.length, "address", "addresses")} looked at, none that is not permitted`,
    details: judged,
  };
}

function judgeHost(
  host: SeenHost,
  domain: string | null,
  permits: ReturnType<typeof permissionsOf>["permits"],
): Judged[] {
  const { endpoint, attempts } = host.value;
  const names = new Set([nameOf(endpoint.host)]);
  const places = [
    ...attempts.map(({ address, verdict }) => ({
      address: canonical(address),
      about: aboutAttempt(host, address),
      serves: verdict.serves,
    })),
    ...(attempts.length === 0 ? [{ address: null, about: aboutHost(host), serves: false }] : []),
  ];
  return places.map(({ address, about, serves }) => {
    const allowed = permits({ address, port: endpoint.port, names });
    // A host that somebody named and that does not serve is no KMS host as far as can be seen.
    const holds = allowed || (domain === null && !serves);
    const does = domain === null ? "serves" : serves ? "is listed and serves" : "is listed";
    const observed = allowed
      ? `${about} is permitted.`
      : holds
        ? `${about} does not serve.`
        : `${about} ${does}, and is not permitted.`;
    return {
      ...plainDetail(about, holds, observed, holds ? { pointer: host.pointer } : unauthorised(host)),
      open: false,
    };
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
