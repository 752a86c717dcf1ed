/**
 * One thread's share of a sweep: takes addresses from the board's batches, and connects to them in bursts, as fast as the
 * pace allows. A plain refusal or silence is one byte; anything else is evidence, to be judged by whoever listens.
 */
import { openSpace } from "../../targets/address-set.ts";
import type { Clock } from "../../transport/clock.ts";
import { branchOf } from "../../transport/patience.ts";
import type { StopSignal } from "../../transport/stop.ts";
import type { Board } from "./board.ts";
import { createConnects } from "./connects.ts";
import { createEnds } from "./ends.ts";
import { createFlights } from "./flight.ts";
import type { Flight } from "./flight.ts";
import { createMixed } from "./mixed.ts";
import { createOnward } from "./onward.ts";
import { createPace, PAUSE_MS } from "./pace.ts";
import type { UnderWay } from "./pace.ts";
import type { Job, SweeperEvent } from "./share.ts";
import { createSilence } from "./silence.ts";
import { createTurns } from "./turns.ts";

/** Ends when there is no batch left, or the board is stopped. Never rejects because of the network. */
export function sweepShare(
  job: Job,
  board: Board,
  tell: (event: SweeperEvent) => void,
  { clock, signal: given }: { clock: Clock; signal: StopSignal },
): Promise<void> {
  return new Promise((resolve, reject) => {
    // Each probe listens to it, and to an AbortSignal that costs a tenth of the probe.
    const { signal, cancel } = branchOf(given);
    const space = openSpace(job.columns);
    const flights = createFlights(job, space.size, board, tell);
    const pace = createPace(job, clock);
    const turns = createTurns(turn);
    const mixed = createMixed(space, (subnet) => tell({ type: "mixed", subnet }));
    const singled = new Set(job.singled);
    const wantsEvidence = (index: number): boolean => job.everything || singled.has(index);
    const silence = createSilence(job, space, clock, wantsEvidence);
    const world = { space, clock, signal, mixed, tell };
    const connects = createConnects(space, clock, silence.firstMs, {
      onEnd: (flight, end) => ends.onEnd(flight, end),
      onDue: (flight) => ends.onDue(flight),
      wake: turns.soon,
    });
    const onward = createOnward(job, world, {
      settle,
      startAnew: connects.anew,
      slowDown,
      leave: turns.soon,
      fail,
      get over() {
        return turns.over;
      },
    });
    const ends = createEnds(world, { silence, connects, onward, settle }, wantsEvidence);

    const underWay = (): UnderWay => ({ connecting: connects.pending, probing: onward.probing });

    function turn(): void {
      if (board.stopped || signal.aborted) return finish();
      if (board.paused) return turns.in(PAUSE_MS);
      const pausedMs = pace.pausedMs();
      if (pausedMs > 0) return turns.in(pausedMs);
      const allowed = pace.allowed();
      let free = pace.free(underWay());
      for (let starts = allowed; starts >= 1; starts--) {
        const flight = connects.nextBeside() ?? (free >= 1 ? (connects.nextAgain() ?? flights.next()) : null);
        if (flight === null) break;
        // Where there is no room for one more, it takes the place of an older one to the same address.
        if (free >= 1) free -= 1;
        else connects.callOffOldest(flight);
        pace.take();
        connects.begin(flight);
      }
      if (connects.waiting === 0 && flights.exhausted) {
        if (flights.settled) finish();
        return;
      }
      if (allowed < 1) turns.in(pace.waitMs());
      // Where nothing is free, whatever ends calls for the next turn.
      else if (free >= 1 || connects.besides > 0) turns.soon();
    }

    /** Has the address looked at again, more slowly: what we lack is nothing about a host. */
    function slowDown(flight: Flight, cause: string): void {
      tell({ type: "slow", cause, concurrency: pace.slowDown(underWay()) });
      flight.troubles += 1;
      connects.anew(flight);
    }

    function settle(flight: Flight, outcome: number): void {
      flights.settle(flight, outcome);
      turns.soon();
    }

    function fail(error: unknown): void {
      turns.end();
      connects.close();
      reject(error instanceof Error ? error : new Error(String(error)));
    }

    function finish(): void {
      turns.end();
      connects.close();
      cancel();
      flights.leave();
      resolve();
    }

    signal.addEventListener("abort", turns.soon, { once: true });
    turns.soon();
  });
}
