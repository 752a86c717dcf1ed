import { Buffer } from "node:buffer";
import { expect } from "vitest";
import { toHex } from "../../src/protocol/bytes.ts";
import { nextInput } from "./mutate.ts";
import { Random } from "./random.ts";

/** How many inputs each decoder gets. */
const INPUTS = Number(process.env["KMSPROBE_FUZZ_INPUTS"] ?? 20_000);

const SEED = Number(process.env["KMSPROBE_FUZZ_SEED"] ?? Math.floor(Math.random() * 0x1_0000_0000));

/** What one input may cost. Nothing that is made here comes near it; a busy machine may. */
export const MAX_INPUT_MS = 20;

/** What may be alive at a time while a decoder runs, above what was before. */
const MAX_HEAP_GROWTH = 200 << 20;

/**
 * Gives a decoder `KMSPROBE_FUZZ_INPUTS` inputs made from the seeds, and from nothing.
 *
 * @param check decodes one input and checks what must hold for every input; whatever it throws is a failure. Returns
 *   whether the input decoded: of all of them some must, and not all
 * @param options.alphabet for decoders of text: what fresh bytes are drawn from
 * @param options.mostMs what one input may cost, where it is no decoder of ours for bytes from the network
 * @throws with the seed that makes the same inputs again, and the input itself
 */
export function fuzz(
  name: string,
  seeds: readonly Uint8Array[],
  check: (bytes: Uint8Array) => boolean,
  { alphabet, mostMs }: { alphabet?: string | undefined; mostMs?: number } = {},
): void {
  // Copies of plain arrays: the slice of a Buffer is no copy, and mutations would spoil the seeds.
  const [first, ...others] = seeds.map((seed) => Uint8Array.from(seed));
  if (first === undefined) throw new Error(`no seeds for ${name}`);
  const random = new Random(SEED, alphabet === undefined ? null : Buffer.from(alphabet));
  const startedMs = performance.now();
  const heapBefore = process.memoryUsage().heapUsed;
  let heapPeak = heapBefore;
  let slowestMs = 0;
  let decoded = 0;
  for (let index = 0; index < INPUTS; index++) {
    const bytes = nextInput([first, ...others], random);
    try {
      const { took, ms } = timed(check, bytes, mostMs);
      slowestMs = Math.max(slowestMs, ms);
      if (took) decoded += 1;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new Error(
        `${name}, input ${index} of seed ${SEED}: ${why}\nKMSPROBE_FUZZ_SEED=${SEED} makes it again; it is ${toHex(bytes)}`,
        { cause: error },
      );
    }
    if (index % 256 === 0) heapPeak = Math.max(heapPeak, process.memoryUsage().heapUsed);
  }
  const seconds = (performance.now() - startedMs) / 1000;
  const heapGrowth = heapPeak - heapBefore;
  console.log(
    `${name}: KMSPROBE_FUZZ_SEED=${SEED}, ${INPUTS} inputs in ${seconds.toFixed(1)} s, ` +
      `${((100 * decoded) / INPUTS).toFixed(0)} % decoded, slowest ${slowestMs.toFixed(2)} ms, heap +${(heapGrowth / (1 << 20)).toFixed(0)} MB`,
  );
  // A fuzzer that is always turned away at the door, or never, tests little.
  if (INPUTS >= 1_000) {
    const share = decoded / INPUTS;
    expect(share, `share of inputs that decode, seed ${SEED}`).toBeGreaterThan(0.01);
    expect(share, `share of inputs that decode, seed ${SEED}`).toBeLessThan(0.99);
  }
  expect(heapGrowth, `heap growth of ${name}, seed ${SEED}`).toBeLessThan(MAX_HEAP_GROWTH);
}

/** How often an input is given once more: on a machine that is busy with something else the first times say little. */
const ROUNDS = 12;

/** @throws where an input takes too long and, by the time of the processor, does so each time that it is given again */
export function timed(
  check: (bytes: Uint8Array) => boolean,
  bytes: Uint8Array,
  mostMs: number = MAX_INPUT_MS,
): { took: boolean; ms: number } {
  const startedMs = performance.now();
  const took = check(bytes);
  let ms = performance.now() - startedMs;
  for (let round = 0; ms > mostMs; round++) {
    if (round === ROUNDS) throw new Error(`takes ${ms.toFixed(1)} ms of processor time`);
    const before = process.cpuUsage();
    check(bytes);
    const { user, system } = process.cpuUsage(before);
    ms = Math.min(ms, (user + system) / 1000);
  }
  return { took, ms };
}

/** Cheaper than `expect` where a million inputs are checked. */
export function holds(condition: boolean, what: string): void {
  if (!condition) throw new Error(`does not hold: ${what}`);
}
