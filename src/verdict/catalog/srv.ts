/** The words for what resolvers say to the SRV question. */
import type { VerdictCode } from "../../model/verdict.ts";
import { DEFAULTS } from "./entry.ts";
import type { Cause, Entry, Hint, NextStep } from "./entry.ts";
import { NAME_RESOLVERS, NO_RESOLVER, SOURCE_STEP, SOURCE_UNUSABLE, STUB_DEAD, STUB_RUNS } from "./steps.ts";

const ASK_SRV: NextStep = {
  where: "client",
  text: "Ask on a client what it gets; nslookup alone does not prove that the client finds the record",
  command: "Resolve-DnsName -Type SRV {name}",
};

const CLIENT_SUFFIXES: NextStep = {
  where: "client",
  text: "Compare the client's primary suffix and suffix search list with {domain}",
  command: "ipconfig /all",
};

const RIGHT_ALIAS: NextStep = {
  only: ["alias"],
  unless: ["refers", "listed-elsewhere"],
  where: "dns",
  text: "Correct the alias, or put SRV records in its place",
  command: "dig @{resolverAddress} -p {resolverPort}{bind} {name} CNAME",
};

const LET_IT_ASK: NextStep = {
  only: ["refers"],
  where: "here",
  text: "Ask the resolver that clients use, or a server of the zone itself (a domain controller), with --resolver; or let this one look it up for this machine (recursion)",
};

const REPUBLISH: NextStep = {
  unless: ["refers", "listed-elsewhere", "srv-filtered", "answers-all", "by-rule"],
  where: "kms-host",
  text: "Publishing happens at service start and every 24 h; read events 12293 and 12294, then restart the service",
  command: "Restart-Service sppsvc",
};

const ADD_RECORD: NextStep = {
  unless: ["refers", "listed-elsewhere", "srv-filtered", "answers-all", "zone-unknown", "by-rule"],
  where: "dns",
  text: "Or add the record by hand",
  command:
    "Add-DnsServerResourceRecord -Srv -ZoneName {zone} -Name {node} -DomainName <kms host> -Priority 0 -Weight 0 -Port 1688",
};

const HOST_NAMED: NextStep = {
  only: ["suffix-is-host"],
  where: "here",
  text: "Where {domain} is a host, probe it as one: --domain takes a DNS suffix",
  command: "kmsprobe check {domain} --resolver {resolver}",
};

const ONE_ZONE: NextStep = {
  only: ["listed-elsewhere"],
  where: "dns",
  text: "The records are there, and this answer lacks them: have this resolver forward the zone, or bring its copy in line",
  command: "dig {domain} SOA @{resolverAddress} -p {resolverPort}",
};

const RESOLVER_ORDER: NextStep = {
  only: ["listed-elsewhere"],
  where: "client",
  text: "See which resolvers a client asks, and in which order; NRPT rules of a VPN come first",
  command: "Get-DnsClientServerAddress; Get-DnsClientNrptPolicy",
};

const DIG_SRV: NextStep = {
  where: "here",
  text: "See the resolver's own answer",
  command: "dig @{resolverAddress} -p {resolverPort}{bind} {name} SRV",
};

const FILTERS_SRV: Cause = {
  text: "this resolver carries no SRV records of {domain}, though it answers other questions of it (dnsmasq's filterwin2k on routers, Docker's, a VPN's resolver, a local zone)",
  only: ["srv-filtered"],
};

const ANSWERS_ALL: Cause = {
  text: "this resolver answers every name, even one that nobody has (a captive portal, a wildcard, a proxy with addresses of its own making): what it denies says nothing",
  only: ["answers-all"],
};

const BY_RULE: Cause = {
  text: "a rule of this resolver takes {name} out, whatever its zone says: a response policy zone (RPZ), a filter, or a local zone",
  only: ["by-rule"],
};

const FIND_RULE: NextStep = {
  where: "dns",
  text: "Find the rule that takes the name out at this resolver (its response policy zones, its filter lists, local-zone in unbound), and make an exception",
  command: "dig @{resolverAddress} -p {resolverPort}{bind} {name} SRV",
  only: ["by-rule"],
};

const ASK_ZONE: NextStep = {
  where: "here",
  text: "Ask a DNS server of the zone itself (a domain controller), before anything is changed: --resolver",
  only: ["nobody-denies"],
  unless: ["zone-lacks", "refers"],
};

/** Errnos that nobody says who has no such service. */
const NOT_REFUSED: readonly Hint[] = ["asked-unreachable", "asked-forbidden", "no-peer", "asked-many"];

const MANY_ASKED: Cause = {
  text: "{resolverAddress} is a broadcast or multicast address: no resolver has it alone",
  only: ["asked-many"],
};

const OTHER_RESOLVER: NextStep = {
  where: "here",
  text: "Name the resolver's own address",
  command: "cat /etc/resolv.conf; resolvectl dns",
  only: ["asked-many"],
};

export const srvCatalog = {
  "srv-no-suffix": {
    ...DEFAULTS,
    layer: "srv",
    severity: "failed",
    certainty: "certain",
    title: "no DNS suffix known",
    observed: "This machine has no DNS suffix to look for KMS hosts under (looked at: {detail}).",
    certaintyWith: [{ hint: "suffix-unread", certainty: "likely" }],
    causes: [
      {
        text: "a line that was to name suffixes could not be read: see the findings",
        only: ["suffix-unread"],
      },
      { text: "no search or domain line, and a host name without a domain", unless: ["suffix-unread"] },
    ],
    next: [
      { where: "here", text: "Name the domain to look in", command: "kmsprobe check --domain corp.example" },
      {
        where: "client",
        text: "A Windows client without a suffix sends no DNS query at all: see what it has",
        command: "ipconfig /all",
      },
    ],
    clientError: "0x8007007B",
  },
  "srv-nxdomain": {
    ...DEFAULTS,
    layer: "srv",
    severity: "failed",
    certainty: "certain",
    title: "no such SRV name",
    observed: "{resolver} says NXDOMAIN: {denied} does not exist{errors}.{told}",
    certaintyWith: [
      { hint: "zone-lacks", certainty: "certain" },
      { hint: "nobody-denies", certainty: "likely" },
    ],
    causes: [
      {
        text: "the alias is old or misspelt: {alias}, to which it leads, doesn't exist",
        only: ["alias"],
      },
      { text: "no KMS host publishes under {alias}, to which the alias leads", only: ["alias"] },
      {
        text: "the record was published under another name: {published}",
        only: ["published-elsewhere"],
        unless: ["alias"],
      },
      {
        text: "a public resolver was asked: the denial is the root's, and the internal zone is not known there",
        only: ["root-denies"],
      },
      {
        text: "{domain} has an address, and its records stand in the zone above it: most likely it is a host, and no suffix",
        only: ["suffix-is-host"],
      },
      BY_RULE,
      ANSWERS_ALL,
      FILTERS_SRV,
      {
        text: "this resolver knows no zone {domain}, and nothing of it (a public resolver, a home router, split DNS asked from outside the VPN)",
        only: ["zone-unknown"],
      },
      {
        text: "the resolver answers for {domain} by a rule of its own, or carries no SRV questions (Docker's, a VPN's): no zone stands behind the denial",
        only: ["nobody-denies"],
        unless: ["srv-filtered", "zone-lacks", "zone-unknown", "answers-all", "by-rule"],
      },
      {
        text: "no KMS host publishes into {domain}",
        unless: ["alias", "listed-elsewhere", "srv-filtered", "zone-unknown", "answers-all", "by-rule"],
      },
      {
        text: "the client's zone is another one, and the suffix is wrong",
        unless: ["alias", "listed-elsewhere", "by-rule"],
      },
      {
        text: "this resolver doesn't know the internal zone (a public resolver, or split DNS asked from outside the VPN)",
        unless: ["zone-lacks", "zone-unknown", "published-elsewhere", "by-rule"],
      },
      {
        text: "its copy of the zone is old (a transfer or a replication is late), or it keeps a negative answer",
        only: ["listed-elsewhere"],
      },
    ],
    next: [
      HOST_NAMED,
      ONE_ZONE,
      RESOLVER_ORDER,
      RIGHT_ALIAS,
      FIND_RULE,
      ASK_ZONE,
      REPUBLISH,
      ADD_RECORD,
      CLIENT_SUFFIXES,
      ASK_SRV,
      DIG_SRV,
    ],
    clientError: "0x8007232B",
  },
  "srv-nodata": {
    ...DEFAULTS,
    layer: "srv",
    severity: "failed",
    certainty: "certain",
    title: "name without SRV record",
    observed: "{resolver} {missing}{errors}.{told}",
    certaintyWith: [
      { hint: "refers", certainty: "likely" },
      { hint: "zone-lacks", certainty: "certain" },
      { hint: "nobody-denies", certainty: "likely" },
    ],
    causes: [
      {
        text: "this server looks nothing up for others (recursion is off there, or not permitted to {source}), and the zone is not its own",
        only: ["refers"],
      },
      {
        text: "the delegation is lame: it was named as a server of the zone, and doesn't hold it",
        only: ["refers"],
      },
      {
        text: "the alias leads to a host's name in place of an SRV record, or to a name that has none: {alias}",
        only: ["alias"],
        unless: ["refers", "wildcard"],
      },
      {
        text: "the record was published under another name: {published}",
        only: ["published-elsewhere"],
        unless: ["alias", "refers"],
      },
      BY_RULE,
      ANSWERS_ALL,
      FILTERS_SRV,
      {
        text: "this resolver filters SRV questions (dnsmasq's filterwin2k on routers, Docker's, a VPN's, a local zone of unbound): no zone stands behind the denial",
        only: ["nobody-denies"],
        unless: ["srv-filtered", "zone-lacks", "answers-all", "refers", "by-rule"],
      },
      {
        text: "a wildcard of the zone makes every name there exist: this one has no record of its own, and no KMS host publishes into {domain}",
        only: ["wildcard"],
      },
      {
        text: "the name holds another type, or is an empty node above other names",
        unless: ["srv-filtered", "answers-all", "wildcard", "refers", "alias", "by-rule"],
      },
      {
        text: "the record was deleted or scavenged while something else kept the name",
        unless: ["srv-filtered", "answers-all", "refers", "by-rule"],
      },
      {
        text: "this resolver's copy of the zone is old, or it keeps a negative answer",
        only: ["listed-elsewhere"],
      },
    ],
    next: [
      LET_IT_ASK,
      ONE_ZONE,
      RESOLVER_ORDER,
      RIGHT_ALIAS,
      FIND_RULE,
      ASK_ZONE,
      REPUBLISH,
      ADD_RECORD,
      DIG_SRV,
    ],
    clientError: "0x8007251D",
  },
  "srv-servfail": {
    ...DEFAULTS,
    layer: "srv",
    severity: "failed",
    certainty: "likely",
    title: "resolver fails (SERVFAIL)",
    observed: "{resolver} says SERVFAIL for {denied}{errors}.{told}",
    causes: [
      {
        text: "DNSSEC validation fails at this resolver: the records stand in the answer, beside the error",
        only: ["records-beside"],
      },
      {
        text: "DNSSEC validation fails, as the resolver says itself",
        only: ["validation"],
        unless: ["records-beside"],
      },
      {
        text: "the resolver lives, and reaches none of its upstreams: it fails for the root as well",
        only: ["upstreams-dead"],
        unless: ["records-beside"],
      },
      {
        text: "the resolver can't reach the zone's own servers, or its forwarder",
        unless: ["upstreams-dead"],
      },
      { text: "the zone isn't loaded or has expired on its server" },
      { text: "DNSSEC validation fails", unless: ["records-beside", "validation"] },
      {
        // Measured: PowerDNS Recursor 4.8.8, 60 to 120 s (findings/pdns-recursor-keeps-servfail.sh).
        text: "the resolver still gives an earlier failure, which is over: PowerDNS Recursor does for up to two minutes",
        unless: ["records-beside", "validation"],
      },
    ],
    next: [
      DIG_SRV,
      {
        where: "dns",
        text: "Read the resolver's log, and ask the zone's own servers",
        command: "dig +trace {name} SRV",
      },
    ],
    clientError: "0x8007232A",
  },
  "srv-refused": {
    ...DEFAULTS,
    layer: "srv",
    severity: "failed",
    certainty: "certain",
    title: "resolver refuses to answer",
    observed: "{resolver} says REFUSED for {denied}{errors}.{told}",
    certaintyWith: [
      { hint: "resolver-network", certainty: "likely" },
      { hint: "stub-refuses", certainty: "likely" },
    ],
    causes: [
      {
        text: "the resolver reaches none of its own upstreams, as it says itself: its network is at fault, not a policy",
        only: ["resolver-network"],
      },
      {
        text: "a stub resolver such as systemd-resolved keeps .local and names of one label to itself, and has no server for {domain}, unless that is a domain of a link",
        only: ["stub-refuses"],
        unless: ["resolver-network"],
      },
      {
        text: "a rule refuses names under {domain}, whoever asks: other names are answered",
        only: ["refuses-name"],
        unless: ["resolver-network", "stub-refuses", "alias"],
      },
      {
        text: "its policy doesn't let {source} ask it",
        unless: ["resolver-network", "refuses-name", "alias"],
      },
      {
        text: "it serves only its own zones, and {domain} is none of them",
        unless: ["resolver-network", "refuses-name", "alias"],
      },
      {
        text: "it serves only its own zones and looks nothing up for this machine, and the zone of {alias}, to which the alias leads, is none of them",
        only: ["alias"],
        unless: ["resolver-network", "refuses-name"],
      },
      {
        text: "a rule refuses names under {alias}, whoever asks",
        only: ["alias"],
        unless: ["resolver-network", "stub-refuses", "refuses-all"],
      },
      {
        text: "a rule refuses names under {domain}, whoever asks",
        unless: ["resolver-network", "stub-refuses", "refuses-name", "refuses-all", "alias"],
      },
    ],
    next: [
      {
        where: "here",
        text: "Make {domain} a domain of the link that leads to its servers (or Domains= in resolved.conf), or ask a domain controller with --resolver",
        command: "resolvectl domain LINK {domain}",
        only: ["stub-refuses"],
      },
      {
        where: "dns",
        text: "See whether the resolver has a way to its own upstreams",
        only: ["resolver-network"],
      },
      {
        where: "dns",
        text: "Let this machine ask (allow-query and allow-recursion in BIND, access-control in unbound), or ask the resolver that clients use",
        unless: ["stub-refuses", "resolver-network", "refuses-name", "alias"],
      },
      {
        where: "here",
        text: "Ask the resolver that clients use with --resolver: it follows the alias to {alias}, as this server doesn't",
        only: ["alias"],
        unless: ["stub-refuses", "resolver-network"],
      },
      RIGHT_ALIAS,
      {
        where: "dns",
        text: "Look for the rule that refuses {domain} (local-zone in unbound, a policy or response policy zone), or ask a DNS server of the zone with --resolver",
        only: ["refuses-name"],
        unless: ["stub-refuses", "resolver-network"],
      },
      CLIENT_SUFFIXES,
    ],
    clientError: "0x8007232D",
  },
  "srv-other-rcode": {
    ...DEFAULTS,
    layer: "srv",
    severity: "failed",
    certainty: "likely",
    title: "resolver answers with an error",
    observed: "{resolver} says {rcode} for {denied}.",
    causes: [
      { text: "the resolver doesn't take this question from us" },
      { text: "something between changes the question" },
    ],
    next: [DIG_SRV],
    clientError: "0x8007232A",
  },
  "srv-no-answer": {
    ...DEFAULTS,
    layer: "srv",
    severity: "failed",
    certainty: "ambiguous",
    certaintyWith: [{ hint: "link-down", certainty: "likely" }],
    title: "resolver does not answer",
    observed: "{resolver} did not answer in {seconds} s ({tries}) when asked for {name}.",
    causes: [
      {
        text: "{interface}, the link that leads there, has no carrier or is down (a cable, a VPN's program)",
        only: ["link-down"],
      },
      {
        text: "it is a forwarder or balancer whose own upstreams don't answer (dnsmasq, unbound, dnsdist, BIND): TCP connects to it",
        only: ["alive-over-tcp"],
        unless: ["resolver-answers-elsewhere", "others-answered"],
      },
      {
        text: "it answers for other names: the servers that it asks for {domain} don't answer it (a conditional forwarder, a VPN that is down)",
        only: ["others-answered"],
      },
      {
        text: "it answers for other names: a rule drops questions for this one (a response policy zone, a local zone), or a firewall on the path drops questions of this type",
        only: ["others-answered"],
      },
      MANY_ASKED,
      {
        text: "port {resolverPort} is filtered on the path or on the resolver, without an answer",
        unless: ["alive-over-tcp", "link-down", "asked-many"],
      },
      {
        text: "UDP port {resolverPort} is filtered, while TCP passes",
        only: ["alive-over-tcp"],
        unless: ["others-answered"],
      },
      {
        text: "the resolver's machine is off, or its address belongs to nobody",
        unless: ["alive-over-tcp", "link-down", "resolver-answers-elsewhere", "asked-many"],
      },
      {
        text: "it can be reached only from inside the VPN, and the tunnel is down",
        unless: ["alive-over-tcp", "link-down", "asked-many"],
      },
      {
        text: "it drops questions of this type or from this source",
        unless: ["link-down", "asked-many", "others-answered"],
      },
    ],
    next: [
      {
        where: "here",
        text: "See why nothing is at the other end of {interface}",
        command: "ip -d link show dev {interface}",
        only: ["link-down"],
      },
      {
        where: "here",
        text: "See whether it answers anything",
        command: "dig @{resolverAddress} -p {resolverPort}{bind} . NS +tries=1",
        unless: ["alive-over-tcp", "link-down", "asked-many"],
      },
      {
        where: "here",
        text: "See whether it answers what needs no upstream",
        command: "dig @{resolverAddress} -p {resolverPort}{bind} version.bind CH TXT +tries=1",
        only: ["alive-over-tcp"],
        unless: ["others-answered"],
      },
      {
        where: "dns",
        text: "See at this resolver whom it asks for {domain}, and whether a rule drops the name; or ask a DNS server of the zone with --resolver",
        only: ["others-answered"],
      },
      {
        where: "dns",
        text: "See whether the resolver reaches its own upstreams",
        only: ["alive-over-tcp"],
        unless: ["others-answered"],
      },
      OTHER_RESOLVER,
      {
        where: "firewall",
        unless: ["link-down", "asked-many", "others-answered"],
        text: "Ask for this rule",
        command: "permit udp and tcp from {source} to {resolverAddress} port {resolverPort}",
      },
    ],
    clientError: "0x8007232A",
  },
  "srv-resolver-unreachable": {
    ...DEFAULTS,
    layer: "srv",
    severity: "failed",
    certainty: "likely",
    certaintyWith: [
      { hint: "source-unusable", certainty: "certain" },
      { hint: "no-resolver", certainty: "certain" },
    ],
    title: "resolver unreachable",
    observed: "{resolver} can't be reached: {errno}.",
    causes: [
      SOURCE_UNUSABLE,
      NO_RESOLVER,
      STUB_DEAD,
      {
        text: "{interface}, the link that leads there, has no carrier or is down (a cable, a VPN's program)",
        only: ["link-down"],
      },
      {
        text: "nothing listens on that port there, or a device in front of it rejects (ECONNREFUSED)",
        unless: ["stub", "link-down", "source-unusable", ...NOT_REFUSED],
      },
      MANY_ASKED,
      {
        text: "the tunnel's own end on this machine says that no peer has {resolverAddress} in its AllowedIPs, or that the peer's endpoint is not known yet (WireGuard)",
        only: ["no-peer"],
      },
      {
        text: "no route, or a router says so (ENETUNREACH, EHOSTUNREACH)",
        unless: ["stub", "link-down", "source-unusable", "asked-refused", "asked-forbidden", "no-peer"],
      },
      {
        text: "a firewall on the path or on the resolver rejects with an ICMP message (host-unreachable, administratively prohibited)",
        only: ["asked-unreachable", "asked-forbidden"],
        unless: ["stub", "link-down", "source-unusable", "asked-many", "no-resolver"],
      },
      { text: "a prohibit route of this machine", only: ["asked-forbidden"] },
      {
        text: "this machine's own firewall rejects it",
        only: ["asked-refused", "asked-unreachable", "asked-forbidden"],
        unless: ["stub", "link-down", "source-unusable", "asked-many", "no-resolver"],
      },
      {
        text: "it can be reached only from inside the VPN, and the tunnel is down",
        unless: ["stub", "link-down", "source-unusable", "asked-forbidden", "no-peer"],
      },
    ],
    next: [
      SOURCE_STEP,
      NAME_RESOLVERS,
      STUB_RUNS,
      {
        where: "here",
        text: "See why nothing is at the other end of {interface}",
        command: "ip -d link show dev {interface}",
        only: ["link-down"],
      },
      {
        where: "here",
        text: "See which resolvers this machine uses, and the way to this one",
        command: "ip route get {resolverAddress}",
        unless: ["stub", "link-down"],
      },
      OTHER_RESOLVER,
      {
        where: "here",
        text: "Where the link that leads there is WireGuard's: see whether a peer has {resolverAddress} in its allowed ips, and an endpoint",
        command: "wg show all",
        only: ["no-peer"],
      },
      {
        where: "firewall",
        text: "Ask for this rule",
        command: "permit udp and tcp from {source} to {resolverAddress} port {resolverPort}",
        only: ["asked-unreachable", "asked-forbidden"],
        unless: ["stub", "link-down", "source-unusable", "asked-many", "no-resolver"],
      },
      {
        where: "dns",
        text: "See whether the DNS service runs and listens on that address",
        unless: ["stub", "link-down", ...NOT_REFUSED],
      },
    ],
    clientError: "0x8007232A",
  },
  "srv-malformed": {
    ...DEFAULTS,
    layer: "srv",
    severity: "failed",
    certainty: "likely",
    title: "malformed DNS answer",
    observed: "What {resolver} sent is no DNS answer: {detail}.",
    causes: [
      { text: "no DNS server listens on that port" },
      { text: "a device on the path rewrites DNS and breaks it" },
    ],
    next: [DIG_SRV],
    clientError: "0x8007232A",
  },
  "srv-mismatched": {
    ...DEFAULTS,
    layer: "srv",
    severity: "failed",
    certainty: "likely",
    title: "only foreign DNS answers",
    observed: "Answers came, and none was {resolver}'s answer to our question: {detail}.",
    causes: [
      { text: "the resolver answers from another address than the one asked (several interfaces, NAT)" },
      { text: "a device on the path answers in its place" },
      { text: "somebody tries to slip us a false answer" },
    ],
    next: [
      DIG_SRV,
      { where: "here", text: "Look at what comes", command: "tcpdump -ni any port {resolverPort}" },
    ],
    clientError: "0x8007232A",
  },
  "srv-truncated": {
    ...DEFAULTS,
    layer: "srv",
    severity: "failed",
    certainty: "certain",
    title: "truncated, and DNS over TCP fails",
    observed: "{resolver} truncates its answer for {name} (TC), and over TCP it can't be had: {errno}.",
    causes: [
      {
        text: "TCP port {resolverPort} is filtered or not served, while UDP passes",
        unless: ["cut-over-tcp", "ended-over-tcp"],
      },
      {
        text: "the resolver, or a proxy or firewall in its place, takes TCP connections and ends them without an answer (a limit of clients, an upstream without TCP)",
        only: ["ended-over-tcp"],
      },
      {
        text: "what answers over TCP can't give the whole answer, either (a device in the resolver's place, or a broken server)",
        only: ["cut-over-tcp"],
      },
    ],
    next: [
      {
        where: "firewall",
        text: "Ask for this rule",
        command: "permit tcp from {source} to {resolverAddress} port {resolverPort}",
        unless: ["cut-over-tcp", "ended-over-tcp"],
      },
      {
        where: "here",
        text: "See what answers over TCP",
        command: "dig +tcp @{resolverAddress} -p {resolverPort} {name} SRV",
        only: ["cut-over-tcp", "ended-over-tcp"],
      },
      { where: "dns", text: "Publish fewer hosts: two are enough for most organisations" },
    ],
    clientError: "0x8007232A",
  },
  "srv-local-failure": {
    ...DEFAULTS,
    layer: "srv",
    severity: "inconclusive",
    certainty: "certain",
    title: "this machine could not ask",
    observed: "This machine could not ask {resolver}: {errno}. Nothing was sent.",
    causes: [
      SOURCE_UNUSABLE,
      {
        text: "a rule of this machine's own firewall drops it, or its table of connections (conntrack) is full",
        only: ["forbidden-here"],
        unless: ["source-unusable"],
      },
      {
        text: "no descriptors, ports, buffers or address left here, or a local rule forbids it",
        unless: ["source-unusable", "forbidden-here"],
      },
    ],
    next: [
      SOURCE_STEP,
      {
        where: "here",
        text: "See the local rules, and how full the table is",
        command: "nft list ruleset; sysctl net.netfilter.nf_conntrack_count net.netfilter.nf_conntrack_max",
        only: ["forbidden-here"],
        unless: ["source-unusable"],
      },
      {
        where: "here",
        text: "See the limits of this machine",
        command: "ulimit -n; ip addr",
        unless: ["source-unusable", "forbidden-here"],
      },
    ],
    ours: true,
  },
  "srv-not-offered": {
    ...DEFAULTS,
    layer: "srv",
    severity: "failed",
    certainty: "certain",
    title: "decidedly not offered",
    observed:
      '{resolver} says that KMS is decidedly not offered in {domain}: the one SRV record has Target ".".',
    certaintyWith: [{ hint: "unfinished-record", certainty: "likely" }],
    causes: [
      {
        text: "an unfinished line of dnsmasq: srv-host={name} without a host makes such a record, with port 1 and TTL 0",
        only: ["unfinished-record"],
      },
      { text: "somebody published that on purpose (RFC 2782)" },
    ],
    next: [
      {
        where: "dns",
        text: "Write host and port into the line: srv-host={name},HOST,1688",
        only: ["unfinished-record"],
      },
      {
        where: "dns",
        text: "Replace the record if clients of this zone are to be served",
        command: "dig @{resolverAddress} -p {resolverPort}{bind} {name} SRV",
      },
    ],
    clientError: "0x8007232B",
  },
  "srv-no-records": {
    ...DEFAULTS,
    layer: "srv",
    severity: "failed",
    certainty: "certain",
    title: "no usable SRV record",
    observed: "{resolver} has SRV records for {name}, and none can be used.",
    causes: [{ text: 'port 0, or Target "." beside other records' }],
    next: [DIG_SRV],
    clientError: "0x8007232B",
  },
  "srv-alias-chain": {
    ...DEFAULTS,
    layer: "srv",
    severity: "failed",
    certainty: "likely",
    title: "aliases without an end",
    observed:
      "{resolver} leads from {name} to an alias (CNAME), and from there {detail}: no SRV record was met.",
    causes: [
      { text: "aliases that point at each other" },
      { text: "a chain of aliases longer than resolvers and clients follow" },
    ],
    next: [DIG_SRV, { where: "dns", text: "Publish the SRV record itself under {name}" }],
    clientError: "0x8007232A",
  },
  "srv-resolvers-disagree": {
    ...DEFAULTS,
    layer: "srv",
    severity: "degraded",
    certainty: "certain",
    title: "resolvers disagree",
    observed: "The resolvers disagree about {name}: {detail}.",
    causes: [
      { text: "split DNS: one of them doesn't know the internal zone" },
      { text: "a zone transfer is late, or replication between domain controllers is broken" },
      { text: "a cache holds an older answer" },
    ],
    next: [
      {
        where: "client",
        text: "See which resolvers a client asks, and in which order; NRPT rules of a VPN come first",
        command: "Get-DnsClientServerAddress; Get-DnsClientNrptPolicy",
      },
      {
        where: "dns",
        text: "Compare the zone's serial at each server",
        command: "dig {domain} SOA @{resolverAddress} -p {resolverPort}",
      },
    ],
  },
} as const satisfies Record<Extract<VerdictCode, `srv-${string}`>, Entry>;
