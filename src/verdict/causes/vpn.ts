import type { Cause } from "../../model/causes.ts";
import { shareWords, sightingsOf } from "./sightings.ts";
import type { Tried } from "./sightings.ts";
import { stepFor } from "./step.ts";

/**
 * Judged by what went through a tunnel of this machine. Confirmed where the same address answers by another way;
 * ruled out where all that went through it was answered.
 */
export function vpnCause(tried: readonly Tried[]): Cause {
  const cause = "vpn";
  const inside = tried.filter(isTunnel);
  const sightings = sightingsOf(inside, "connectivity");
  const bad = sightings.filter(({ word }) => word !== "sound");
  const [first] = sightings;
  if (first === undefined) {
    const evidence =
      inside.length === 0
        ? "Nothing went through a tunnel of this machine"
        : "What went through the tunnel was not tried to the end";
    return {
      cause,
      state: "not-visible-from-here",
      evidence,
      pointer: null,
      step: stepFor(cause, { host: tried[0]?.attempt.address ?? "" }),
    };
  }
  const names = [...new Set(inside.map(({ attempt }) => attempt.via?.interface ?? "a tunnel"))].join(", ");
  const [worst] = bad;
  if (worst === undefined) {
    const evidence = `All that went through ${names} was answered (${sightings.length})`;
    return { cause, state: "ruled-out", evidence, pointer: first.pointer, step: null };
  }
  const outside = sightingsOf(
    tried.filter((each) => !isTunnel(each)),
    "connectivity",
  ).filter(({ word }) => word === "sound");
  const blocked = bad.find(({ host, port }) =>
    outside.some((other) => other.host === host && other.port === port),
  );
  const { observed, pointer, host } = blocked ?? worst;
  const evidence =
    blocked === undefined
      ? `Through ${names}, ${shareWords(bad, sightings)}: ${observed}`
      : `Not through ${names}, and by another way it answers: ${observed}`;
  const state = blocked === undefined ? "possible" : "confirmed";
  return { cause, state, evidence, pointer, step: stepFor(cause, { host }) };
}

function isTunnel({ attempt }: Tried): boolean {
  return attempt.via?.link === "tunnel";
}
