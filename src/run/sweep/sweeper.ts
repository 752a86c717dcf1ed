/**
 * One thread's share of a sweep: takes addresses from the board's batches, and connects to them in bursts, as fast as the
 * pace allows. A plain refusal or silence is one byte; anything else is evidence, to be judged by whoever listens.
 */
import { openSpace } from "../../targets/address-set.ts";
import { createBurst } from "../../transport/burst.ts";
import type { BurstEnd } from "../../transport/burst.ts";
import type { Clock } from "../../transport/clock.ts";
import { branchOf } from "../../transport/patience.ts";
import type { StopSignal } from "../../transport/stop.ts";
import type { Board } from "./board.ts";
import { createFlights } from "./flight.ts";
import type { Flight } from "./flight.ts";
import { createMixed } from "./mixed.ts";
import { createOnward } from "./onward.ts";
import { createPace, PAUSE_MS } from "./pace.ts";
import type { UnderWay } from "./pace.ts";
import { NO_ANSWER, NO_NEIGHBOUR, REFUSED } from "./share.ts";
import type { Job, SweeperEvent } from "./share.ts";
import { createSilence } from "./silence.ts";

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
    const burst = createBurst<Flight>(clock, onEnd, onDue);
    const mixed = createMixed(space, (subnet) => tell({ type: "mixed", subnet }));
    const singled = new Set(job.singled);
    const wantsEvidence = (index: number): boolean => job.everything || singled.has(index);
    const silence = createSilence(job, space, clock, wantsEvidence);
    const onward = createOnward(
      job,
      { space, clock, signal, mixed, tell },
      {
        settle,
        startAnew,
        slowDown,
        leave: schedule,
        fail,
        get over() {
          return over;
        },
      },
    );
    /** To be connected to as soon as there is room, and once more beside a connect that is under way. */
    const again: Flight[] = [];
    const beside: Flight[] = [];
    let scheduled = false;
    let over = false;

    const underWay = (): UnderWay => ({ connecting: burst.pending, probing: onward.probing });

    function schedule(): void {
      if (scheduled || over) return;
      scheduled = true;
      setImmediate(pump);
    }

    function scheduleIn(ms: number): void {
      if (scheduled || over) return;
      scheduled = true;
      setTimeout(pump, ms);
    }

    function pump(): void {
      scheduled = false;
      if (over) return;
      if (board.stopped || signal.aborted) return finish();
      if (board.paused) return scheduleIn(PAUSE_MS);
      const pausedMs = pace.pausedMs();
      if (pausedMs > 0) return scheduleIn(pausedMs);
      const allowed = pace.allowed();
      let free = pace.free(underWay());
      for (let starts = allowed; starts >= 1; starts--) {
        const flight = nextBeside() ?? (free >= 1 ? (again.shift() ?? flights.next()) : null);
        if (flight === null) break;
        // Where there is no room for one more, it takes the place of an older one to the same address.
        if (free >= 1) free -= 1;
        else callOffOldest(flight);
        pace.take();
        launch(flight);
      }
      if (again.length + beside.length === 0 && flights.exhausted) {
        if (flights.settled) finish();
        return;
      }
      if (allowed < 1) scheduleIn(pace.waitMs());
      // Where nothing is free, whatever ends calls for the next turn.
      else if (free >= 1 || beside.length > 0) schedule();
    }

    /** Those that were answered meanwhile need no more. */
    function nextBeside(): Flight | null {
      let flight = beside.shift();
      while (flight !== undefined && flight.connects.length === 0) flight = beside.shift();
      return flight ?? null;
    }

    function launch(flight: Flight): void {
      const nowMs = clock.nowMs();
      flight.tries += 1;
      if (flight.tries === 1) flight.sinceMs = nowMs;
      flight.latestMs = nowMs;
      const { index } = flight;
      flight.connects.push(burst.start(flight, space.address(index), space.port(index), silence.firstMs));
    }

    function callOffOldest(flight: Flight): void {
      const oldest = flight.connects.shift();
      if (oldest !== undefined) burst.callOff(flight, oldest);
    }

    function callOffAll(flight: Flight): void {
      while (flight.connects.length > 0) callOffOldest(flight);
    }

    function startAnew(flight: Flight): void {
      callOffAll(flight);
      flight.tries = 0;
      flight.queriedMs = 0;
      again.push(flight);
      schedule();
    }

    /** Its latest connect has been waited for as long as was said. */
    function onDue(flight: Flight): number {
      const subnet = space.subnet(flight.index);
      const next = silence.next(flight);
      if (typeof next === "number") return next;
      // One packet that was lost is not silence.
      if (!flight.quiet && (next !== "beside" || flight.tries > 1)) {
        flight.quiet = true;
        mixed.silent(subnet);
      }
      switch (next) {
        case "beside":
          beside.push(flight);
          schedule();
          return Infinity;
        case "again":
          callOffAll(flight);
          again.push(flight);
          schedule();
          return 0;
        case "silent":
          onSilence(flight);
          return 0;
        case "nobody":
          callOffAll(flight);
          mixed.answered(subnet);
          settle(flight, NO_NEIGHBOUR);
          return 0;
        default:
          return next satisfies never;
      }
    }

    function onSilence(flight: Flight): void {
      const { index, tries } = flight;
      // The others lasted longer.
      const elapsedMs = clock.nowMs() - flight.latestMs;
      callOffAll(flight);
      if (!wantsEvidence(index)) return settle(flight, NO_ANSWER);
      const evidence = { outcome: "no-answer", cause: "deadline", tries, elapsedMs } as const;
      void onward.probe(flight, { evidence, connection: null });
    }

    function onEnd(flight: Flight, end: BurstEnd): void {
      const { index, tries } = flight;
      callOffAll(flight);
      switch (end.end) {
        case "connected": {
          silence.answered(flight, end.elapsedMs);
          const { connection, elapsedMs } = end;
          const evidence = { outcome: "ok", facts: { tries }, elapsedMs } as const;
          return void onward.probe(flight, { evidence, connection });
        }
        case "failed":
          if (end.errno === "ECONNREFUSED") {
            silence.answered(flight, end.elapsedMs);
            mixed.answered(space.subnet(index));
            if (!wantsEvidence(index)) return settle(flight, REFUSED);
          }
          return void onward.failed(flight, end.errno, end.elapsedMs);
        case "silent":
          // What becomes of those that say nothing is `onDue`'s to say.
          return;
        default:
          return end satisfies never;
      }
    }

    /** Slows down, and has the address looked at again: what we lack is nothing about a host. */
    function slowDown(flight: Flight, cause: string): void {
      tell({ type: "slow", cause, concurrency: pace.slowDown(underWay()) });
      flight.troubles += 1;
      startAnew(flight);
    }

    function fail(error: unknown): void {
      over = true;
      burst.close();
      reject(error instanceof Error ? error : new Error(String(error)));
    }

    function settle(flight: Flight, outcome: number): void {
      flights.settle(flight, outcome);
      schedule();
    }

    function finish(): void {
      over = true;
      burst.close();
      cancel();
      flights.leave();
      resolve();
    }

    signal.addEventListener("abort", schedule, { once: true });
    schedule();
  });
}
