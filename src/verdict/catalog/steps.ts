/** Steps that verdicts of several layers lead to. */
import type { Cause, Hint, NextStep } from "./entry.ts";

/** Whom the probe asked for addresses, as a question by hand. */
export const LOOK_UP =
  "dig @{resolverAddress} -p {resolverPort}{bind} {asked} A; dig @{resolverAddress} -p {resolverPort}{bind} {asked} AAAA";

/** The address is not the host's own: what listens there, or doesn't, says nothing of it. */
export const NOT_ITS_OWN: readonly Hint[] = ["by-wildcard", "fake-ip", "placeholder", "dns64", "by-rule"];

/** Causes that go before all others where the address came from no record of the host's own. */
export const GIVEN_BY_DNS: readonly Cause[] = [
  {
    text: "{address} is a link-local address (APIPA): the host had none from DHCP when it registered, and no router passes it on",
    only: ["apipa"],
  },
  {
    text: "a rule of the resolver (a response policy zone, a filter) gives {address} in place of the host's own: what was met is what the rule leads to",
    only: ["by-rule"],
  },
  {
    text: "{address} is an old one, as the resolver says itself: the zone's own servers don't answer it, and the host may have moved",
    only: ["stale-answer"],
  },
  {
    text: "{host} has no record of its own: a wildcard of its zone, or a resolver that answers every name, gives {address}, which is another machine's",
    only: ["by-wildcard"],
  },
  {
    text: "a proxy on this machine or on the router makes up an address for each name (fake-ip, 198.18.0.0/15): what was met is that proxy",
    only: ["fake-ip"],
    unless: ["by-wildcard"],
  },
  {
    text: "{address} is of a block that no network is given (examples in documents, or reserved): a placeholder that was never replaced",
    only: ["placeholder"],
    unless: ["by-wildcard"],
  },
  {
    text: "DNS64 made {address} up from {embedded}: the NAT64 gateway of this network doesn't answer, or there is none",
    only: ["dns64"],
    unless: ["no-local-route"],
  },
  {
    text: "{address} has {embedded} in it: where DNS64 made it up, this network's NAT64 gateway doesn't answer, or there is none",
    only: ["dns64-like"],
    unless: ["no-local-route"],
  },
];

/** What goes with these. */
export const GIVEN_STEPS: readonly NextStep[] = [
  {
    where: "kms-host",
    text: "See which address the host has; when it is the right one, register it anew, or correct the record by hand",
    command: "ipconfig /all; ipconfig /registerdns",
    only: ["apipa"],
  },
  {
    where: "dns",
    text: "Find the rule that rewrites {host} at this resolver (its response policy zones, its filter lists), and take the name out of it",
    command: LOOK_UP,
    only: ["by-rule"],
  },
  {
    where: "dns",
    text: "See why the zone's own servers don't answer this resolver, and ask one of them with --resolver",
    command: LOOK_UP,
    only: ["stale-answer"],
  },
  {
    where: "dns",
    text: "Give {host} an address record of its own; if there is no such host any more, its SRV record leads clients to a stranger",
    command: LOOK_UP,
    only: ["by-wildcard"],
  },
  {
    where: "here",
    text: "Ask a DNS server of the zone past that proxy with --resolver, or leave the zone out of it (fake-ip-filter)",
    only: ["fake-ip"],
    unless: ["by-wildcard"],
  },
  {
    where: "dns",
    text: "Put the host's own address into its record",
    command: LOOK_UP,
    only: ["placeholder"],
    unless: ["by-wildcard"],
  },
  {
    where: "here",
    text: "Probe the IPv4 address that it was made from: the other passes through a NAT64 gateway only",
    command: "kmsprobe check {embedded}:{port}",
    only: ["dns64", "dns64-like"],
  },
];

/** Where the record is to blame, the host is left alone. */
const RECORD_UNFINISHED: readonly Hint[] = ["unfinished-port"];

export const UNFINISHED_PORT: Cause = {
  text: "the record is unfinished: an srv-host line of dnsmasq without a port makes port 1 of it, and the host listens elsewhere",
  only: RECORD_UNFINISHED,
};

export const UNFINISHED_STEPS: readonly NextStep[] = [
  {
    where: "dns",
    text: "Write host and port into the line: srv-host=NAME,HOST,1688",
    only: RECORD_UNFINISHED,
  },
  {
    where: "here",
    text: "See whether the host serves at the usual port",
    command: "kmsprobe check {address}:1688",
    only: RECORD_UNFINISHED,
  },
];

export const USUAL_PORT: NextStep = {
  where: "here",
  text: "See whether the host serves at the usual port; where it does, correct the port in the record",
  command: "kmsprobe check {address}:1688",
  only: ["listed-port"],
  unless: [
    ...RECORD_UNFINISHED,
    "serves-elsewhere",
    "listens-elsewhere",
    "serves-by-other-family",
    "serves-beside",
  ],
};

/** The host serves at another of its addresses: it runs, and is licensed. */
export const SERVES_BESIDE: readonly Hint[] = ["serves-by-other-family", "serves-beside"];

/** Of a host that the user named: clients take the port from DNS. */
export const OTHER_PORT: NextStep = {
  only: ["suffix-unasked"],
  unless: ["serves-elsewhere", "listens-elsewhere", ...SERVES_BESIDE],
  where: "here",
  text: "See whether DNS lists it with another port than {port}",
  command: "dig @{resolverAddress} -p {resolverPort}{bind} _vlmcs._tcp.{suffix} SRV",
};

export const LISTENS_WHERE: NextStep = {
  where: "kms-host",
  text: "See on which addresses it listens: 0.0.0.0 is every IPv4 address, [::] every IPv6 one",
  command: "netstat -ano | findstr :{port}",
  only: SERVES_BESIDE,
  unless: NOT_ITS_OWN,
};

export const WHOSE_RECORD: NextStep = {
  where: "dns",
  text: "See whether {address} is that host's own; correct its {record} record if it is another machine's",
  command: LOOK_UP,
  only: SERVES_BESIDE,
  unless: ["loopback", ...NOT_ITS_OWN],
};

/** Not for a host that others are served by: it listens, it runs and is licensed. */
export const HOST_LISTENS: NextStep = {
  unless: ["serves-elsewhere", "listens-elsewhere", ...SERVES_BESIDE, ...NOT_ITS_OWN, ...RECORD_UNFINISHED],
  where: "kms-host",
  text: "See whether the service listens",
  command: "netstat -ano | findstr :{port}",
};

export const HOST_SERVICE: NextStep = {
  unless: ["serves-elsewhere", ...SERVES_BESIDE, ...NOT_ITS_OWN, ...RECORD_UNFINISHED],
  where: "kms-host",
  text: "See whether this machine is a KMS host at all, and licensed",
  command: "slmgr.vbs /dlv",
};

export const HOST_RUNS: NextStep = {
  unless: ["serves-elsewhere", ...SERVES_BESIDE, ...NOT_ITS_OWN, ...RECORD_UNFINISHED],
  where: "kms-host",
  text: "See whether the service runs: Software Protection",
  command: "sc.exe query sppsvc",
};

/** A host that lets some in and not others: by the remote addresses of its own rule. No such rule lets a connect through. */
export const HOST_SCOPE: NextStep = {
  only: ["serves-elsewhere", "listens-elsewhere"],
  where: "kms-host",
  text: "If no firewall on the way stops it: see whether the host's own rule is limited to certain remote addresses",
  command:
    "Get-NetFirewallPortFilter | ? LocalPort -eq {port} | Get-NetFirewallRule | Get-NetFirewallAddressFilter",
};

export const WHO_ANSWERS: NextStep = {
  only: ["serves-elsewhere"],
  where: "here",
  text: "See which way packets take from this source, and compare with the source that is served: networks may overlap",
  command: "ip route get {address} from {source}",
};

export const FORWARDER_HERE: NextStep = {
  where: "here",
  text: "See which program of this machine takes these connections, then probe without it, or from beyond it",
  command: "ss -Hltnp sport = :{takenHere}",
  only: ["taken-here"],
};

export const BALANCER: NextStep = {
  where: "firewall",
  text: "Ask whoever runs the load balancer or forwarder at {address} what it says of its backend: its state, its log at this moment, its connection limit, and whether it puts a PROXY header or TLS in front",
  unless: ["loopback", "taken-here"],
};

/** Causes that go before all others wherever a connection was made and came to nothing. */
export const ACCEPTS_FOR_ALL: readonly Cause[] = [
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

export const PATH_PROTECTS: NextStep = {
  where: "firewall",
  unless: ["loopback", "taken-here"],
  text: "Take RPC inspection (ALG, session helper, IPS) off this rule, then probe again",
  command: "permit tcp from {source} to {address} port {port}, without application inspection",
};

/** Where this machine's own configuration leads to no resolver. */
export const NO_RESOLVER: Cause = {
  text: "this machine names no resolver: no nameserver line of /etc/resolv.conf can be used, and {resolverAddress} is what programs fall back to",
  only: ["no-resolver"],
};

export const STUB_DEAD: Cause = {
  text: "the stub resolver of this machine doesn't run (systemd-resolved, dnsmasq, unbound), or listens elsewhere",
  only: ["stub"],
  unless: ["no-resolver", "source-unusable"],
};

export const NAME_RESOLVERS: NextStep = {
  where: "here",
  text: "Name the resolvers of this network, or ask one with --resolver",
  command: "cat /etc/resolv.conf; resolvectl dns",
  only: ["no-resolver"],
};

export const STUB_RUNS: NextStep = {
  where: "here",
  text: "See what is to listen there, and whether it runs",
  command: "systemctl status systemd-resolved; ss -lunp sport = :{resolverPort}",
  only: ["stub"],
  unless: ["no-resolver"],
};

/** A source whose interface is there and can't be used. */
export const SOURCE_UNUSABLE: Cause = {
  text: "the interface {sourceInterface}, the source, {sourceState}: {sourceReason}",
  only: ["source-unusable"],
};

export const SOURCE_STEP: NextStep = {
  where: "here",
  text: "Bring the interface up, connect the VPN, or choose another --source",
  command: "ip addr show dev {sourceInterface}",
  only: ["source-unusable"],
};
