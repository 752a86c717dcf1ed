/** Lines and lists in a few words, for what reconcile joins. */
import type { EndpointDiagnosis } from "../../../../src/model/diagnosis.ts";
import type { SrvRecord } from "../../../../src/model/dns.ts";
import type {
  EndpointLine,
  PermittedEntry,
  PublishedDomain,
  ReconcileRow,
} from "../../../../src/sweep/model.ts";
import { judgeEndpoint } from "../../../../src/verdict/endpoint.ts";
import {
  addresses,
  connected,
  controlled,
  denies,
  endpoint,
  garbage,
  hungUp,
  isRefused,
  isServing,
  lists,
  lookup,
  plainBind,
  accepted,
  record,
  refuses,
  rpc,
  says,
  unsent,
} from "../../verdict/builders.ts";

/** What an address came to. */
export const MADE = {
  serves: (address: string) => isServing({ address }),
  refused: (address: string) => isRefused({ address }),
  http: (address: string) => connected(rpc(garbage("http")), { address }),
  /** Takes any interface. */
  anything: (address: string) => connected(controlled("accepted"), { address }),
  "plain-only": (address: string) =>
    connected(rpc(hungUp("closed"), { plain: plainBind(accepted("0/0")) }), { address }),
  /** This machine had no socket left. */
  untold: (address: string) => unsent("EMFILE", { address }),
} as const;

/** The line of one address, as the sweep judges it. */
export function line(
  address: string,
  what: keyof typeof MADE,
  { port = 1688, host = address, names = [] }: { port?: number; host?: string; names?: string[] } = {},
): EndpointLine {
  const evidence = endpoint([MADE[what](address)], { endpoint: { host, port } });
  return { type: "endpoint", names, ...judged(evidence) };
}

/** The line of a name that has no address. */
export function lineWithout(host: string, port = 1688): EndpointLine {
  const evidence = endpoint([], {
    endpoint: { host, port },
    address: addresses([], { lookups: [lookup(refuses("NXDOMAIN"), { name: host })] }),
  });
  return { type: "endpoint", names: [], ...judged(evidence) };
}

function judged(evidence: Parameters<typeof judgeEndpoint>[0]): EndpointDiagnosis {
  return judgeEndpoint(evidence, "");
}

export const ZONE = "corp.example";

/** A domain that lists these hosts, each with its addresses. */
export function published(
  hosts: Record<string, string[]>,
  {
    domain = ZONE,
    port = 1688,
    over = {},
  }: { domain?: string; port?: number; over?: Partial<SrvRecord> } = {},
): PublishedDomain {
  const records = Object.keys(hosts).map((host) => record(host, { port, ...over }));
  return {
    domain,
    srv: [says(lists(records), { name: `_vlmcs._tcp.${domain}` })],
    hosts: Object.entries(hosts).map(([host, found]) => ({
      endpoint: { host, port },
      addresses: found,
      gone: found.length === 0,
    })),
  };
}

/** A domain whose one resolver gives no list. */
export function unlisted(rcode: string, domain = ZONE): PublishedDomain {
  return { domain, srv: [says(denies(rcode), { name: `_vlmcs._tcp.${domain}` })], hosts: [] };
}

export function permit(text: string, found: string[] = [], port: number | null = null): PermittedEntry {
  return { text, port, addresses: found, resolver: null };
}

/** `10.0.0.1:1688 published serves permitted: code, code`, with `?` for what is not known. */
export function told(row: ReconcileRow): string {
  const place = `${row.address ?? row.names.join()}:${row.port ?? "any"}`;
  const facts = [word(row.published, "published"), row.answers, word(row.permitted, "permitted")];
  return `${place} ${facts.join(" ")}: ${row.findings.map(({ code }) => code).join(", ")}`;
}

function word(value: boolean | null, yes: string): string {
  if (value === null) return `${yes}?`;
  return value ? yes : `un${yes}`;
}
