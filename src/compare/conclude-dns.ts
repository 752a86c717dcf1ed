/** The sentences about what DNS says at each place, and about paths that it kept from being tested. */
import type { Conclusion } from "../model/conclusion.ts";
import { ipFamily } from "../protocol/ip.ts";
import { hostPort } from "../verdict/words.ts";
import type { Difference, Place, Row, Suffix } from "./comparison.ts";
import { groupBy } from "./ordering.ts";
import { clip, clipTo, count, listOf, places, rowNames } from "./phrase.ts";
import { having } from "./status.ts";
import { contentOf, isConclusive } from "./suffixes.ts";

/** Hosts in a command line that somebody is to copy. */
const COMMAND_HOSTS = 4;

/** Characters of a list of hosts with their figures. */
const CONTENT_SHOWN = 200;

/** What resolvers and suffixes give in some places and not in others, and hosts whose addresses differ. */
export function concludeDns(suffixes: readonly Suffix[], differences: readonly Difference[]): Conclusion[] {
  const found = [
    ...suffixes.filter(({ differs }) => differs).map(concludeSuffix),
    ...concludeAddresses(differences),
  ];
  const other = differences.some(({ kind }) => ["serving", "verdict", "latency"].includes(kind));
  return found.map((each, index) =>
    index > 0 || other ? each : { ...each, text: `As far as was seen, only DNS differs. ${each.text}` },
  );
}

function concludeSuffix({ domain, places: asked }: Suffix): Conclusion {
  const groups = groupBy(asked.filter(isConclusive), contentOf);
  const hostsOnly = groups.map(([first]) =>
    (first?.hosts ?? []).map(({ host, port }) => hostPort(host, port)).toSorted(),
  );
  // Where the same hosts are listed, what differs are their figures.
  const bare = new Set(hostsOnly.map((hosts) => hosts.join(" "))).size === groups.length;
  const said = groups.map((group, index) => {
    const [first] = group;
    const names = hostsOnly[index] ?? [];
    const what =
      first === undefined
        ? ""
        : names.length > 0 && bare
          ? listOf(names)
          : clipTo(contentOf(first), CONTENT_SHOWN);
    return `${places(group.map(({ place }) => place))} ${group.length === 1 ? "gets" : "get"} ${what}`;
  });
  return {
    rule: "dns",
    places: groups.flatMap((group) => group.map(({ place }) => place)),
    hosts: [],
    asks: [],
    text: `Under ${clip(domain)} ${said.join("; ")}.`,
  };
}

type Addresses = Extract<Difference, { kind: "addresses" }>;

/** One sentence for all hosts about which the same places agree and disagree. */
function concludeAddresses(differences: readonly Difference[]): Conclusion[] {
  const differing = differences.filter((each): each is Addresses => each.kind === "addresses");
  return groupBy(differing, (each) => JSON.stringify(sides(each))).flatMap((alike): Conclusion[] => {
    const [first] = alike;
    if (first === undefined) return [];
    const said = groupBy(first.said, ({ addresses }) => addresses.join(" ")).map((side) => {
      return `${listOf(side[0]?.addresses ?? [])} at ${places(side.map(({ place }) => place))}`;
    });
    const more = alike.length > 1 ? `; ${count(alike.length - 1, "more name")} likewise` : "";
    return [
      {
        rule: "addresses",
        places: first.said.map(({ place }) => place),
        hosts: [],
        asks: [],
        text: `${clip(first.host)} is ${said.join(", ")}${more}: split DNS, or answers of different age.`,
      },
    ];
  });
}

/** Which places agree with each other. */
function sides({ said }: Addresses): string[][] {
  return groupBy(said, ({ addresses }) => addresses.join(" ")).map((side) => side.map(({ place }) => place));
}

/** For each place: addresses that serve elsewhere, and that its own DNS kept it from trying. */
export function concludeUntested(
  rows: readonly Row[],
  suffixes: readonly Suffix[],
  looked: readonly Pick<Place, "label" | "source">[],
): Conclusion[] {
  return looked.flatMap(({ label, source }, index): Conclusion[] => {
    const untested = rows.filter((row) => {
      const cell = row.cells[index];
      if (cell === undefined || row.address === null || ipFamily(row.address) === 0) return false;
      if (having(row, "serves").length === 0) return false;
      if (cell.seen === "unprobed") return cell.layer === "address";
      return (
        cell.seen === "other-addresses" || (cell.seen === "nothing" && wasSearched(row, label, suffixes))
      );
    });
    if (untested.length === 0) return [];
    const targets = untested
      .slice(0, COMMAND_HOSTS)
      .map(({ address, port }) => hostPort(address ?? "", port));
    return [
      {
        rule: "not-tested",
        places: [label],
        hosts: untested.map(({ host, port, address }) => ({ host, port, address })),
        asks: [],
        text: `From ${label} the path to ${rowNames(untested)} was not tested; run there: kmsprobe check ${targets.join(" ")}${fromSource(source)}`,
      },
    ];
  });
}

/** A label out of a file stands in a command line only where it can do nothing else there. */
function fromSource(source: string | null): string {
  return source !== null && /^[\w.:][\w.:%-]*$/.test(source) ? ` --source ${source}` : "";
}

/** Whether that place asked for a suffix under which another place found the host. */
function wasSearched({ host, port }: Row, label: string, suffixes: readonly Suffix[]): boolean {
  return suffixes.some(
    ({ places: asked }) =>
      asked.some(({ place }) => place === label) &&
      asked.some(({ hosts }) => hosts.some((each) => each.host === host && each.port === port)),
  );
}
