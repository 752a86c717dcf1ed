import type { VerdictCode } from "../../model/verdict.ts";

/** What a verdict says of a cause. `sound`: it isn't that. `fault`: it is. `maybe`: it fits. Null: nothing is said. */
export type Word = "sound" | "fault" | "maybe" | null;

type Tells = { connectivity: Word; host: Word; dns: Word };

const NOTHING: Tells = { connectivity: null, host: null, dns: null };
const DNS_FAULT: Tells = { ...NOTHING, dns: "fault" };
const DNS_MAYBE: Tells = { ...NOTHING, dns: "maybe" };
const PATH_FAULT: Tells = { ...NOTHING, connectivity: "fault" };
/** Silence, a refusal, a close: the path, a device on it, or the host. Nothing seen from here tells them apart. */
const PATH_OR_HOST: Tells = { ...NOTHING, connectivity: "maybe", host: "maybe" };
/** An RPC server spoke, so the path carries what a client would send. */
const HOST_FAULT: Tells = { ...NOTHING, connectivity: "sound", host: "fault" };
const HOST_MAYBE: Tells = { ...HOST_FAULT, host: "maybe" };
const SERVES: Tells = { ...NOTHING, connectivity: "sound", host: "sound" };

/** A table, so that no code can be forgotten. */
const tells = {
  "srv-no-suffix": DNS_MAYBE,
  "srv-nxdomain": DNS_FAULT,
  "srv-nodata": DNS_FAULT,
  "srv-servfail": DNS_FAULT,
  "srv-refused": DNS_FAULT,
  "srv-other-rcode": DNS_FAULT,
  "srv-no-answer": DNS_MAYBE,
  "srv-resolver-unreachable": DNS_MAYBE,
  "srv-malformed": DNS_MAYBE,
  "srv-mismatched": DNS_MAYBE,
  "srv-truncated": DNS_FAULT,
  "srv-local-failure": NOTHING,
  "srv-not-offered": DNS_FAULT,
  "srv-no-records": DNS_FAULT,
  "srv-alias-chain": DNS_FAULT,
  "srv-resolvers-disagree": DNS_MAYBE,
  "address-none": DNS_FAULT,
  "address-lookup-failed": DNS_MAYBE,
  "address-invalid-target": DNS_FAULT,
  "address-null": DNS_FAULT,
  "address-loopback": DNS_FAULT,
  "address-no-host": DNS_FAULT,
  "address-left-out": NOTHING,
  "tcp-no-answer": PATH_OR_HOST,
  "tcp-refused": PATH_OR_HOST,
  "tcp-reset": PATH_OR_HOST,
  // A router says so where the host is off, too.
  "tcp-host-unreachable": PATH_OR_HOST,
  "tcp-neighbour-silent": PATH_OR_HOST,
  "tcp-net-unreachable": PATH_FAULT,
  "tcp-not-permitted": PATH_FAULT,
  "tcp-blackhole-route": PATH_FAULT,
  "tcp-proxy-failed": { ...NOTHING, connectivity: "maybe" },
  "tcp-source-refused": NOTHING,
  "tcp-source-unusable": NOTHING,
  // Our own machine stopped it: neither the path nor the host was seen.
  "tcp-no-local-address": NOTHING,
  "tcp-local-resources": NOTHING,
  "tcp-other-error": { ...NOTHING, connectivity: "maybe" },
  "rpc-no-answer": PATH_OR_HOST,
  "rpc-closed": PATH_OR_HOST,
  "rpc-reset": PATH_OR_HOST,
  // A proxy or captive portal may speak in the host's place.
  "rpc-not-dcerpc": PATH_OR_HOST,
  "rpc-malformed": PATH_OR_HOST,
  "rpc-accepts-anything": PATH_OR_HOST,
  "rpc-bind-nak": HOST_MAYBE,
  "rpc-fault": HOST_MAYBE,
  "rpc-interface-unknown": HOST_FAULT,
  "rpc-syntax-refused": HOST_FAULT,
  // What a Windows client sends goes unanswered, and the host is fine.
  "rpc-plain-bind-only": { ...NOTHING, connectivity: "maybe", host: "sound" },
  "rpc-serves": SERVES,
  // Never that of one address.
  "endpoint-partly-serves": NOTHING,
  "domain-partly-serves": NOTHING,
  "run-partly-serves": NOTHING,
  "run-cut-short": NOTHING,
} as const satisfies Record<VerdictCode, Tells>;

export function tellsOf(code: VerdictCode): Tells {
  return tells[code];
}
