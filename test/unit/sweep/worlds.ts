/** Small networks, and the lines that a sweep of them would write: whole, or in shards. */
import * as fc from "fast-check";
import type { SubnetCount, SweepLine } from "../../../src/sweep/model.ts";
import { entryOf } from "../../../src/verdict/catalog.ts";
import type { Answer } from "./builders.ts";
import { end, line, measured, plan, start } from "./builders.ts";

/** What each address does, in visiting order. */
export type World = readonly { address: string; answer: Answer }[];

const mixed = fc.array(
  fc.constantFrom<Answer[]>("rpc-serves", "rpc-closed", "rpc-not-dcerpc", "tcp-refused", "tcp-no-answer"),
  { minLength: 1, maxLength: 12 },
);
/** One device, with now and then a host behind it that serves, or a packet lost. */
const device = fc
  .record({
    size: fc.integer({ min: 14, max: 40 }),
    answer: fc.constantFrom<Answer[]>("rpc-closed", "rpc-serves", "rpc-no-answer"),
    odd: fc.array(fc.constantFrom<Answer[]>("rpc-serves", "tcp-no-answer"), { maxLength: 3 }),
  })
  .map(({ size, answer, odd }) => [...odd, ...Array.from({ length: size }, () => answer)]);

export const anyWorld: fc.Arbitrary<World> = fc
  .array(fc.oneof(mixed, device), { minLength: 1, maxLength: 4 })
  .map((nets) =>
    nets.flatMap((answers, index) =>
      answers.map((answer, host) => {
        return {
          address: index === 3 ? `fd00::${(host + 1).toString(16)}` : `10.1.${index}.${host + 1}`,
          answer,
        };
      }),
    ),
  )
  .chain((world) => fc.shuffledSubarray(world, { minLength: world.length, maxLength: world.length }));

export type Ending = "ended" | "killed" | "interrupted";

/** The lines of one shard: of its places, those that connect, then the figures of what serves, then the counts. */
export function linesOf(world: World, index = 1, count = 1, ending: Ending = "ended"): SweepLine[] {
  const shard = { index, count };
  const own = world.filter((_, place) => place % count === index - 1);
  const seen = ending === "interrupted" ? own.slice(0, Math.ceil(own.length / 2)) : own;
  const hosts = seen.filter(({ answer }) => entryOf(answer).layer === "rpc");
  const serving = hosts.filter(({ answer }) => answer === "rpc-serves");
  const run: SweepLine[] = [
    start({
      shard,
      plan: plan({ addresses: world.length }),
      from: { host: `jump${index}`, platform: "linux" },
    }),
    ...hosts.map(({ address, answer }) => line(address, answer)),
  ];
  if (ending === "killed") return run;
  return [
    ...run,
    ...serving.map(({ address }) => measured(address)),
    end(countsOf(world, seen), {
      shard,
      interrupted: ending === "interrupted",
      planned: own.length,
      slowdowns: index === 2 ? [{ cause: "EMFILE", times: index, concurrency: 100 }] : [],
    }),
  ];
}

function countsOf(world: World, seen: World): SubnetCount[] {
  const nets = new Map<string, SubnetCount>();
  for (const { address, answer } of seen) {
    const subnet = netOf(address);
    const planned = world.filter((other) => netOf(other.address) === subnet).length;
    const known = nets.get(subnet) ?? { subnet, port: 1688, planned, covered: 0, counts: {} };
    known.covered += 1;
    known.counts[answer] = (known.counts[answer] ?? 0) + 1;
    nets.set(subnet, known);
  }
  return [...nets.values()];
}

function netOf(address: string): string {
  return address.includes(":") ? "fd00::/64" : `${address.replace(/\d+$/, "0")}/24`;
}
