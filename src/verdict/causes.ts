/**
 * The eight usual causes of trouble with KMS, each with what this run says of it. What can't be seen from here is
 * never ruled out: it comes with the command that settles it.
 */
import type { Cause } from "../model/causes.ts";
import type { Diagnosis } from "../model/diagnosis.ts";
import { isAsked } from "./asked.ts";
import { clockCause } from "./causes/clock.ts";
import { addressesIn, dnsSightings, shareWords, sightingsOf, triedIn } from "./causes/sightings.ts";
import type { Sighting } from "./causes/sightings.ts";
import { stepFor } from "./causes/step.ts";
import type { About } from "./causes/step.ts";
import { vpnCause } from "./causes/vpn.ts";

/** In the order of `causeNames`. Pointers lead into the report that holds these diagnoses. */
export function causesOf(diagnoses: readonly Diagnosis[]): Cause[] {
  const tried = triedIn(diagnoses);
  const about = firstHost(diagnoses);
  const reached = sightingsOf(tried, "connectivity");
  const hosts = sightingsOf(tried, "host");
  return [
    conclude("connectivity", reached, about, {
      none: "No address was tried to the end",
      sound: `${count(addressesIn(reached), "address")} answered RPC; a client elsewhere may have another path`,
    }),
    conclude("kms-host", hosts, about, {
      none: "No host was reached",
      sound: `The KMS interface is offered at ${count(addressesIn(hosts), "address")}; whether the host is licensed shows there only`,
    }),
    clientConfiguration(diagnoses),
    threshold(diagnoses),
    clockCause(diagnoses, about),
    dns(diagnoses),
    unseen(
      "host-key",
      "A host answers a bind alike with any key, or none; only an activation request would tell",
    ),
    vpnCause(tried),
  ];
}

/** All of them bad, some, or none: a fault that another host makes up for is not the cause, and may be. */
function conclude(
  cause: Cause["cause"],
  sightings: readonly Sighting[],
  about: About,
  words: { none: string; sound: string },
): Cause {
  const faults = sightings.filter(({ word }) => word === "fault");
  const bad = [...faults, ...sightings.filter(({ word }) => word === "maybe")];
  const [first] = bad;
  if (sightings.length === 0) return unseen(cause, words.none, about);
  if (first === undefined) {
    const pointer = sightings[0]?.pointer ?? null;
    return { cause, state: "ruled-out", evidence: words.sound, pointer, step: null };
  }
  const confirmed = faults.length > 0 && bad.length === sightings.length;
  // What was seen of DNS is not all of one kind, to be counted.
  const share = first.host !== "" && sightings.length > 1 ? `${shareWords(bad, sightings)}: ` : "";
  const host = first.host === "" ? about : { ...about, host: first.host, port: first.port };
  return {
    cause,
    state: confirmed ? "confirmed" : "possible",
    evidence: `${share}${first.observed}`,
    pointer: first.pointer,
    step: stepFor(cause, host),
  };
}

function unseen(cause: Cause["cause"], evidence: string, about: About = {}): Cause {
  return { cause, state: "not-visible-from-here", evidence, pointer: null, step: stepFor(cause, about) };
}

function clientConfiguration(diagnoses: readonly Diagnosis[]): Cause {
  const cause = "client-configuration";
  const index = diagnoses.findIndex(({ target }) => target.kind === "no-suffix");
  if (index !== -1) {
    const evidence = "This machine has no DNS suffix; a client like it asks for no host";
    return { ...unseen(cause, evidence), state: "possible", pointer: `/diagnoses/${index}/target` };
  }
  return unseen(cause, "Whether a client asks DNS at all, or keeps a fixed or cached host, shows there only");
}

function threshold(diagnoses: readonly Diagnosis[]): Cause {
  const alone = "Only the host knows its count, and a bind neither shows nor raises it";
  const crowd = diagnoses
    .flatMap(({ findings }, target) =>
      findings.map((finding, index) => ({ finding, pointer: `/diagnoses/${target}/findings/${index}` })),
    )
    .find(({ finding }) => finding.code === "lint-many-hosts");
  if (crowd === undefined) return unseen("activation-threshold", alone);
  const evidence = `${alone}; with so many hosts listed, clients spread over them`;
  return { ...unseen("activation-threshold", evidence), pointer: crowd.pointer };
}

/** Suffixes of a search list that have no hosts count only where none has any. */
function dns(diagnoses: readonly Diagnosis[]): Cause {
  const indexed = diagnoses.map((diagnosis, index) => ({ diagnosis, root: `/diagnoses/${index}` }));
  const asked = indexed.filter(({ diagnosis }) => isAsked(diagnosis));
  const sightings = (asked.length > 0 ? asked : indexed).flatMap(({ diagnosis, root }) => [
    ...dnsSightings(diagnosis, root),
    ...flaws(diagnosis, root),
  ]);
  const domain = diagnoses.flatMap(({ target }) => (target.kind === "domain" ? [target.domain] : []))[0];
  const given = diagnoses.length > 0 && diagnoses.every(({ target }) => target.kind === "list");
  const resolvers = sightings.filter(({ word }) => word === "sound").length;
  return conclude("dns", sightings, domain === undefined ? {} : { domain }, {
    none: given ? "Discovery was not asked for: the hosts were given" : "No resolver could be asked",
    sound: `Hosts were listed in ${count(resolvers, "answer")}, each with an address, and nothing is wrong with the records`,
  });
}

/** Faults of records and resolvers that the verdict passes over. A dead host is no fault of DNS. */
function flaws({ findings }: Diagnosis, root: string): Sighting[] {
  return findings.flatMap(({ code, severity, observed }, index) => {
    const isDns =
      /^(srv|address|lint)-/.test(code) && code !== "lint-not-answering" && code !== "lint-many-hosts";
    if (!isDns || severity !== "warning") return [];
    return { word: "maybe", pointer: `${root}/findings/${index}`, observed, host: "", port: 1688 } as const;
  });
}

/** The host that a command is about: the first that was listed or given. */
function firstHost(diagnoses: readonly Diagnosis[]): About {
  const [first] = diagnoses.flatMap(({ endpoints }) => endpoints);
  return first === undefined ? {} : first.endpoint;
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : what.endsWith("s") ? "es" : "s"}`;
}
