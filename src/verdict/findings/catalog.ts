/** Every finding's code with its words: a table here, and one each for the records and the clocks. */
import type { Finding, FindingCode } from "../../model/finding.ts";
import { lintCatalog } from "../lint/catalog.ts";
import { clockCatalog } from "./clock-catalog.ts";

/** `means`: what the code says, whatever the host; what was seen is the finding's own `observed`. */
type FindingEntry = { severity: Finding["severity"]; means: string; next: string };

/** Weight, meaning and advice of each finding. A table, so that no finding can lack one. */
export const findingCatalog = {
  "run-configuration-unread": {
    severity: "warning",
    means: "A line of this machine's resolver configuration can't be read, and was passed over",
    next: "Correct the line, or whatever writes it (a VPN client, DHCP, cloud-init): programs of this machine pass over it, or read it each in its own way",
  },
  "srv-resolvers-disagree": {
    severity: "warning",
    means: "Resolvers answer the same SRV question in different ways",
    next: "A client believes the first resolver that answers: see in which order clients ask, and bring the zones in line",
  },
  "srv-resolver-failed": {
    severity: "warning",
    means: "A resolver gave no usable answer, while another one lists hosts",
    next: "A client that asks this resolver first loses time, or finds no host at all",
  },
  "srv-alias-target": {
    severity: "warning",
    means: "An SRV record names an alias (CNAME)",
    next: "Put the real name into the SRV record: RFC 2782 forbids an alias as target, and some clients fail on it",
  },
  "srv-answers-ignored": {
    severity: "warning",
    means:
      "DNS answers came from elsewhere, with another id, to another question, or were no DNS; they were not believed",
    next: "Find out who sends them: a resolver with several addresses, a device on the path, or an attack",
  },
  "srv-records-dropped": {
    severity: "warning",
    means: 'Listed records were not used: beyond the limit, with port 0, with Target ".", or of another name',
    next: "Clean the record set up: two hosts are enough for most organisations",
  },
  "srv-edns-refused": {
    severity: "note",
    means: "A resolver answers questions without EDNS(0) only",
    next: "Update the resolver, or what stands in front of it: EDNS(0) is from 1999, and large answers need it",
  },
  "address-glue-differs": {
    severity: "warning",
    means: "An address that came with the SRV answer is not among those that the host has when asked for",
    next: "A client uses the addresses that come with the SRV answer: correct the stale copy",
  },
  "address-resolvers-disagree": {
    severity: "warning",
    means: "Resolvers give different addresses for one host",
    next: "Every address was probed; see which of them the resolver of your clients gives",
  },
  "address-dropped": {
    severity: "warning",
    means: "A host has more addresses than are probed (16)",
    next: "Name the remaining addresses on the command line to have them probed",
  },
  "srv-unfinished": {
    severity: "warning",
    means: "The record is what dnsmasq makes of an srv-host line without a port: port 1, TTL 0",
    next: "Write host and port into the line: srv-host=NAME,HOST,1688",
  },
  "srv-published-elsewhere": {
    severity: "warning",
    means: "KMS hosts are listed under a neighbouring name that a client of this domain does not ask for",
    next: "Clients ask for the name in the verdict and for no other: publish the record there",
  },
  "address-special": {
    severity: "warning",
    means:
      "DNS gives an address that can't be a host's for its clients: loopback, link-local, multicast or the like",
    next: "Correct the address record: no client is meant to reach a KMS host by it",
  },
  "address-by-wildcard": {
    severity: "warning",
    means: "A host that fails got its address from a wildcard: a name that nobody has gets the same",
    next: "Give the host an address record of its own, or list the right host: any name there leads to that address",
  },
  "address-synthesised": {
    severity: "note",
    means: "An IPv6 address that fails was made from an IPv4 address by DNS64",
    next: "No record holds this address, and none is to be corrected: it needs a NAT64 gateway on the way",
  },
  "address-unicode-name": {
    severity: "note",
    means: "A host's name has letters outside ASCII, and was asked for as it stands",
    next: "Windows clients resolve it by Microsoft DNS; others, and other DNS servers, may not: a name of ASCII letters serves all",
  },
  "rpc-reads-rpc": {
    severity: "warning",
    means: "A plain bind is answered, and the one that a Windows client sends is not",
    next: "Something on the path reads RPC, or loses larger packets: take application inspection off this rule",
  },
  "rpc-accepts-anything": {
    severity: "warning",
    means: "The server accepts an interface that does not exist: that it accepts KMS proves nothing",
    next: "Find out what runs there: an RPC server rejects an interface that does not exist",
  },
  "rpc-control-unanswered": {
    severity: "note",
    means: "KMS was accepted, and the bind to an unknown interface, sent to compare, was not answered",
    next: "The bind was accepted; that this server rejects other interfaces could not be seen",
  },
  "rpc-other-port": {
    severity: "note",
    means: "The server's answer names another port than the one it was reached at",
    next: "A port forwarding, NAT or a proxy stands in between: make sure it is meant to",
  },
  "tcp-answers-every-port": {
    severity: "warning",
    means: "A port where nobody listens is connected as well",
    next: "A device answers for every port (SYN proxy, load balancer, transparent proxy): an open port says nothing of the host behind it",
  },
  "tcp-taken-here": {
    severity: "warning",
    means: "A program of this machine took the connection (a transparent proxy, a redirection)",
    next: "What was seen is that program's doing, and not the host's: ss -ltnp names it. Probe without it, or from beyond it",
  },
  "tcp-user-mode-gateway": {
    severity: "warning",
    means:
      "The address is the gateway of a container's user-mode network (slirp4netns, pasta): it stands for the machine outside",
    next: "What answered is on the machine that runs this container, at its loopback: probe from outside, with --network host",
  },
  "ladder-passes": {
    severity: "note",
    means: "With --ladder: every form of bind is answered",
    next: "Nothing on the path minds the shape of a bind",
  },
  "ladder-refuses-syntaxes": {
    severity: "warning",
    means: "With --ladder: a bind that offers several transfer syntaxes does not pass, a plain one does",
    next: "A device on the path refuses binds that offer several transfer syntaxes, as Windows clients do: take RPC inspection off this rule",
  },
  "ladder-filters-interface": {
    severity: "warning",
    means: "With --ladder: binds to other interfaces pass, to that of KMS none does",
    next: "A device on the path, or the service, permits by interface id: permit 51c82175-844e-4750-b0d8-ec255555bc06 there",
  },
  "ladder-no-reassembly": {
    severity: "note",
    means: "With --ladder: a bind in two TCP segments does not pass, in one it does",
    next: "A device that can't put segments together, or a server that takes one read for one PDU; clients send a bind in one segment",
  },
  "trace-reached": {
    severity: "note",
    means: "With --trace: an answer in the host's name came back along the path",
    next: "The path carries packets to the port: look at the host, or at what answers for it",
  },
  "trace-ends": {
    severity: "note",
    means: "With --trace: the path to the port shows nobody beyond some hop",
    next: "Ask whoever runs these hops for their rule on this port; a drop at the host's own firewall looks the same",
  },
  "trace-unavailable": {
    severity: "note",
    means: "With --trace: no program of this machine could walk the path",
    next: "Where none is installed: mtr needs no root to walk with TCP. Else run the program by hand, and see what it says",
  },
  "ladder-nothing-passes": {
    severity: "note",
    means: "With --ladder: no form of bind is answered",
    next: "The shape of the bind makes no difference: see the verdict",
  },
  ...clockCatalog,
  ...lintCatalog,
} as const satisfies Record<FindingCode, FindingEntry>;

/** @param fix what puts it right in DNS, for what is put right there */
export function finding(
  code: FindingCode,
  subject: string,
  observed: string,
  fix: Finding["fix"] = null,
): Finding {
  const { severity, next } = findingCatalog[code];
  return { code, subject, observed, severity, next, fix };
}
