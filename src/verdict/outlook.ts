/**
 * What a client would experience with a list of hosts, of which some serve: computed exactly, not simulated.
 *
 * Microsoft's pages describe two clients: one that follows RFC 2782 (Windows 7 / Server 2008 R2 and later), and one
 * that picks at random. Both strike a host that fails off the list and go on.
 */
import type { SocketAddress } from "../model/dns.ts";
import type { Endpoint } from "../model/evidence.ts";
import type { OutlookView } from "../model/outlook.ts";

/** One listed host. `costMs` is what a client loses on it before going on; 0 where it learns at once. */
export type Candidate = {
  endpoint: Endpoint;
  priority: number;
  weight: number;
  serves: boolean;
  costMs: number;
};

/** Beyond so many distinct situations the order of tries is not computed. No real list comes near. */
const MAX_STATES = 20_000;

/** @returns null where the list is empty, or too large and varied to be computed */
export function outlookOf(
  resolvers: readonly SocketAddress[],
  candidates: readonly Candidate[],
): Omit<OutlookView, "believed"> | null {
  if (candidates.length === 0) return null;
  const lowest = Math.min(...candidates.map(({ priority }) => priority));
  const firstGroup = candidates.filter(({ priority }) => priority === lowest);
  const picks = pickChances(firstGroup.map(({ weight }) => weight));
  const rfc2782 = candidates.map((candidate) => picks[firstGroup.indexOf(candidate)] ?? 0);
  const random = 1 / candidates.length;
  const lost = lostInOrder(candidates);
  if (lost === null) return null;
  const dead = candidates.filter(({ serves }) => !serves);
  const serving = candidates.length - dead.length;
  const chance = (chances: readonly number[]): number =>
    clamp(candidates.reduce((sum, { serves }, index) => sum + (serves ? (chances[index] ?? 0) : 0), 0));
  const worst = seconds(total(dead));
  return {
    resolvers: [...resolvers],
    models: [
      {
        model: "rfc2782",
        firstServes: chance(rfc2782),
        anyServes: serving > 0,
        expectedSecondsLost: seconds(lost.meanMs),
        worstSecondsLost: seconds(lost.worstMs),
      },
      {
        model: "random",
        firstServes: serving / candidates.length,
        anyServes: serving > 0,
        // A dead host comes before all of `serving` others with chance 1 / (serving + 1).
        expectedSecondsLost: seconds(total(dead) / (serving + 1)),
        worstSecondsLost: worst,
      },
    ],
    hosts: candidates.map(({ endpoint }, index) => ({
      endpoint,
      rfc2782: clamp(rfc2782[index] ?? 0),
      random,
    })),
  };
}

/**
 * The chance of each entry of one priority to be picked, as RFC 2782 words it: a number from 0 to the sum, both
 * included, picks the first entry whose running sum is not below it, those of weight 0 standing in front. The order
 * is otherwise any: each possible front entry stands first equally often.
 */
export function pickChances(weights: readonly number[]): number[] {
  const sum = weights.reduce((all, weight) => all + weight, 0);
  const zeros = weights.filter((weight) => weight === 0).length;
  const fronts = zeros > 0 ? zeros : weights.length;
  return weights.map((weight) => (weight + (zeros === 0 || weight === 0 ? 1 / fronts : 0)) / (sum + 1));
}

/** Mean and worst time lost in RFC 2782 order: priorities in turn, until one of them has a host that serves. */
function lostInOrder(candidates: readonly Candidate[]): { meanMs: number; worstMs: number } | null {
  const priorities = [...new Set(candidates.map(({ priority }) => priority))].toSorted((a, b) => a - b);
  let before = 0;
  for (const priority of priorities) {
    const group = candidates.filter((candidate) => candidate.priority === priority);
    const dead = group.filter(({ serves }) => !serves);
    if (dead.length < group.length) {
      const meanMs = meanLost(group);
      return meanMs === null ? null : { meanMs: before + meanMs, worstMs: before + total(dead) };
    }
    before += total(dead);
  }
  return { meanMs: before, worstMs: before };
}

/**
 * Mean time lost in one priority before the first host that serves. Hosts alike in weight and cost are one class,
 * so that the situations are how many of each class are left, not which.
 */
function meanLost(group: readonly Candidate[]): number | null {
  const serving = group.filter(({ serves }) => serves).map(({ weight }) => weight);
  const classes: { weight: number; costMs: number; count: number }[] = [];
  for (const { weight, costMs, serves } of group) {
    if (serves) continue;
    const same = classes.find((each) => each.weight === weight && each.costMs === costMs);
    if (same) same.count += 1;
    else classes.push({ weight, costMs, count: 1 });
  }
  if (classes.reduce((product, { count }) => product * (count + 1), 1) > MAX_STATES) return null;
  const known = new Map<string, number>();
  const mean = (left: readonly number[]): number => {
    const key = left.join();
    const cached = known.get(key);
    if (cached !== undefined) return cached;
    const weights = [
      ...serving,
      ...classes.flatMap(({ weight }, index) => Array<number>(left[index] ?? 0).fill(weight)),
    ];
    const chances = pickChances(weights);
    let at = serving.length;
    let sum = 0;
    classes.forEach(({ costMs }, index) => {
      const count = left[index] ?? 0;
      if (count === 0) return;
      const fewer = left.map((each, other) => (other === index ? each - 1 : each));
      sum += count * (chances[at] ?? 0) * (costMs + mean(fewer));
      at += count;
    });
    known.set(key, sum);
    return sum;
  };
  return mean(classes.map(({ count }) => count));
}

function total(candidates: readonly Candidate[]): number {
  return candidates.reduce((sum, { costMs }) => sum + costMs, 0);
}

function seconds(ms: number): number {
  return ms / 1000;
}

/** Rounding may leave a sum of chances a hair above 1. */
function clamp(chance: number): number {
  return Math.min(1, Math.max(0, chance));
}
