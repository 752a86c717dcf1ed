/**
 * Every verdict in words: what was observed, every cause that fits, what to do next. A table, so that neither a code
 * without words nor words without a code can exist. `{placeholders}` are filled by words.ts.
 *
 * A hint is something in the evidence that narrows the causes. A line with `only` is kept where one of its hints was
 * seen; a line with `unless` is dropped where one of its hints was seen.
 */
import type { Certainty, Layer, Severity, Step, VerdictCode } from "../model.ts";

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
  "control-rejected",
  "control-unanswered",
  // What another look of the same run saw (elsewhere.ts).
  "serves-elsewhere",
  "listens-elsewhere",
  "answers-elsewhere",
  "named-elsewhere",
  "listed-elsewhere",
  "tunnel-carries",
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

const DEFAULTS = { clientError: null, clientWaits: false, ours: false } as const;

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
const REPUBLISH: NextStep = {
  unless: ["listed-elsewhere"],
  where: "kms-host",
  text: "Publishing happens at service start and every 24 h; read events 12293 and 12294, then restart the service",
  command: "Restart-Service sppsvc",
};
const ADD_RECORD: NextStep = {
  unless: ["listed-elsewhere"],
  where: "dns",
  text: "Or add the record by hand",
  command:
    "Add-DnsServerResourceRecord -Srv -ZoneName {domain} -Name _vlmcs._tcp -DomainName <kms host> -Priority 0 -Weight 0 -Port 1688",
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
  command: "dig @{resolverAddress} -p {resolverPort} {name} SRV",
};
const PERMIT: NextStep = {
  where: "firewall",
  text: "Ask for this rule on every firewall of the path and on the host, with the answers allowed back",
  command: "permit tcp from {source} to {address} port {port}",
};
/** Not for a host that others are served by: it listens, it runs and is licensed. */
const HOST_LISTENS: NextStep = {
  unless: ["serves-elsewhere", "listens-elsewhere"],
  where: "kms-host",
  text: "See whether the service listens",
  command: "netstat -ano | findstr :{port}",
};
const HOST_RULE: NextStep = {
  unless: ["serves-elsewhere", "listens-elsewhere"],
  where: "kms-host",
  text: "See whether the host's firewall lets it in: the KMS rule exists, and is off by default",
  command: "Get-NetFirewallPortFilter | ? LocalPort -eq {port} | Get-NetFirewallRule",
};
const HOST_SERVICE: NextStep = {
  unless: ["serves-elsewhere"],
  where: "kms-host",
  text: "See whether this machine is a KMS host at all, and licensed",
  command: "slmgr.vbs /dlv",
};
const HOST_RUNS: NextStep = {
  unless: ["serves-elsewhere"],
  where: "kms-host",
  text: "See whether the service runs: Software Protection",
  command: "sc.exe query sppsvc",
};
/** A host that lets some in and not others: by the remote addresses of its own rule. */
const HOST_SCOPE: NextStep = {
  only: ["serves-elsewhere", "listens-elsewhere"],
  where: "kms-host",
  text: "If no firewall on the way stops it: see whether the host's own rule is limited to certain remote addresses",
  command:
    "Get-NetFirewallPortFilter | ? LocalPort -eq {port} | Get-NetFirewallRule | Get-NetFirewallAddressFilter",
};
const FROM_CLIENT: NextStep = {
  where: "client",
  text: "Try from a client's own subnet: a rule may permit clients and not this machine",
  command: "Test-NetConnection {address} -Port {port}",
};
const ROUTE_HERE: NextStep = {
  where: "here",
  text: "See which way this machine takes",
  command: "ip route get {address}",
};
const WHO_ANSWERS: NextStep = {
  only: ["serves-elsewhere"],
  where: "here",
  text: "See which way packets take from this source, and compare with the source that is served: networks may overlap",
  command: "ip route get {address} from {source}",
};
const FORWARDER_HERE: NextStep = {
  where: "here",
  text: "See which program of this machine takes these connections, then probe without it, or from beyond it",
  command: "ss -Hltnp sport = :{takenHere}",
  only: ["taken-here"],
};
const BALANCER: NextStep = {
  where: "firewall",
  text: "Ask whoever runs the load balancer or forwarder at {address} what it says of its backend: its state, its log at this moment, and whether it puts a PROXY header or TLS in front",
  unless: ["loopback", "taken-here"],
};
/** Causes that go before all others wherever a connection was made and came to nothing. */
const ACCEPTS_FOR_ALL: readonly Cause[] = [
  {
    text: "a program on this machine takes the connection in the host's name (sshuttle, redsocks, a transparent or preloaded proxy), and beyond it the host refuses, is filtered or isn't there",
    only: ["taken-here"],
  },
  {
    text: "something on the way accepts for every port (a forwarder, a transparent proxy, a SYN proxy, a load balancer), and beyond it the host refuses, is filtered or isn't there",
    only: ["every-port"],
    unless: ["taken-here", "loopback"],
  },
  { text: "it ended after {ended} s, about as long as {limit}", only: ["known-limit"] },
];
const PATH_PROTECTS: NextStep = {
  where: "firewall",
  unless: ["loopback", "taken-here"],
  text: "Take RPC inspection (ALG, session helper, IPS) off this rule, then probe again",
  command: "permit tcp from {source} to {address} port {port}, without application inspection",
};

export const catalog = {
  // ------------------------------------------------------------------------------------------------ srv
  "srv-no-suffix": {
    ...DEFAULTS,
    layer: "srv",
    severity: "failed",
    certainty: "certain",
    title: "no DNS suffix known",
    observed: "This machine has no DNS suffix to look for KMS hosts under (looked at: {detail}).",
    causes: [{ text: "no search or domain line, and a host name without a domain" }],
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
    observed: "{resolver} says NXDOMAIN: {denied} does not exist.",
    causes: [
      { text: "no KMS host publishes into {domain}", unless: ["listed-elsewhere"] },
      { text: "the client's zone is another one, and the suffix is wrong", unless: ["listed-elsewhere"] },
      {
        text: "this resolver doesn't know the internal zone (a public resolver, or split DNS asked from outside the VPN)",
      },
      {
        text: "its copy of the zone is old (a transfer or a replication is late), or it keeps a negative answer",
        only: ["listed-elsewhere"],
      },
    ],
    next: [ONE_ZONE, RESOLVER_ORDER, REPUBLISH, ADD_RECORD, CLIENT_SUFFIXES, ASK_SRV, DIG_SRV],
    clientError: "0x8007232B",
  },
  "srv-nodata": {
    ...DEFAULTS,
    layer: "srv",
    severity: "failed",
    certainty: "certain",
    title: "name without SRV record",
    observed: "{resolver} says that {denied} exists and has no SRV record (NODATA).",
    causes: [
      { text: "the name holds another type, or is an empty node above other names" },
      { text: "the record was deleted or scavenged while something else kept the name" },
      {
        text: "this resolver's copy of the zone is old, or it keeps a negative answer",
        only: ["listed-elsewhere"],
      },
    ],
    next: [ONE_ZONE, RESOLVER_ORDER, REPUBLISH, ADD_RECORD, DIG_SRV],
    clientError: "0x8007251D",
  },
  "srv-servfail": {
    ...DEFAULTS,
    layer: "srv",
    severity: "failed",
    certainty: "likely",
    title: "resolver fails (SERVFAIL)",
    observed: "{resolver} says SERVFAIL for {denied}.",
    causes: [
      { text: "the resolver can't reach the zone's own servers, or its forwarder" },
      { text: "the zone isn't loaded or has expired on its server" },
      { text: "DNSSEC validation fails" },
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
    observed: "{resolver} says REFUSED for {denied}.",
    causes: [
      { text: "its policy doesn't let {source} ask it" },
      { text: "it serves only its own zones, and {domain} is none of them" },
    ],
    next: [
      {
        where: "dns",
        text: "Let this source ask, or ask the resolver that clients use",
        command: "allow-query { {source}; };",
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
    title: "resolver does not answer",
    observed: "{resolver} did not answer in {seconds} s ({tries} tries) when asked for {name}.",
    causes: [
      { text: "port 53 is filtered on the path or on the resolver, without an answer" },
      { text: "the resolver's machine is off, or its address belongs to nobody" },
      { text: "it can be reached only from inside the VPN, and the tunnel is down" },
      { text: "it drops questions of this type or from this source" },
    ],
    next: [
      {
        where: "here",
        text: "See whether it answers anything",
        command: "dig @{resolverAddress} -p {resolverPort} . NS +tries=1",
      },
      {
        where: "firewall",
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
    title: "resolver unreachable",
    observed: "{resolver} can't be reached: {errno}.",
    causes: [
      { text: "nothing listens on that port there, or a device in front of it rejects (ECONNREFUSED)" },
      { text: "no route, or a router says so (ENETUNREACH, EHOSTUNREACH)" },
      { text: "it can be reached only from inside the VPN, and the tunnel is down" },
    ],
    next: [
      {
        where: "here",
        text: "See which resolvers this machine uses, and the way to this one",
        command: "ip route get {resolverAddress}",
      },
      { where: "dns", text: "See whether the DNS service runs and listens on that address" },
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
    causes: [{ text: "TCP port 53 is filtered or not served, while UDP passes" }],
    next: [
      {
        where: "firewall",
        text: "Ask for this rule",
        command: "permit tcp from {source} to {resolverAddress} port {resolverPort}",
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
    causes: [{ text: "no descriptors, ports, buffers or address left here, or a local rule forbids it" }],
    next: [{ where: "here", text: "See the limits of this machine", command: "ulimit -n; ip addr" }],
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
    causes: [{ text: "somebody published that on purpose (RFC 2782)" }],
    next: [
      {
        where: "dns",
        text: "Replace the record if clients of this zone are to be served",
        command: "dig @{resolverAddress} -p {resolverPort} {name} SRV",
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
  // -------------------------------------------------------------------------------------------- address
  "address-none": {
    ...DEFAULTS,
    layer: "address",
    severity: "failed",
    certainty: "certain",
    title: "host has no address",
    observed: "{host} has no address: {detail}.",
    causes: [
      {
        text: "the host was retired and its SRV record stayed behind (dangling)",
        unless: ["named-elsewhere"],
      },
      { text: "its A or AAAA record is missing, or in another zone", unless: ["named-elsewhere"] },
      {
        text: "the name is misspelt in the record, or the zone name is doubled",
        unless: ["named-elsewhere"],
      },
      {
        text: "split DNS: what this source is told lacks the host's address, or hides it",
        only: ["named-elsewhere"],
      },
    ],
    next: [
      {
        where: "dns",
        text: "Remove the SRV record of a retired host; add the address of a living one",
        command: "dig {host} A; dig {host} AAAA",
        unless: ["named-elsewhere"],
      },
      {
        where: "dns",
        text: "Another source is told an address: see what the resolver of this one says, and bring the zones in line",
        command: "dig {host} A; dig {host} AAAA",
        only: ["named-elsewhere"],
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
    causes: [
      { text: "the resolver doesn't answer for that zone" },
      { text: "the zone's own servers can't be reached" },
      { text: "no resolver is known here" },
    ],
    next: [{ where: "here", text: "Ask by hand", command: "dig {host} A" }],
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
  // ------------------------------------------------------------------------------------------------ tcp
  "tcp-no-answer": {
    ...DEFAULTS,
    layer: "tcp",
    severity: "failed",
    certainty: "ambiguous",
    title: "no answer",
    observed: "{address} port {port} did not answer {tries} connects of {seconds} s each.",
    causes: [
      {
        text: "the tunnel is up here and leads nowhere (its other end is gone or filtered, or doesn't take that network)",
        only: ["via-tunnel"],
        unless: ["tunnel-carries"],
      },
      { text: "filtered on the path, without an answer" },
      { text: "filtered on the host, without an answer" },
      {
        text: "nobody listens, and Windows Firewall's stealth mode hides that",
        unless: ["listens-elsewhere", "answers-elsewhere"],
      },
      { text: "the host is off or its address belongs to nobody", unless: ["answers-elsewhere"] },
      { text: "the answer finds no way back (routing, VPN without a return route)" },
      {
        text: "the host is overloaded: its queue of new connections is full",
        unless: ["listens-elsewhere", "answers-elsewhere"],
      },
      { text: "this machine's own firewall drops it" },
    ],
    next: [PERMIT, HOST_LISTENS, HOST_RULE, HOST_SCOPE, FROM_CLIENT],
    clientError: "0x800706BA",
    clientWaits: true,
  },
  "tcp-refused": {
    ...DEFAULTS,
    layer: "tcp",
    severity: "failed",
    certainty: "ambiguous",
    title: "refused",
    observed: "{address} port {port} refused the connection after {ms} ms ({errno}).",
    causes: [
      {
        text: "the host is there and nothing listens on that port (service stopped, other port)",
        unless: ["listens-elsewhere"],
      },
      {
        text: "a firewall on the path or on the host rejects with a TCP reset or an ICMP port-unreachable, in the host's name",
      },
      { text: "the address now belongs to another machine", unless: ["serves-elsewhere"] },
      {
        text: "on the way from this source the address is another machine's (overlapping networks, NAT)",
        only: ["serves-elsewhere"],
      },
      { text: "this machine's own firewall rejects it" },
    ],
    next: [HOST_LISTENS, HOST_RUNS, HOST_SERVICE, PERMIT, HOST_SCOPE, WHO_ANSWERS],
    clientError: "0x800706BA",
  },
  "tcp-reset": {
    ...DEFAULTS,
    layer: "tcp",
    severity: "failed",
    certainty: "ambiguous",
    title: "reset at once",
    observed: "{address} port {port} takes the connection and resets it before anything is said ({errno}).",
    causes: [
      ...ACCEPTS_FOR_ALL,
      {
        text: "a SYN proxy or load balancer answered for a server that refuses",
        unless: ["every-port", "taken-here", "loopback"],
      },
      { text: "the service closes with a reset as soon as it accepts (access list, too busy)" },
    ],
    next: [FORWARDER_HERE, HOST_LISTENS, BALANCER, PATH_PROTECTS, HOST_SCOPE],
    clientError: "0x800706BA",
  },
  "tcp-host-unreachable": {
    ...DEFAULTS,
    layer: "tcp",
    severity: "failed",
    certainty: "ambiguous",
    certaintyWith: [{ hint: "no-local-route", certainty: "certain" }],
    title: "host unreachable",
    observed: "{address} is unreachable, said after {ms} ms ({errno}).",
    causes: [
      { text: "an unreachable route on this machine", only: ["no-local-route"] },
      {
        text: "a firewall rejects with ICMP host-unreachable or administratively prohibited",
        unless: ["no-local-route"],
      },
      {
        text: "the last router says that the host doesn't answer, or packets go in a circle",
        unless: ["no-local-route", "answers-elsewhere"],
      },
      {
        text: "on this way the last router doesn't find the host (another subnet, another VLAN), or packets go in a circle",
        only: ["answers-elsewhere"],
      },
      { text: "this machine's own firewall rejects it", unless: ["no-local-route"] },
    ],
    next: [{ ...ROUTE_HERE }, { ...PERMIT, unless: ["no-local-route"] }],
    clientError: "0x800706BA",
  },
  "tcp-neighbour-silent": {
    ...DEFAULTS,
    layer: "tcp",
    severity: "failed",
    certainty: "likely",
    title: "nobody has that address",
    observed:
      "{address} is unreachable, said after {seconds} s ({errno}): as long as an unanswered ARP or neighbour query takes.",
    causes: [
      {
        text: "on the same subnet: no machine there has this address (off, moved, wrong VLAN)",
        unless: ["answers-elsewhere"],
      },
      {
        text: "behind a router: no machine on the last subnet has it, says the last router",
        unless: ["answers-elsewhere"],
      },
      { text: "this machine's gateway doesn't answer" },
      {
        text: "this source looks for it in the wrong place: another VLAN, or a route that takes a subnet for its own",
        only: ["answers-elsewhere"],
      },
    ],
    next: [
      ROUTE_HERE,
      { where: "here", text: "See whether the neighbour answers", command: "ip neigh" },
      HOST_LISTENS,
    ],
    clientError: "0x800706BA",
  },
  "tcp-net-unreachable": {
    ...DEFAULTS,
    layer: "tcp",
    severity: "failed",
    certainty: "ambiguous",
    certaintyWith: [{ hint: "no-local-route", certainty: "certain" }],
    title: "network unreachable",
    observed: "The network of {address} is unreachable ({errno}).",
    causes: [
      {
        text: "this machine has no route there (VPN down, or its route was not pushed)",
        only: ["no-local-route"],
      },
      { text: "a router on the path has no route there", unless: ["no-local-route"] },
      {
        text: "this machine sends it the wrong way: a VPN is down, or its route was not pushed",
        unless: ["no-local-route", "via-tunnel"],
      },
      { text: "a firewall rejects with ICMP net-unreachable or net-prohibited", unless: ["no-local-route"] },
    ],
    next: [
      ROUTE_HERE,
      {
        where: "client",
        text: "In a VPN session: see whether a route into that network was pushed",
        command: "Find-NetRoute -RemoteIPAddress {address}",
      },
    ],
    clientError: "0x800706BA",
  },
  "tcp-not-permitted": {
    ...DEFAULTS,
    layer: "tcp",
    severity: "failed",
    certainty: "ambiguous",
    certaintyWith: [{ hint: "no-local-route", certainty: "certain" }],
    title: "not permitted",
    observed: "The connection to {address} is not permitted ({errno}).",
    causes: [
      { text: "a prohibit route, or a security policy of this machine", only: ["no-local-route"] },
      { text: "a local security policy (seccomp, SELinux, endpoint protection)", unless: ["no-local-route"] },
      {
        text: "over IPv6: a firewall on the path rejects as administratively prohibited",
        unless: ["no-local-route"],
      },
    ],
    next: [
      ROUTE_HERE,
      { where: "here", text: "See the local rules", command: "nft list ruleset; ip rule" },
      { ...PERMIT, unless: ["no-local-route"] },
    ],
    clientError: "0x800706BA",
  },
  "tcp-blackhole-route": {
    ...DEFAULTS,
    layer: "tcp",
    severity: "failed",
    certainty: "certain",
    title: "blackhole route here",
    observed: "This machine's own routing table throws packets to {address} away ({errno}).",
    causes: [{ text: "a blackhole route on this machine" }],
    next: [
      ROUTE_HERE,
      { where: "here", text: "Find the route", command: "ip route show table all type blackhole" },
    ],
  },
  "tcp-no-local-address": {
    ...DEFAULTS,
    layer: "tcp",
    severity: "inconclusive",
    certainty: "certain",
    title: "no address of that family here",
    observed: "This machine has no address of the family of {address} ({errno}), so nothing was sent.",
    causes: [{ text: "IPv6 (or IPv4) is switched off or not configured here" }],
    next: [{ where: "here", text: "Probe from a machine that has both families", command: "ip addr" }],
    ours: true,
  },
  "tcp-local-resources": {
    ...DEFAULTS,
    layer: "tcp",
    severity: "inconclusive",
    certainty: "certain",
    title: "this machine ran out",
    observed:
      "This machine could not open the connection ({errno}); nothing was sent, and the host is not to blame.",
    causes: [{ text: "no descriptors, ephemeral ports or buffers left here" }],
    next: [{ where: "here", text: "See the limits, and what holds them", command: "ulimit -n; ss -s" }],
    ours: true,
  },
  "tcp-other-error": {
    ...DEFAULTS,
    layer: "tcp",
    severity: "failed",
    certainty: "ambiguous",
    title: "connection error",
    observed: "The connection to {address} port {port} failed ({errno}).",
    causes: [
      { text: "an ICMP error from the path (protocol unreachable, and rarer ones)" },
      { text: "an error of this machine's network stack" },
    ],
    next: [PERMIT, ROUTE_HERE],
    clientError: "0x800706BA",
  },
  // ------------------------------------------------------------------------------------------------ rpc
  "rpc-no-answer": {
    ...DEFAULTS,
    layer: "rpc",
    severity: "failed",
    certainty: "ambiguous",
    certaintyWith: [
      { hint: "unacknowledged", certainty: "likely" },
      { hint: "zero-window", certainty: "likely" },
    ],
    title: "connects, RPC silent",
    observed:
      "{address} port {port} accepts the connection and does not answer the bind within {seconds} s{detail}; {again}.",
    causes: [
      ...ACCEPTS_FOR_ALL,
      {
        text: "the bind was lost on the way: a device drops data after the handshake (inspection, payload filter, asymmetric path)",
        unless: ["acknowledged", "zero-window", "loopback", "taken-here"],
      },
      {
        text: "a path that loses larger packets and hides it (MTU, ICMP filtered)",
        only: ["unacknowledged"],
      },
      {
        text: "a SYN proxy or load balancer accepts for a server that doesn't answer",
        unless: ["acknowledged", "unacknowledged"],
      },
      {
        text: "the service hangs or is overloaded",
        unless: ["unacknowledged", "zero-window", "serves-elsewhere"],
      },
      {
        text: "a proxy holds the connection and its backend is dead",
        unless: ["unacknowledged", "zero-window"],
      },
      {
        text: "a load balancer puts a PROXY header in front of the bind, and the service waits for what that would announce",
        unless: ["unacknowledged", "zero-window"],
      },
      {
        text: "the answer is lost on the way back",
        unless: ["unacknowledged", "zero-window", "loopback", "taken-here"],
      },
      {
        text: "another service listens, which waits for its own language",
        unless: ["unacknowledged", "zero-window", "serves-elsewhere"],
      },
    ],
    next: [
      FORWARDER_HERE,
      { ...PATH_PROTECTS, unless: ["acknowledged", "zero-window", "loopback", "taken-here"] },
      {
        only: ["serves-elsewhere"],
        where: "firewall",
        text: "See that the host's answers to this source pass on the way back, and that no proxy answers in its place",
        command: "permit tcp from {address} port {port} to {source}, established",
      },
      { ...BALANCER, unless: ["unacknowledged", "loopback", "taken-here"] },
      HOST_RUNS,
      {
        where: "kms-host",
        text: "Restart the service if it hangs",
        command: "Restart-Service sppsvc",
        unless: ["serves-elsewhere"],
      },
    ],
    clientError: "0x800706BA",
    clientWaits: true,
  },
  "rpc-closed": {
    ...DEFAULTS,
    layer: "rpc",
    severity: "failed",
    certainty: "ambiguous",
    title: "connects, then closes",
    observed: "{address} port {port} accepts the connection and closes it {moment}; {again}.",
    causes: [
      ...ACCEPTS_FOR_ALL,
      { text: "a load balancer or forwarder whose backend is dead", only: ["unprompted"] },
      {
        text: "another service listens there: a TLS server, for one, says nothing else",
        unless: ["unprompted", "serves-elsewhere"],
      },
      { text: "a load balancer whose backend is dead", unless: ["unprompted"] },
      {
        text: "an RPC server that doesn't know the KMS interface and says so by closing",
        unless: ["unprompted", "serves-elsewhere"],
      },
      { text: "an access list that closes on this source" },
      { text: "another service listens there, which takes nobody at the moment", only: ["unprompted"] },
      {
        text: "a forwarder wraps what it passes in TLS or puts a PROXY header in front, and the host knows neither; or the listener expects such a header",
      },
    ],
    next: [
      FORWARDER_HERE,
      { ...PATH_PROTECTS, only: ["serves-elsewhere"] },
      HOST_LISTENS,
      { ...BALANCER, only: ["unprompted"] },
      HOST_SERVICE,
      HOST_SCOPE,
      {
        where: "here",
        text: "See whether it speaks TLS",
        command: "openssl s_client -connect {address}:{port}",
        unless: ["serves-elsewhere", "unprompted"],
      },
      { ...BALANCER, unless: ["unprompted", "loopback", "taken-here"] },
    ],
    clientError: "0x800706BA",
  },
  "rpc-reset": {
    ...DEFAULTS,
    layer: "rpc",
    severity: "failed",
    certainty: "ambiguous",
    title: "connects, then resets",
    observed: "{address} port {port} accepts the connection and resets it when a bind comes; {again}.",
    causes: [
      ...ACCEPTS_FOR_ALL,
      {
        text: "a device on the path reads RPC and resets what it doesn't permit",
        unless: ["loopback", "taken-here"],
      },
      {
        text: "another service listens there, which resets on bytes it doesn't know",
        unless: ["serves-elsewhere"],
      },
      { text: "the service resets as soon as it accepts (access list, too busy)" },
      { text: "a proxy whose backend is dead" },
      {
        text: "a forwarder wraps what it passes in TLS or puts a PROXY header in front, and the host knows neither; or the listener expects such a header",
      },
    ],
    next: [FORWARDER_HERE, PATH_PROTECTS, BALANCER, HOST_LISTENS, HOST_SERVICE],
    clientError: "0x800706BE",
  },
  "rpc-not-dcerpc": {
    ...DEFAULTS,
    layer: "rpc",
    severity: "failed",
    certainty: "certain",
    title: "other service",
    observed: "What answers at {address} port {port} speaks no DCE/RPC: {detail}.",
    causes: [
      {
        text: "the SRV record or a port forwarding points at another service",
        unless: ["serves-elsewhere"],
      },
      { text: "a proxy or captive portal answers in the host's place" },
      {
        text: "on the way from this source the address is another machine's (overlapping networks, NAT)",
        only: ["serves-elsewhere"],
      },
    ],
    next: [
      HOST_LISTENS,
      WHO_ANSWERS,
      {
        where: "dns",
        text: "Correct the port or the target in the SRV record",
        unless: ["serves-elsewhere"],
      },
    ],
    clientError: "0x800706C0",
  },
  "rpc-malformed": {
    ...DEFAULTS,
    layer: "rpc",
    severity: "failed",
    certainty: "likely",
    title: "garbled RPC answer",
    observed:
      "The answer of {address} port {port} begins like DCE/RPC and is none that can answer a bind: {detail}.",
    causes: [
      { text: "a broken or half-built imitation of RPC", unless: ["serves-elsewhere"] },
      { text: "a device on the path changes or cuts the answer" },
    ],
    next: [HOST_SERVICE, PATH_PROTECTS],
    clientError: "0x800706C0",
  },
  "rpc-bind-nak": {
    ...DEFAULTS,
    layer: "rpc",
    severity: "failed",
    certainty: "likely",
    title: "bind refused",
    observed: "{address} port {port} answers the bind with {detail}.",
    causes: [
      { text: "the RPC service is out of resources or too busy (reasons 1 and 2)" },
      { text: "the service wants another protocol version or authentication (reasons 4, 8 and 9)" },
    ],
    next: [
      HOST_SERVICE,
      {
        where: "kms-host",
        text: "Restart the service if it is out of resources",
        command: "Restart-Service sppsvc",
      },
    ],
    clientError: "0x800706BB",
  },
  "rpc-fault": {
    ...DEFAULTS,
    layer: "rpc",
    severity: "failed",
    certainty: "likely",
    title: "bind met a fault",
    observed: "{address} port {port} answers the bind with a fault: {detail}.",
    causes: [
      { text: "a policy forbids anonymous RPC (status 5)" },
      { text: "the service is too busy (0x1c010014)" },
      { text: "an RPC server that faults on what it doesn't know" },
    ],
    next: [HOST_SERVICE, WHO_ANSWERS],
    clientError: "0x800706BE",
  },
  "rpc-interface-unknown": {
    ...DEFAULTS,
    layer: "rpc",
    severity: "failed",
    certainty: "certain",
    title: "RPC, no KMS interface",
    observed: "An RPC server answers at {address} port {port}, and it doesn't know the KMS interface.",
    causes: [
      { text: "another RPC service has the port", unless: ["serves-elsewhere"] },
      {
        text: "the KMS service isn't enabled on that machine (no host key installed)",
        unless: ["serves-elsewhere"],
      },
      {
        text: "what answers this source is another machine than what serves the other (overlapping networks, NAT, one backend of several)",
        only: ["serves-elsewhere"],
      },
    ],
    next: [HOST_SERVICE, HOST_LISTENS, WHO_ANSWERS],
    clientError: "0x800706B5",
  },
  "rpc-syntax-refused": {
    ...DEFAULTS,
    layer: "rpc",
    severity: "failed",
    certainty: "certain",
    title: "transfer syntax refused",
    observed:
      "The RPC server at {address} port {port} refuses the interface's transfer syntaxes (NDR32 and NDR64).",
    causes: [
      { text: "an imitation of the service that speaks neither", unless: ["serves-elsewhere"] },
      { text: "a device on the path changes what is offered" },
    ],
    next: [HOST_SERVICE, PATH_PROTECTS],
    clientError: "0x800706B5",
  },
  "rpc-accepts-anything": {
    ...DEFAULTS,
    layer: "rpc",
    severity: "inconclusive",
    certainty: "certain",
    title: "accepts any interface",
    observed:
      "{address} port {port} accepts the KMS interface, and accepts an interface that doesn't exist as well: its yes proves nothing.",
    causes: [
      { text: "an imitation that looks at no interface id" },
      { text: "a device that answers every bind" },
    ],
    next: [
      {
        where: "kms-host",
        text: "Find out what runs there, and whether it is permitted",
        command: "netstat -abno | findstr :{port}",
      },
    ],
  },
  "rpc-plain-bind-only": {
    ...DEFAULTS,
    layer: "rpc",
    severity: "failed",
    certainty: "likely",
    title: "only plain bind passes",
    observed:
      "{address} port {port} accepts a plain bind and not the bind that a Windows client sends, which offers three contexts: a client would not be served.",
    causes: [
      { text: "a device on the path reads RPC and dislikes several transfer syntaxes" },
      { text: "the path loses larger packets: 160 bytes of payload against 72" },
      { text: "the first connection was lost to something passing: probe again" },
    ],
    next: [
      PATH_PROTECTS,
      { where: "here", text: "See whether it stays so", command: "kmsprobe check {target} --retries 3" },
    ],
    clientError: "0x800706BA",
    clientWaits: true,
  },
  "rpc-serves": {
    ...DEFAULTS,
    layer: "rpc",
    severity: "ok",
    certainty: "certain",
    certaintyWith: [{ hint: "control-unanswered", certainty: "likely" }],
    title: "serves",
    observed: "{detail}",
    causes: [],
    next: [],
  },
  // ----------------------------------------------------------------------------------------- aggregates
  "endpoint-partly-serves": {
    ...DEFAULTS,
    layer: "endpoint",
    severity: "degraded",
    certainty: "certain",
    title: "serves, not at every address",
    observed: "{host} port {port} serves at some of its addresses: {detail}.",
    causes: [
      { text: "the service listens on one family only, or one address is stale" },
      { text: "the path treats IPv4 and IPv6 differently" },
    ],
    next: [
      {
        where: "dns",
        text: "See the verdict of the address that doesn't serve: a client may take it first, and the service is to listen on each address in DNS",
        command: "dig {host} A; dig {host} AAAA",
      },
    ],
  },
  "domain-partly-serves": {
    ...DEFAULTS,
    layer: "domain",
    severity: "degraded",
    certainty: "certain",
    title: "some listed hosts serve",
    observed: "{detail}",
    causes: [],
    next: [],
  },
  "run-partly-serves": {
    ...DEFAULTS,
    layer: "run",
    severity: "degraded",
    certainty: "certain",
    title: "some hosts serve",
    observed: "{detail}",
    causes: [],
    next: [],
  },
  "run-cut-short": {
    ...DEFAULTS,
    layer: "run",
    severity: "inconclusive",
    certainty: "certain",
    title: "not finished",
    observed: "Not finished: {detail}.",
    causes: [{ text: "the run was interrupted, or the deadline for one address passed" }],
    next: [
      {
        where: "here",
        text: "Run it again, with more patience where the deadline cut it",
        command: "kmsprobe check {target} --deadline 2m",
      },
    ],
    ours: true,
  },
} as const satisfies Record<VerdictCode, Entry>;

/** The same table, with the type that a lookup by any code has. */
/** A report or a baseline of a newer version may have codes that this one doesn't know. */
export function isVerdictCode(code: string): code is VerdictCode {
  return Object.hasOwn(catalog, code);
}

export function entryOf(code: VerdictCode): Entry {
  return catalog[code];
}
