/** What is worth saying beside the verdict. Findings never decide one. */
import type { Attempt, EndpointDiagnosis } from "../model/diagnosis.ts";
import type { Evidence } from "../model/evidence.ts";
import type { Finding, FindingCode } from "../model/finding.ts";
import type { Outlook } from "../model/outlook.ts";
import { clockCatalog, judgeClock, judgeOwnClock } from "./clock.ts";
import { readLadder } from "./ladder.ts";
import { lintOf } from "./lint.ts";
import { lintCatalog } from "./lint/catalog.ts";
import { isUnicodeHostName } from "../protocol/name.ts";
import { isNobodys } from "../protocol/special-use.ts";
import { publishedElsewhere } from "./controls.ts";
import { deniersOf, isStripped } from "./denial.ts";
import { isUnfinished } from "./unfinished.ts";
import { isByWildcard, madeFrom } from "./given.ts";
import type { Removals } from "./lint/removals.ts";
import { renamed } from "./lint/targets.ts";
import { describeIgnored, disagreement } from "./srv.ts";
import { readTrace } from "./trace.ts";
import { hostPort, nameHosts } from "./words.ts";
import { plural } from "./figures.ts";

/** Weight and advice of each finding. A table, so that no finding can lack one. */
export const findingCatalog = {
  "run-configuration-unread": {
    severity: "warning",
    next: "Correct the line, or whatever writes it (a VPN client, DHCP, cloud-init): programs of this machine pass over it, or read it each in its own way",
  },
  "srv-resolvers-disagree": {
    severity: "warning",
    next: "A client believes the first resolver that answers: see in which order clients ask, and bring the zones in line",
  },
  "srv-resolver-failed": {
    severity: "warning",
    next: "A client that asks this resolver first loses time, or finds no host at all",
  },
  "srv-alias-target": {
    severity: "warning",
    next: "Put the real name into the SRV record: RFC 2782 forbids an alias as target, and some clients fail on it",
  },
  "srv-answers-ignored": {
    severity: "warning",
    next: "Find out who sends them: a resolver with several addresses, a device on the path, or an attack",
  },
  "srv-records-dropped": {
    severity: "warning",
    next: "Clean the record set up: two hosts are enough for most organisations",
  },
  "srv-edns-refused": {
    severity: "note",
    next: "Update the resolver, or what stands in front of it: EDNS(0) is from 1999, and large answers need it",
  },
  "address-glue-differs": {
    severity: "warning",
    next: "A client uses the addresses that come with the SRV answer: correct the stale copy",
  },
  "address-resolvers-disagree": {
    severity: "warning",
    next: "Every address was probed; see which of them the resolver of your clients gives",
  },
  "address-dropped": {
    severity: "warning",
    next: "Name the remaining addresses on the command line to have them probed",
  },
  "srv-unfinished": {
    severity: "warning",
    next: "Write host and port into the line: srv-host=NAME,HOST,1688",
  },
  "srv-published-elsewhere": {
    severity: "warning",
    next: "Clients ask for the name in the verdict and for no other: publish the record there",
  },
  "address-special": {
    severity: "warning",
    next: "Correct the address record: no client is meant to reach a KMS host by it",
  },
  "address-by-wildcard": {
    severity: "warning",
    next: "Give the host an address record of its own, or list the right host: any name there leads to that address",
  },
  "address-synthesised": {
    severity: "note",
    next: "No record holds this address, and none is to be corrected: it needs a NAT64 gateway on the way",
  },
  "address-unicode-name": {
    severity: "note",
    next: "Windows clients resolve it by Microsoft DNS; others, and other DNS servers, may not: a name of ASCII letters serves all",
  },
  "rpc-reads-rpc": {
    severity: "warning",
    next: "Something on the path reads RPC, or loses larger packets: take application inspection off this rule",
  },
  "rpc-accepts-anything": {
    severity: "warning",
    next: "Find out what runs there: an RPC server rejects an interface that does not exist",
  },
  "rpc-control-unanswered": {
    severity: "note",
    next: "The bind was accepted; that this server rejects other interfaces could not be seen",
  },
  "rpc-other-port": {
    severity: "note",
    next: "A port forwarding, NAT or a proxy stands in between: make sure it is meant to",
  },
  "tcp-answers-every-port": {
    severity: "warning",
    next: "A device answers for every port (SYN proxy, load balancer, transparent proxy): an open port says nothing of the host behind it",
  },
  "tcp-taken-here": {
    severity: "warning",
    next: "What was seen is that program's doing, and not the host's: ss -ltnp names it. Probe without it, or from beyond it",
  },
  "tcp-user-mode-gateway": {
    severity: "warning",
    next: "What answered is on the machine that runs this container, at its loopback: probe from outside, with --network host",
  },
  "ladder-passes": { severity: "note", next: "Nothing on the path minds the shape of a bind" },
  "ladder-refuses-syntaxes": {
    severity: "warning",
    next: "A device on the path refuses binds that offer several transfer syntaxes, as Windows clients do: take RPC inspection off this rule",
  },
  "ladder-filters-interface": {
    severity: "warning",
    next: "A device on the path, or the service, permits by interface id: permit 51c82175-844e-4750-b0d8-ec255555bc06 there",
  },
  "ladder-no-reassembly": {
    severity: "note",
    next: "A device that can't put segments together, or a server that takes one read for one PDU; clients send a bind in one segment",
  },
  "trace-reached": {
    severity: "note",
    next: "The path carries packets to the port: look at the host, or at what answers for it",
  },
  "trace-ends": {
    severity: "note",
    next: "Ask whoever runs these hops for their rule on this port; a drop at the host's own firewall looks the same",
  },
  "trace-unavailable": {
    severity: "note",
    next: "Where none is installed: mtr needs no root to walk with TCP. Else run the program by hand, and see what it says",
  },
  "ladder-nothing-passes": {
    severity: "note",
    next: "The shape of the bind makes no difference: see the verdict",
  },
  ...clockCatalog,
  ...lintCatalog,
} as const satisfies Record<FindingCode, { severity: Finding["severity"]; next: string }>;

/**
 * @param outlook what a client would experience: the cost of a dead record
 * @param removals what may be removed, as all looks of the run have it
 */
export function findingsOf(
  evidence: Evidence,
  endpoints: readonly EndpointDiagnosis[],
  outlook: Outlook | null,
  removals: Removals,
): Finding[] {
  return [
    ...configurationFindings(evidence),
    ...srvFindings(evidence),
    ...judgeOwnClock(evidence.ownClock, "/ownClock"),
    ...endpoints.flatMap((endpoint, index) => endpointFindings(evidence, endpoint, `/endpoints/${index}`)),
    ...lintOf(evidence, endpoints, outlook, removals).map(({ code, subject, observed, fix, next }) => {
      const found = finding(code, subject, observed, fix);
      return next === undefined ? found : { ...found, next };
    }),
  ];
}

/** @param fix what puts it right in DNS, for what is put right there */
export function finding(
  code: FindingCode,
  subject: string,
  observed: string,
  fix: Finding["fix"] = null,
): Finding {
  return { code, subject, observed, ...findingCatalog[code], fix };
}

function configurationFindings({ configuration }: Evidence): Finding[] {
  return (configuration?.unread ?? []).map(({ file, line, text, why }, index) =>
    finding(
      "run-configuration-unread",
      `/configuration/unread/${index}`,
      `${file} line ${line}, "${text}": ${why}`,
    ),
  );
}

function srvFindings({ srv, recordsDropped }: Evidence): Finding[] {
  const found: Finding[] = [];
  const differ = disagreement(srv);
  if (differ !== null) found.push(finding("srv-resolvers-disagree", "/srv", differ));
  const somebodyLists = srv.some(({ answer }) => answer.outcome === "ok");
  srv.forEach((answer, index) => {
    const at = `/srv/${index}`;
    const who = hostPort(answer.resolver.address, answer.resolver.port);
    const { ignored, edns, transport } = answer.exchange;
    if (somebodyLists && ["no-answer", "malformed"].includes(answer.answer.outcome)) {
      found.push(
        finding(
          "srv-resolver-failed",
          at,
          `${who} gave no usable answer, while another resolver lists hosts`,
        ),
      );
    }
    const unfinished =
      answer.answer.outcome === "ok" ? answer.answer.facts.records.find(isUnfinished) : undefined;
    if (unfinished !== undefined) {
      const observed = `${who} lists ${unfinished.target} with port 1 and TTL 0, as dnsmasq does of an srv-host line without a port`;
      found.push(finding("srv-unfinished", at, observed));
    }
    for (const { control, where } of publishedElsewhere(answer)) {
      // Clients with that suffix do look there.
      const suffix = control.purpose === "sibling" || control.purpose === "parent";
      const lost = suffix ? "clients of this domain don't look" : "no client looks";
      const observed = `${who} lists ${nameHosts(control.found)} as ${control.name}, ${where}: ${lost} there`;
      found.push(finding("srv-published-elsewhere", at, observed));
    }
    const strays = describeIgnored(ignored);
    if (strays !== "") found.push(finding("srv-answers-ignored", at, `${who}: answers ignored: ${strays}`));
    if (!edns)
      found.push(
        finding("srv-edns-refused", at, `${who} takes the question over ${transport} without EDNS(0) only`),
      );
    if (answer.answer.outcome === "ok" && answer.answer.facts.dropped > 0) {
      const { dropped } = answer.answer.facts;
      found.push(
        finding(
          "srv-records-dropped",
          at,
          `${who}: ${plural(dropped, "record")} not used (beyond the limit, port 0, Target ".", or of another name)`,
        ),
      );
    }
  });
  if (recordsDropped > 0) {
    found.push(
      finding("srv-records-dropped", "/endpoints", `${recordsDropped} more listed hosts were not probed`),
    );
  }
  return found;
}

const STRIPPED =
  "The resolver takes private addresses out of answers (DNS rebind protection), and who asks for the host finds none: ask for an exception for the zone (dnsmasq rebind-domain-ok, unbound private-domain), and delete nothing";

function endpointFindings(evidence: Evidence, diagnosis: EndpointDiagnosis, at: string): Finding[] {
  const { host, port } = diagnosis.endpoint;
  const { lookups, glue, dropped } = diagnosis.address;
  const found: Finding[] = [];
  const answered = lookups.flatMap(({ answer, family, asked }) =>
    answer.outcome === "ok" ? [{ ...answer.facts, family, asked }] : [],
  );
  const alias = answered.find(({ aliases }) => aliases.length > 0);
  if (alias && diagnosis.listedBy.length > 0) {
    const observed = `${host} is an alias of ${alias.aliases.join(", then ")}`;
    const fix = renamed(evidence, diagnosis, alias.aliases.at(-1) ?? null);
    found.push(finding("srv-alias-target", `${at}/address`, observed, fix));
  }
  const direct = new Set(answered.flatMap(({ addresses }) => addresses));
  const stale = glue.filter((address) => !direct.has(address));
  if (answered.length > 0 && stale.length > 0) {
    const observed = `${host}: ${stale.join(", ")} came with the SRV answer; asked for the host, no resolver says so`;
    found.push(finding("address-glue-differs", `${at}/address`, observed));
  }
  const denied = glue.filter((address) => deniersOf(diagnosis.address, familyOf(address)).length > 0);
  if (answered.length === 0 && denied.length > 0) {
    const observed = `${host}: ${denied.join(", ")} came with the SRV answer; asked for the host, the resolver says that there is no such record`;
    const plain = finding("address-glue-differs", `${at}/address`, observed);
    found.push(isStripped(diagnosis.address) ? { ...plain, next: STRIPPED } : plain);
  }
  for (const { address, use } of diagnosis.address.special) {
    found.push(
      finding(
        "address-special",
        `${at}/address`,
        `${host}: DNS gives ${address} (${use}${isNobodys(use) ? ", not probed" : ""})`,
      ),
    );
  }
  for (const family of [4, 6] as const) {
    const sets = answered
      .filter((answer) => answer.family === family && answer.asked.by === "resolver")
      .map(({ addresses }) => addresses.toSorted().join(", "));
    const deniers = deniersOf(diagnosis.address, family);
    if (sets.length > 0 && deniers.length > 0) {
      sets.push(`none (says ${deniers.map((who) => hostPort(who.address, who.port)).join(", ")})`);
    }
    if (new Set(sets).size > 1) {
      const observed = `${host}: the resolvers give different addresses: ${[...new Set(sets)].join("; ")}`;
      found.push(finding("address-resolvers-disagree", `${at}/address`, observed));
    }
  }
  found.push(...givenFindings(diagnosis, `${at}/address`));
  if (dropped > 0)
    found.push(
      finding("address-dropped", `${at}/address`, `${host}: ${dropped} more addresses were not probed`),
    );
  diagnosis.attempts.forEach((attempt, index) => {
    found.push(...rpcFindings(attempt, port, `${at}/attempts/${index}/rpc`));
    found.push(...pathFindings(attempt, port, `${at}/attempts/${index}`));
    const about = { host, address: attempt.address, subject: `${at}/attempts/${index}/clock` };
    found.push(...judgeClock(attempt.clock, about, evidence.ownClock));
  });
  return found;
}

/** Addresses that no record of the host's own holds, and a name that not everybody can ask for. */
function givenFindings({ endpoint: { host }, address, attempts }: EndpointDiagnosis, at: string): Finding[] {
  const found: Finding[] = [];
  const failing = attempts.filter(({ verdict }) => !verdict.serves);
  const wild = failing.filter((attempt) => isByWildcard(address, attempt.address));
  if (wild.length > 0 && address.nobody !== null) {
    const who = hostPort(address.nobody.resolver.address, address.nobody.resolver.port);
    const given = wild.map((attempt) => attempt.address).join(", ");
    const observed = `${host}: ${who} gives ${given} for ${address.nobody.name} as well, which nobody has`;
    found.push(finding("address-by-wildcard", at, observed));
  }
  for (const attempt of address.literal ? [] : failing) {
    const made = madeFrom(address, attempt.address);
    if (made === null) continue;
    const how = made.wellKnown
      ? `was made by DNS64 from ${made.ipv4}`
      : `has ${made.ipv4} in it, as DNS64 makes them`;
    found.push(finding("address-synthesised", at, `${host}: ${attempt.address} ${how}`));
  }
  if (address.validName && isUnicodeHostName(host)) {
    const observed = `${host} has letters outside ASCII: it was asked for as it stands`;
    found.push(finding("address-unicode-name", at, observed));
  }
  return found;
}

function familyOf(address: string): 4 | 6 {
  return address.includes(":") ? 6 : 4;
}

function pathFindings(
  { address, controlPort, takenHere, here, ladder, trace }: Attempt,
  port: number,
  at: string,
): Finding[] {
  const found: Finding[] = [];
  if (controlPort?.answer === "connected") {
    const observed = `${address} accepts connections on port ${controlPort.port} as well, where nobody listens`;
    found.push(finding("tcp-answers-every-port", `${at}/controlPort`, observed));
  }
  if (takenHere !== null) {
    const observed = `${address}: the connection was taken by this machine itself, at its port ${takenHere}`;
    found.push(finding("tcp-taken-here", `${at}/takenHere`, observed));
  }
  if (here?.userModeGateway === true) {
    const observed = `${address} is the gateway that this container's network makes up: it stands for the loopback of the machine outside`;
    found.push(finding("tcp-user-mode-gateway", `${at}/here`, observed));
  }
  const pattern = ladder === null ? null : readLadder(ladder);
  if (pattern !== null) {
    found.push(finding(pattern.code, `${at}/ladder`, `${hostPort(address, port)}: ${pattern.observed}`));
  }
  if (trace !== null) {
    const path = readTrace(trace);
    found.push(finding(path.code, `${at}/trace`, `${hostPort(address, port)}: ${path.observed}`));
  }
  return found;
}

function rpcFindings({ rpc, address }: Attempt, port: number, at: string): Finding[] {
  if (rpc === null) return [];
  const where = hostPort(address, port);
  const accepted = [rpc.bind, rpc.plain].find((bind) => bind?.answer.outcome === "ok")?.answer;
  if (accepted?.outcome !== "ok") return [];
  const found: Finding[] = [];
  if (rpc.bind.answer.outcome !== "ok") {
    found.push(
      finding(
        "rpc-reads-rpc",
        `${at}/plain`,
        `${where} passes a plain bind and not the one a Windows client sends`,
      ),
    );
  }
  switch (rpc.control.answer) {
    case "accepted":
      found.push(
        finding("rpc-accepts-anything", `${at}/control`, `${where} accepts an unknown interface UUID`),
      );
      break;
    case "rejected":
      break;
    default:
      found.push(
        finding(
          "rpc-control-unanswered",
          `${at}/control`,
          `${where}: the control was not answered (${rpc.control.answer})`,
        ),
      );
  }
  const { secondaryAddress } = accepted.facts;
  if (/^\d+$/.test(secondaryAddress) && Number(secondaryAddress) !== port) {
    found.push(
      finding("rpc-other-port", at, `${where}: the server says that it listens on port ${secondaryAddress}`),
    );
  }
  return found;
}
