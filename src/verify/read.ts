/** A policy file's text in, the policy that holds at one place out; or every mistake in it, each with its line. */
import { show } from "../targets/parse.ts";
import { UsageError } from "../targets/usage-error.ts";
import { layOver } from "./overlay.ts";
import type { Policy } from "./laid-policy.ts";
import { policySchema } from "./policy.ts";
import { suggestion } from "./nearest.ts";
import { positionOf } from "./positions.ts";
import type { Located, Path } from "./positions.ts";
import { fillIn, namesFor, placesOf, variablesAt } from "./variables.ts";
import type { Mistake, Variables } from "./variables.ts";
import { checkedBy, mistaken, parsedYaml, plain } from "./yaml-file.ts";
import type { Mistaken } from "./yaml-file.ts";

export type Chosen = {
  /** The file as messages call it. */
  file: string;
  /** `--place`; null where none was named. */
  place: string | null;
  /** What this machine is, where the policy has places and none was named; `where` says so. */
  usual?: { place: string; where: string };
  /** `--set`, over the variables of the file. */
  set: Variables;
};

const KIND = "policy";

/** @throws UsageError with a line for each mistake: `policy.yaml:12:7: what is wrong, and what to write` */
export function readPolicy(text: string, given: Chosen): Policy {
  const located = parsedYaml(text, given.file, KIND);
  const chosen = { ...given, place: given.place ?? usualPlace(located, given) };
  const inPlaces = (mistakes: readonly Mistake[]): Mistaken[] =>
    mistakes.map(({ path, message }) => ({ at: positionOf(located, path), message }));
  // Before anything looks at the values: aliases that unfold to something enormous end here.
  plain(located, chosen.file);
  refuseUnknownSettings(located, chosen);
  const undefinedNames = fillIn(located.document, variablesFor(located, chosen));
  const here = undefinedNames.filter(({ path }) => !isElsewhere(path, chosen.place));
  if (here.length > 0) throw mistaken(chosen.file, inPlaces(here));
  emptyUnfilled(located, undefinedNames);
  const read = checkedBy(policySchema, located, chosen.file, KIND);
  const laid = layOver(read, chosen, (path) => positionOf(located, path));
  if (!laid.ok) throw mistaken(chosen.file, inPlaces(laid.mistakes));
  return laid.policy;
}

/** A policy without places is the same everywhere. */
function usualPlace({ document }: Located, { file, usual }: Chosen): string | null {
  const places = placesOf(document);
  if (usual === undefined || places.length === 0) return null;
  if (places.includes(usual.place)) return usual.place;
  throw new UsageError(
    `${file} has no place '${show(usual.place)}', which ${usual.where} names: choose one of ${places.map(show).join(", ")} with --place`,
  );
}

/** A slip here, or a variable that another place has, would be a green run on the targets that the file names. */
function refuseUnknownSettings({ document }: Located, { file, place, set }: Chosen): void {
  const known = namesFor(document, place);
  for (const name of set.keys()) {
    if (known.has(name)) continue;
    const others = placesOf(document).filter((each) => namesFor(document, each).has(name));
    throw new UsageError(
      others.length > 0
        ? `--set ${show(name)}: ${file} has it at ${others.map(show).join(", ")} only: leave it out, or name that place with --place`
        : `--set ${show(name)}: ${file} has no variable of that name: ${known.size === 0 ? "it has none" : suggestion(name, [...known])}`,
    );
  }
}

/** What a place leaves to be set need not be set for another: there its part counts for nothing. */
function emptyUnfilled({ document }: Located, mistakes: readonly Mistake[]): void {
  for (const { path } of mistakes) document.setIn(path.slice(0, 2), document.createNode({}));
}

function isElsewhere([first, second]: Path, place: string | null): boolean {
  return first === "places" && second !== undefined && String(second) !== place;
}

/** In a place's part its own variables count, in the rest those of the place that was chosen. */
function variablesFor({ document }: Located, { place, set }: Chosen): (path: Path) => Variables {
  const base = variablesAt(document, []);
  const atPlace = (name: string): Variables =>
    new Map([...base, ...variablesAt(document, ["places", name]), ...set]);
  const chosen = place === null ? new Map([...base, ...set]) : atPlace(place);
  return ([first, second]) => (first === "places" && second !== undefined ? atPlace(String(second)) : chosen);
}
