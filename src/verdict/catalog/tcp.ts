/** The words for what a connect meets. */
import type { VerdictCode } from "../../model/verdict.ts";
import { DEFAULTS } from "./entry.ts";
import type { Cause, Entry, NextStep } from "./entry.ts";
import {
  LOOK_UP,
  ACCEPTS_FOR_ALL,
  BALANCER,
  FORWARDER_HERE,
  GIVEN_BY_DNS,
  GIVEN_STEPS,
  HOST_LISTENS,
  HOST_RUNS,
  HOST_SCOPE,
  HOST_SERVICE,
  LISTENS_WHERE,
  NOT_ITS_OWN,
  OTHER_PORT,
  PATH_PROTECTS,
  SERVES_BESIDE,
  WHO_ANSWERS,
  WHOSE_RECORD,
  SOURCE_STEP,
  SOURCE_UNUSABLE,
  UNFINISHED_PORT,
  UNFINISHED_STEPS,
  USUAL_PORT,
} from "./steps.ts";

const PERMIT: NextStep = {
  unless: [...NOT_ITS_OWN, "unfinished-port"],
  where: "firewall",
  text: "Ask for this rule on every firewall of the path and on the host, with the answers allowed back",
  command: "permit tcp from {source} to {address} port {port}",
};

const HOST_RULE: NextStep = {
  unless: ["serves-elsewhere", "listens-elsewhere", ...NOT_ITS_OWN],
  where: "kms-host",
  text: "See whether the host's firewall lets it in: the KMS rule exists, and is off by default",
  command: "Get-NetFirewallPortFilter | ? LocalPort -eq {port} | Get-NetFirewallRule",
};

const FROM_CLIENT: NextStep = {
  where: "client",
  text: "Try from a client's own subnet: a rule may permit clients and not this machine",
  command: "Test-NetConnection {address} -Port {port}",
};

const ROUTE_HERE: NextStep = {
  where: "here",
  text: "See which way this machine takes",
  command: "ip route get {address}{fromSource}",
};

const FROM_OUTSIDE: NextStep = {
  where: "here",
  text: "Probe from outside of the container: what comes back from the network is changed or swallowed inside of it",
  command: "podman run --network host IMAGE kmsprobe check {target}",
  only: ["user-mode"],
};

const LINK_HERE: NextStep = {
  where: "here",
  text: "See why nothing is at the other end of {interface}: the tunnel's program, or the cable",
  command: "ip -d link show dev {interface}",
  only: ["no-carrier"],
};

/** Ways in which a tunnel or a link of this machine is dead, whatever that looks like in TCP. */
const DEAD_LINKS: readonly Cause[] = [
  SOURCE_UNUSABLE,
  {
    text: "{interface} has no carrier: the program at the other end of the tunnel, or the cable, is gone, and the route stayed",
    only: ["no-carrier"],
  },
  {
    text: "an IPsec policy of this machine takes the packets, and there is no security association for them (the VPN is down): they never leave",
    only: ["ipsec-without-state"],
  },
];

/** A bridge that has no other end, in whose subnet the address lies: what is meant is elsewhere. */
const OWN_BRIDGE: Cause = {
  text: "{interface} is a bridge of this machine's own (Docker, libvirt) whose subnet takes in {address}: where the host is elsewhere, packets to it never leave",
  only: ["own-bridge"],
};

const BRIDGE_HERE: NextStep = {
  where: "here",
  text: "Where {address} is no container's: give {interface} another subnet (bip and default-address-pools in Docker's daemon.json)",
  command: "ip -br addr show dev {interface}",
  only: ["own-bridge"],
};

/** Most subnets are a /24: there these two are its own address and its broadcast address. */
const EDGE_ADDRESS: Cause = {
  text: "{address} is no host's, where its subnet is a /24 or smaller: one that ends in .0 is the subnet's own, one in .255 its broadcast address",
  only: ["edge-address"],
  unless: ["no-local-route"],
};

/** Clients take the port from DNS, and go nowhere else. */
const LISTED_PORT: Cause = {
  text: "the port in the record is wrong: a KMS host listens on 1688 unless it was told otherwise (slmgr.vbs /sprt), and {port} is listed",
  only: ["listed-port"],
  unless: ["unfinished-port", "listens-elsewhere", ...SERVES_BESIDE],
};

const OWN_RECORD: NextStep = {
  where: "dns",
  text: "See whether this machine is meant by {host}; where it isn't, correct the record",
  command: LOOK_UP,
  only: ["own-address"],
};

const IPSEC_HERE: NextStep = {
  where: "here",
  text: "See the policy that takes these packets, and bring the VPN up",
  command: "ip xfrm policy; ip xfrm state; cat /proc/net/xfrm_stat",
  only: ["ipsec-without-state"],
};

export const tcpCatalog = {
  "tcp-no-answer": {
    ...DEFAULTS,
    layer: "tcp",
    severity: "failed",
    certainty: "ambiguous",
    title: "no answer",
    observed: "{address} port {port} did not answer {tries} of {seconds} s each{detail}.",
    causes: [
      ...GIVEN_BY_DNS,
      UNFINISHED_PORT,
      ...DEAD_LINKS,
      OWN_BRIDGE,
      EDGE_ADDRESS,
      { text: "a packet was lost, or the way is slow: it was asked once", only: ["fast-look"] },
      {
        text: "the container's network is made up by a program (slirp4netns, pasta), in which unreachable hosts, and with pasta refusals too, arrive as silence: it says nothing of the host",
        only: ["user-mode"],
      },
      {
        text: "something in between gave up after {seconds} s and refused in the host's name (slirp4netns does after 75 s, proxies have limits of their own)",
        only: ["gave-up"],
      },
      {
        text: "the tunnel is up here and leads nowhere (its other end is gone or filtered, or doesn't take that network)",
        only: ["via-tunnel"],
        unless: ["tunnel-carries", "no-carrier", "ipsec-without-state"],
      },
      {
        text: "a firewall on the path or on the host permits {servingFamily} only",
        only: ["serves-by-other-family"],
      },
      {
        text: "the service listens on {servingFamily} only, and Windows Firewall's stealth mode hides that",
        only: ["serves-by-other-family"],
        unless: ["listens-elsewhere", "answers-elsewhere"],
      },
      {
        text: "{address} is not the host's, or not any more: its {record} record is old",
        only: SERVES_BESIDE,
        unless: ["serves-elsewhere", "loopback"],
      },
      { text: "filtered on the path, without an answer" },
      { text: "filtered on the host, without an answer" },
      {
        text: "nobody listens, and Windows Firewall's stealth mode hides that",
        unless: ["listens-elsewhere", "answers-elsewhere", "serves-by-other-family"],
      },
      {
        text: "the host is off or its address belongs to nobody",
        unless: ["answers-elsewhere", ...SERVES_BESIDE],
      },
      LISTED_PORT,
      { text: "the answer finds no way back (routing, VPN without a return route)" },
      {
        text: "the host is overloaded: its queue of new connections is full",
        unless: ["listens-elsewhere", "answers-elsewhere", ...SERVES_BESIDE],
      },
      { text: "this machine's own firewall drops it" },
    ],
    next: [
      ...GIVEN_STEPS,
      ...UNFINISHED_STEPS,
      {
        where: "here",
        text: "Look again with the usual timeouts before anybody changes anything",
        command: "kmsprobe check {target}",
        only: ["fast-look"],
      },
      SOURCE_STEP,
      LINK_HERE,
      BRIDGE_HERE,
      IPSEC_HERE,
      FROM_OUTSIDE,
      { ...PERMIT, unless: ["no-carrier", "ipsec-without-state", "unfinished-port", ...NOT_ITS_OWN] },
      HOST_LISTENS,
      USUAL_PORT,
      LISTENS_WHERE,
      HOST_RULE,
      WHOSE_RECORD,
      HOST_SCOPE,
      FROM_CLIENT,
    ],
    clientError: "0x800706BA",
    clientWaits: true,
  },
  "tcp-refused": {
    ...DEFAULTS,
    layer: "tcp",
    severity: "failed",
    certainty: "ambiguous",
    certaintyWith: [
      { hint: "unfinished-port", certainty: "likely" },
      { hint: "serves-by-other-family", certainty: "likely" },
    ],
    title: "refused",
    observed: "{address} port {port} refused the connection after {ms} ms ({errno}).",
    causes: [
      ...GIVEN_BY_DNS,
      UNFINISHED_PORT,
      OWN_BRIDGE,
      {
        text: "{address} is the gateway that the container's network makes up: it stands for the loopback of the machine outside, on which nothing listens",
        only: ["user-mode-gateway"],
      },
      {
        text: "the service listens on {servingFamily} only",
        only: ["serves-by-other-family"],
        unless: ["listens-elsewhere"],
      },
      {
        text: "the service listens on some of the host's addresses only",
        only: ["serves-beside"],
        unless: ["listens-elsewhere"],
      },
      {
        text: "the {record} record is old, or wrong: {address} is another machine's",
        only: SERVES_BESIDE,
        unless: ["serves-elsewhere", "loopback"],
      },
      {
        text: "{address} is this machine itself, and nothing listens on that port of it: where another machine is meant, the address is an old or a wrong one",
        only: ["own-address"],
      },
      {
        text: "the host is there and nothing listens on that port (service stopped, other port; or xinetd or inetd closed it for a while after too many connects)",
        unless: [
          "listens-elsewhere",
          "user-mode-gateway",
          "unfinished-port",
          "own-address",
          ...SERVES_BESIDE,
        ],
      },
      LISTED_PORT,
      {
        text: "a firewall on the path or on the host rejects {ownFamily}, and lets {servingFamily} through",
        only: ["serves-by-other-family"],
      },
      {
        text: "a firewall on the path or on the host rejects {address}, and lets {servingAddress} through",
        only: ["serves-beside"],
      },
      {
        text: "a firewall on the path or on the host rejects with a TCP reset or an ICMP port-unreachable, in the host's name",
        unless: ["own-address", ...SERVES_BESIDE],
      },
      {
        text: "the address now belongs to another machine",
        unless: ["serves-elsewhere", "loopback", ...SERVES_BESIDE],
      },
      {
        text: "on the way from this source the address is another machine's (overlapping networks, NAT)",
        only: ["serves-elsewhere"],
      },
      { text: "this machine's own firewall rejects it" },
    ],
    next: [
      ...GIVEN_STEPS,
      ...UNFINISHED_STEPS,
      BRIDGE_HERE,
      HOST_LISTENS,
      OTHER_PORT,
      USUAL_PORT,
      LISTENS_WHERE,
      WHOSE_RECORD,
      OWN_RECORD,
      HOST_RUNS,
      HOST_SERVICE,
      { ...PERMIT, unless: [...(PERMIT.unless ?? []), "own-address"] },
      HOST_SCOPE,
      WHO_ANSWERS,
    ],
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
      ...GIVEN_BY_DNS,
      ...ACCEPTS_FOR_ALL,
      {
        text: "a SYN proxy or load balancer answered for a server that refuses",
        unless: ["every-port", "taken-here", "loopback"],
      },
      { text: "the service closes with a reset as soon as it accepts (access list, too busy)" },
      {
        text: "a forwarder wraps what it passes in TLS or puts a PROXY header in front, and the host knows neither",
        only: ["unprompted"],
        unless: ["loopback"],
      },
    ],
    next: [
      ...GIVEN_STEPS,
      FORWARDER_HERE,
      HOST_LISTENS,
      BALANCER,
      PATH_PROTECTS,
      { ...HOST_SCOPE, unless: ["unprompted"] },
    ],
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
      ...GIVEN_BY_DNS,
      SOURCE_UNUSABLE,
      EDGE_ADDRESS,
      { text: "an unreachable route on this machine", only: ["no-local-route"] },
      {
        text: "the tunnel's own end on this machine says that nobody in it can have the packet (WireGuard in the kernel does): no peer has {address} in its AllowedIPs, or that peer's endpoint is not known yet",
        only: ["via-tunnel"],
        unless: ["no-local-route"],
      },
      {
        text: "a firewall rejects with ICMP host-unreachable or administratively prohibited",
        unless: ["no-local-route"],
      },
      {
        text: "the last router says that the host doesn't answer, or packets go in a circle",
        unless: ["no-local-route", "answers-elsewhere", "on-link"],
      },
      {
        text: "on this way the last router doesn't find the host (another subnet, another VLAN), or packets go in a circle",
        only: ["answers-elsewhere"],
      },
      { text: "this machine's own firewall rejects it", unless: ["no-local-route"] },
    ],
    next: [
      ...GIVEN_STEPS,
      {
        where: "here",
        text: "Where {interface} is WireGuard's: see whether a peer has {address} in its allowed ips, and an endpoint",
        command: "wg show {interface}",
        only: ["via-tunnel"],
        unless: ["no-local-route"],
      },
      ROUTE_HERE,
      { ...PERMIT, unless: ["no-local-route", ...NOT_ITS_OWN] },
    ],
    clientError: "0x800706BA",
  },
  "tcp-neighbour-silent": {
    ...DEFAULTS,
    layer: "tcp",
    severity: "failed",
    certainty: "likely",
    certaintyWith: [{ hint: "via-tunnel", certainty: "ambiguous" }],
    title: "neighbour doesn't answer",
    observed: "{address} is unreachable, said after {seconds} s ({errno}): {hop}.",
    causes: [
      ...GIVEN_BY_DNS,
      ...DEAD_LINKS,
      OWN_BRIDGE,
      EDGE_ADDRESS,
      {
        text: "the tunnel is up here and its other end is gone: nobody in it answers for the address (VXLAN, n2n, a TAP device)",
        only: ["via-tunnel"],
        unless: ["tunnel-carries", "no-carrier", "gateway-answers"],
      },
      {
        text: "on the same subnet: no machine there has this address (off, moved, wrong VLAN)",
        unless: ["answers-elsewhere", "own-bridge", "gateway-silent", "gateway-answers"],
      },
      {
        text: "this machine takes {address} for its own subnet's, and it is elsewhere: its netmask is too wide, or a network with the same numbers is here (a home network under a VPN)",
        only: ["on-link"],
        unless: ["answers-elsewhere", "own-bridge", "via-tunnel"],
      },
      {
        text: "behind a router: no machine on the last subnet has it, says the last router",
        unless: ["answers-elsewhere", "on-link", "gateway-silent"],
      },
      {
        text: "behind a router: one on the way doesn't find the next one",
        only: ["gateway-answers"],
      },
      {
        text: "this machine's gateway doesn't answer",
        unless: ["on-link", "gateway-silent", "gateway-answers"],
      },
      {
        text: "this machine's gateway doesn't answer: {gateway} is off, has moved, or is none (a wrong or an old route, a wrong VLAN)",
        only: ["gateway-silent"],
      },
      {
        text: "this source looks for it in the wrong place: another VLAN, or a route that takes a subnet for its own",
        only: ["answers-elsewhere"],
      },
    ],
    next: [
      ...GIVEN_STEPS,
      LINK_HERE,
      BRIDGE_HERE,
      ROUTE_HERE,
      {
        where: "here",
        text: "See whether the neighbour answers",
        command: "ip neigh",
        unless: ["own-bridge", "gateway-silent"],
      },
      {
        where: "here",
        text: "See whether the gateway answers, and is the right one",
        command: "ip neigh show {gateway}",
        only: ["gateway-silent"],
      },
      {
        where: "here",
        text: "See which addresses this machine takes for its own subnet's",
        command: "ip -br addr show dev {interface}",
        only: ["on-link"],
        unless: ["own-bridge", "via-tunnel"],
      },
      { ...HOST_LISTENS, unless: [...(HOST_LISTENS.unless ?? []), "own-bridge", "gateway-silent"] },
    ],
    clientError: "0x800706BA",
  },
  "tcp-net-unreachable": {
    ...DEFAULTS,
    layer: "tcp",
    severity: "failed",
    certainty: "ambiguous",
    certaintyWith: [
      { hint: "not-one-host", certainty: "certain" },
      { hint: "no-local-route", certainty: "certain" },
    ],
    title: "network unreachable",
    observed: "The network of {address} is unreachable ({errno}).",
    causes: [
      ...GIVEN_BY_DNS,
      SOURCE_UNUSABLE,
      {
        text: "{address} is a broadcast or multicast address: no host has it alone, and TCP connects to none",
        only: ["not-one-host"],
      },
      {
        text: "the tunnel's own daemon on this machine says that it has no peer for that network (tinc does): its other end is gone",
        only: ["via-tunnel"],
        unless: ["no-local-route", "not-one-host"],
      },
      {
        text: "an interface of this machine can't be used, and its routes are gone with it: {deadLinks}",
        only: ["links-dead"],
        unless: ["not-one-host"],
      },
      {
        text: "this machine has no route there (VPN down, or its route was not pushed)",
        only: ["no-local-route"],
        unless: ["not-one-host"],
      },
      { text: "a router on the path has no route there", unless: ["no-local-route", "not-one-host"] },
      {
        text: "this machine sends it the wrong way: a VPN is down, or its route was not pushed",
        unless: ["no-local-route", "via-tunnel", "not-one-host"],
      },
      {
        text: "a firewall rejects with ICMP net-unreachable or net-prohibited",
        unless: ["no-local-route", "not-one-host"],
      },
      { text: "this machine's own firewall rejects it", unless: ["no-local-route", "not-one-host"] },
    ],
    next: [
      ...GIVEN_STEPS,
      {
        where: "dns",
        text: "Put the host's own address into its record",
        command: LOOK_UP,
        only: ["not-one-host"],
      },
      {
        where: "here",
        text: "See why it can't be used ({deadLinks}), and bring it up if the way leads by it",
        command: "ip -br addr",
        only: ["links-dead"],
        unless: ["not-one-host"],
      },
      ROUTE_HERE,
      {
        where: "client",
        text: "In a VPN session: see whether a route into that network was pushed",
        command: "Find-NetRoute -RemoteIPAddress {address}",
        unless: ["not-one-host"],
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
      {
        text: "over IPv6: this machine's own firewall rejects it as administratively prohibited",
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
  "tcp-source-refused": {
    ...DEFAULTS,
    layer: "tcp",
    severity: "inconclusive",
    certainty: "likely",
    certaintyWith: [
      { hint: "confined-source", certainty: "certain" },
      { hint: "source-gone", certainty: "certain" },
    ],
    title: "source can't reach there",
    observed:
      "From {refusedSource} this machine sends nothing to {address} ({errno}); from another address it would.",
    causes: [
      {
        text: "{refusedSource} is an address that never leaves this machine, or its own link",
        only: ["confined-source"],
      },
      { text: "{refusedSource} is no address of this machine any more", only: ["source-gone"] },
      {
        text: "a rule of this machine's routing policy throws away what leaves from {refusedSource}",
        unless: ["confined-source", "source-gone"],
      },
    ],
    next: [
      { where: "here", text: "Choose another --source, or none", command: "ip route get {address}" },
      {
        where: "here",
        text: "See the rules, and the tables that they lead to",
        command: "ip rule; ip route show table all",
        unless: ["confined-source", "source-gone"],
      },
    ],
    ours: true,
  },
  "tcp-source-unusable": {
    ...DEFAULTS,
    layer: "tcp",
    severity: "inconclusive",
    certainty: "certain",
    title: "source interface unusable",
    observed: "The source {sourceInterface} {sourceState}: nothing was sent to {address} ({errno}).",
    causes: [{ text: SOURCE_UNUSABLE.text }],
    next: [SOURCE_STEP],
    ours: true,
  },
  "tcp-proxy-failed": {
    ...DEFAULTS,
    layer: "tcp",
    severity: "failed",
    certainty: "ambiguous",
    title: "the proxy did not connect",
    observed:
      "{preloaded} makes this program's connections by a proxy, and says {errno} for {address} port {port} after {ms} ms, as it does for every failure.",
    causes: [
      { text: "the proxy does not get there: the host is off or filtered beyond it" },
      { text: "the host refuses the proxy's connection" },
      { text: "the proxy itself is down, or does not permit this target" },
    ],
    next: [
      {
        where: "here",
        text: "Probe without the preloaded library, or from the proxy's own machine: only there is the host's answer seen",
        command: "env -u LD_PRELOAD kmsprobe check {target}",
      },
      FROM_CLIENT,
    ],
    clientError: "0x800706BA",
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
} as const satisfies Record<Extract<VerdictCode, `tcp-${string}`>, Entry>;
