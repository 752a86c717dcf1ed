/** The words for what becomes of a listed host's name. */
import type { VerdictCode } from "../../model/verdict.ts";
import { DEFAULTS, HOW_LOOKUPS_FAIL } from "./entry.ts";
import type { Cause, Entry, NextStep } from "./entry.ts";
import { LOOK_UP, NAME_RESOLVERS, NO_RESOLVER, STUB_DEAD, STUB_RUNS } from "./steps.ts";

/** Windows might add suffixes of its own to such a name; a target is a whole name (RFC 2782). */
const ONE_LABEL: Cause = {
  text: "the record's target is one label alone, {host}: its domain was left out",
  only: ["one-label"],
};

const WHOLE_NAME: NextStep = {
  where: "dns",
  text: "Put the host's fully qualified name into the SRV record",
  only: ["one-label"],
};

export const addressCatalog = {
  "address-none": {
    ...DEFAULTS,
    layer: "address",
    severity: "failed",
    certainty: "certain",
    title: "host has no address",
    observed: "{host} has no address: {detail}.",
    certaintyWith: [
      { hint: "stripped", certainty: "likely" },
      { hint: "nobody-denies", certainty: "likely" },
      { hint: "by-rule", certainty: "likely" },
    ],
    causes: [
      {
        text: "rebind protection takes private addresses out of answers (dnsmasq stop-dns-rebind, unbound private-address, home routers): one family is denied without the zone's word, the other with it",
        only: ["stripped"],
      },
      {
        text: "the zone's name is doubled: the target lacks its final dot in the zone file, and {undoubled} is meant",
        only: ["doubled-zone"],
        unless: ["named"],
      },
      {
        text: "a rule of this resolver takes {host} out, whatever its zone says: a response policy zone (RPZ), a filter, or a local zone",
        only: ["by-rule"],
      },
      ONE_LABEL,
      {
        text: "{host} is an alias, and {alias}, to which it leads, has no address: the alias is old or misspelt",
        only: ["alias"],
      },
      {
        text: "the host was retired and its SRV record stayed behind (dangling)",
        unless: ["named", "named-elsewhere"],
      },
      {
        text: "the resolver takes private addresses out of answers (DNS rebind protection): no zone stands behind its denial",
        only: ["nobody-denies"],
        unless: ["stripped", "by-rule"],
      },
      {
        text: "its A or AAAA record is missing, or in another zone",
        unless: ["named", "named-elsewhere", "doubled-zone", "one-label"],
      },
      {
        text: "the name is misspelt in the record",
        unless: ["named", "named-elsewhere", "doubled-zone", "one-label"],
      },
      { text: "the name is misspelt", only: ["named"] },
      { text: "this resolver has no such record", only: ["named"] },
      { text: "an internal zone of that name hides the public one", only: ["named"] },
      {
        text: "split DNS: what this source is told lacks the host's address, or hides it",
        only: ["named-elsewhere"],
      },
    ],
    next: [
      {
        where: "dns",
        text: "Ask for an exception for the zone at this resolver: rebind-domain-ok=/ZONE/ in dnsmasq, private-domain: ZONE in unbound",
        only: ["stripped"],
      },
      {
        where: "dns",
        text: "Correct the target of the SRV record: {undoubled}, with a final dot where a zone file is written by hand",
        only: ["doubled-zone"],
        unless: ["named", "stripped", "named-elsewhere"],
      },
      WHOLE_NAME,
      {
        where: "here",
        text: "Ask a DNS server of the zone itself (a domain controller), before anything is changed: --resolver",
        only: ["nobody-denies", "by-rule"],
        unless: ["named", "stripped", "named-elsewhere"],
      },
      {
        where: "dns",
        text: "Remove the SRV record of a retired host; add the address of a living one",
        command: LOOK_UP,
        unless: ["named", "stripped", "named-elsewhere", "doubled-zone", "nobody-denies", "by-rule"],
      },
      {
        where: "dns",
        text: "Another source is told an address: see what the resolver of this one says, and bring the zones in line",
        command: LOOK_UP,
        only: ["named-elsewhere"],
      },
      {
        where: "here",
        text: "See what this resolver says, and compare with another: --resolver",
        command: LOOK_UP,
        only: ["named", "stripped", "nobody-denies", "by-rule"],
      },
      { where: "client", text: "See what a client gets", command: "Resolve-DnsName {host}" },
    ],
    clientError: "0x800706BA",
  },
  "address-lookup-failed": {
    ...DEFAULTS,
    layer: "address",
    severity: "inconclusive",
    certainty: "ambiguous",
    title: "address lookup failed",
    observed: "The address of {host} could not be had: {detail}.",
    certaintyWith: [{ hint: "no-resolver", certainty: "certain" }],
    causes: [
      NO_RESOLVER,
      STUB_DEAD,
      ONE_LABEL,
      {
        text: "nothing listens on port {resolverPort} of {resolverAddress}, or a device in front of it rejects (ECONNREFUSED)",
        only: ["resolver-refuses"],
        unless: ["stub", "no-resolver"],
      },
      {
        text: "there is no route to {resolverAddress}, or a router says so; it may be reached only from inside a VPN",
        only: ["resolver-unreachable"],
        unless: ["stub", "no-resolver"],
      },
      {
        text: "port {resolverPort} is filtered on the path or on the resolver, without an answer, or the resolver's machine is off",
        only: ["resolver-silent"],
        unless: ["listed"],
      },
      {
        text: "it is a forwarder whose own upstreams don't answer, or it can't reach the zone's own servers in time",
        only: ["resolver-silent"],
      },
      {
        text: "the resolver can't reach the zone's own servers, or its forwarder (SERVFAIL)",
        only: ["resolver-fails"],
      },
      { text: "DNSSEC validation fails", only: ["resolver-fails"] },
      {
        text: "its policy doesn't let this machine ask it (REFUSED)",
        only: ["resolver-denies"],
        unless: ["listed"],
      },
      { text: "a rule there refuses {refused}, whoever asks", only: ["resolver-denies"] },
      {
        text: "it looks nothing up for others (recursion is off there, or not permitted), and the zone of {refused} is not its own: it names other servers",
        only: ["resolver-refers"],
      },
      {
        text: "it serves only its own zones, and that of {refused} is none of them",
        only: ["resolver-denies"],
      },
      {
        text: "what came over port {resolverPort} of {resolverAddress} is no usable DNS answer: another service, or a device on the path",
        only: ["resolver-garbled"],
      },
      { text: "this machine itself could not ask: no descriptors, ports or buffers left", only: ["unasked"] },
      { text: "no resolver is known here", only: ["no-lookup"], unless: ["no-resolver"] },
      { text: "the resolver doesn't answer for that zone", unless: HOW_LOOKUPS_FAIL },
      {
        text: "the zone's aliases lead to no address, or its own servers can't be reached",
        unless: HOW_LOOKUPS_FAIL,
      },
    ],
    next: [
      NAME_RESOLVERS,
      STUB_RUNS,
      WHOLE_NAME,
      { where: "here", text: "Ask by hand", command: LOOK_UP, unless: ["no-resolver", "stub", "no-lookup"] },
      {
        where: "here",
        text: "Name a resolver with --resolver",
        command: "cat /etc/resolv.conf; resolvectl dns",
        only: ["no-lookup"],
        unless: ["no-resolver"],
      },
    ],
    clientError: "0x800706BA",
  },
  "address-invalid-target": {
    ...DEFAULTS,
    layer: "address",
    severity: "failed",
    certainty: "likely",
    title: "SRV target is no host name",
    observed: "The SRV record's target is no host name.",
    causes: [
      { text: "an IP address was entered as the target: RFC 2782 wants a name with address records" },
      { text: "a typing mistake in the record" },
    ],
    next: [{ where: "dns", text: "Put the host's fully qualified name into the record" }],
    clientError: "0x800706BA",
  },
  "address-null": {
    ...DEFAULTS,
    layer: "address",
    severity: "failed",
    certainty: "certain",
    title: "null address",
    observed: "DNS gives {address} for {host}: {detail}. It was not probed.",
    causes: [
      {
        text: "a filtering resolver blocks the name so (Pi-hole, dnsmasq address=/NAME/#, unbound always_null)",
      },
      { text: "somebody entered 0.0.0.0 or :: for a host that is switched off" },
    ],
    next: [
      {
        where: "dns",
        text: "Permit the name at the filter, or correct the record",
        command: LOOK_UP,
      },
      { where: "client", text: "See what a client gets", command: "Resolve-DnsName {host}" },
    ],
    clientError: "0x800706BA",
  },
  "address-left-out": {
    ...DEFAULTS,
    layer: "address",
    severity: "inconclusive",
    certainty: "certain",
    title: "left out by -4 or -6",
    observed: "What is known of {host} is {detail}, which {flag} leaves out: nothing was sent there.",
    causes: [],
    next: [
      { where: "here", text: "Look at it by its other family, too", command: "kmsprobe check {target}" },
    ],
    ours: true,
  },
  "address-loopback": {
    ...DEFAULTS,
    layer: "address",
    severity: "failed",
    certainty: "certain",
    title: "address of every machine itself",
    observed: "DNS gives {address} for {host}: {detail}. Each client would ask itself. It was not probed.",
    causes: [
      { text: "a DNS server hands out its own hosts file, with the line of the host's own name (127.0.1.1)" },
      { text: "the KMS host registered its loopback address" },
    ],
    next: [
      {
        where: "dns",
        text: "Put the host's address in the network into the record",
        command: LOOK_UP,
      },
      { where: "client", text: "See what a client gets", command: "Resolve-DnsName {host}" },
    ],
    clientError: "0x800706BA",
  },
  "address-no-host": {
    ...DEFAULTS,
    layer: "address",
    severity: "failed",
    certainty: "certain",
    title: "address of no host",
    observed: "DNS gives {address} for {host}: {detail}. It was not probed.",
    causes: [
      { text: "an example or a placeholder was entered as the host's address" },
      { text: "the host registered an address that means something on its own link only" },
    ],
    next: [
      {
        where: "dns",
        text: "Put the host's address in the network into the record",
        command: LOOK_UP,
      },
    ],
    clientError: "0x800706BA",
  },
} as const satisfies Record<Extract<VerdictCode, `address-${string}`>, Entry>;
