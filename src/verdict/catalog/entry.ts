/**
 * What an entry of the catalogue says of a verdict: what was observed, every cause that fits, what to do next.
 * `{placeholders}` are filled by words.ts.
 *
 * A hint is something in the evidence that narrows the causes. A line with `only` is kept where one of its hints was
 * seen; a line with `unless` is dropped where one of its hints was seen.
 */
import type { Certainty, Layer, Severity, Step } from "../../model/verdict.ts";

/** How the lookup of a host's address failed (lookup.ts), or that there is nobody to ask. */
export const HOW_LOOKUPS_FAIL = [
  "no-resolver",
  "resolver-refuses",
  "resolver-unreachable",
  "resolver-silent",
  "resolver-fails",
  "resolver-denies",
  "resolver-refers",
  "resolver-garbled",
  "unasked",
  "no-lookup",
] as const;

export const HINTS = [
  "no-local-route",
  "via-tunnel",
  "acknowledged",
  "unacknowledged",
  "zero-window",
  "every-port",
  /** A program on this machine took the connection, though the address is another machine's. */
  "taken-here",
  /** The peer ended a connection on which nothing was said. */
  "unprompted",
  /** The host is this machine. */
  "loopback",
  /** It ended after a time that is a known limit of known forwarders: {limit}. */
  "known-limit",
  /** A network that a program makes up for a container. */
  "user-mode",
  /** The link that leads there has no carrier. */
  "no-carrier",
  /** Links of this machine are down, and it has no route: {deadLinks}. */
  "links-dead",
  /** The gateway of such a network: the loopback of the machine outside. */
  "user-mode-gateway",
  /** The address lies in the subnet of a bridge that is this machine's own affair. */
  "own-bridge",
  /** The host is this machine, at an address of the network. */
  "own-address",
  /** IPv4, and its last byte is 0 or 255. */
  "edge-address",
  /** Listed with a port that is not the usual one. */
  "listed-port",
  /** The host's name is a single label. */
  "one-label",
  // To whom this machine hands packets to a host that is unreachable (next-hop.ts).
  "on-link",
  "gateway-silent",
  "gateway-answers",
  /** An address that no host can have alone: a subnet's broadcast address, a multicast group. */
  "not-one-host",
  /** The chosen source is a loopback or link-local address. */
  "confined-source",
  /** The interface of the chosen source is off, without carrier, or without an address. */
  "source-unusable",
  /** The chosen source is no address of this machine any more. */
  "source-gone",
  /** An IPsec policy here has no security association. */
  "ipsec-without-state",
  /** Refused after longer than any host takes to refuse. */
  "gave-up",
  /** One connect, over before its SYN was sent again. */
  "fast-look",
  "control-rejected",
  "control-unanswered",
  /** The control met silence. */
  "control-silent",
  /** A bind's answer began, and ended inside its PDU. */
  "cut",
  // What a refusal of a bind gives as its reason: see rpc.ts.
  "too-busy",
  "access-denied",
  "wants-authentication",
  "other-version",
  // What another look of the same run saw (elsewhere.ts).
  "serves-elsewhere",
  "listens-elsewhere",
  "answers-elsewhere",
  "named-elsewhere",
  "listed-elsewhere",
  /** The very resolver answered another source. */
  "resolver-answers-elsewhere",
  "tunnel-carries",
  // Who denied, and why: see denial.ts.
  "stub",
  "stub-refuses",
  "alive-over-tcp",
  "zone-denies",
  "parent-denies",
  "root-denies",
  "nobody-denies",
  "records-beside",
  "resolver-network",
  "resolver-filters",
  "validation",
  "cut-over-tcp",
  // The same host serves at another of its addresses.
  "serves-by-other-family",
  "serves-beside",
  // Whose the address is that DNS gave: see given.ts.
  "by-wildcard",
  "fake-ip",
  /** An address of documents, or of the reserved block. */
  "placeholder",
  "dns64",
  "dns64-like",
  "listed",
  "named",
  /** The user named the host, and DNS, which was not asked for one, may list it under {suffix}. */
  "suffix-unasked",
  "stripped",
  // What the questions beside the question tell: see controls.ts.
  "srv-filtered",
  "zone-lacks",
  "zone-unknown",
  "answers-all",
  /** It is silent for this name, and answers for the root. */
  "others-answered",
  /** An address of 169.254/16, which a host gives itself. */
  "apipa",
  /** A rule of the resolver takes the name out, or makes its answer: a response policy zone, a local zone. */
  "by-rule",
  /** The resolver gives an address that it says itself is an old one. */
  "stale-answer",
  "wildcard",
  "refuses-name",
  "refuses-all",
  "upstreams-dead",
  "only-this-zone",
  /** The domain has an address, and its records stand in the zone above: it may be a host. */
  "suffix-is-host",
  /** What was asked for is an alias of what is denied. */
  "alias",
  /** Nothing was denied: the answer names other servers. */
  "refers",
  /** The resolver lists the record under another name. */
  "published-elsewhere",
  /** TCP was taken and ended without an answer. */
  "ended-over-tcp",
  /** The host's name ends with a zone's name twice. */
  "doubled-zone",
  /** A lone record as dnsmasq makes of an srv-host line without a host. */
  "unfinished-record",
  /** One with port 1, as dnsmasq makes of a line without a port. */
  "unfinished-port",
  // What cut a look short.
  "interrupted",
  "deadline-passed",
  ...HOW_LOOKUPS_FAIL,
  // What this machine's own configuration lacks.
  "suffix-unread",
  // What the system says of a resolver that can't be asked: see srv.ts.
  "asked-refused",
  "asked-unreachable",
  "asked-forbidden",
  "forbidden-here",
  /** A broadcast or multicast address as resolver. */
  "asked-many",
  /** WireGuard says that it has no peer for it. */
  "no-peer",
  /** The link that leads to the resolver has no carrier. */
  "link-down",
] as const;

export type Hint = (typeof HINTS)[number];

export type Conditional = { only?: readonly Hint[]; unless?: readonly Hint[] };

export type Cause = Conditional & { text: string };

export type NextStep = Conditional & { where: Step["where"]; text: string; command?: string };

export type Entry = {
  layer: Layer;
  severity: Severity;
  certainty: Certainty;
  /** Certainty where a hint was seen, the first that matches. */
  certaintyWith?: readonly { hint: Hint; certainty: Certainty }[];
  /** A few words, for a table. */
  title: string;
  observed: string;
  causes: readonly Cause[];
  next: readonly NextStep[];
  /** What a Windows client would log (facts of Microsoft's tables; the mapping is inference). */
  clientError: string | null;
  /** Whether a client would sit out its whole time-out on such a host. */
  clientWaits: boolean;
  /** Our own machine or the user's stop ended it: never blamed on a host. */
  ours: boolean;
};

export const DEFAULTS = { clientError: null, clientWaits: false, ours: false } as const;
