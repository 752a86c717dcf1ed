/**
 * One thread's share of a sweep: takes addresses from the board's batches, connects to them in bursts, and probes what
 * connects. A plain refusal or silence is one byte; anything else is evidence, to be judged by whoever listens.
 */
import type { Via } from "../../model/source.ts";
import { probeOnward } from "../../probe/probe.ts";
import { failed } from "../../probe/tcp.ts";
import { viaOf } from "../../system/interfaces.ts";
import { createNeighbours } from "../../system/neighbours.ts";
import { openSpace } from "../../targets/address-set.ts";
import { createBurst } from "../../transport/burst.ts";
import type { BurstEnd } from "../../transport/burst.ts";
import type { Clock } from "../../transport/clock.ts";
import { branchOf } from "../../transport/patience.ts";
import type { StopSignal } from "../../transport/stop.ts";
import { contextOf } from "../context.ts";
import type { Board } from "./board.ts";
import { createFlights } from "./flight.ts";
import type { Flight } from "./flight.ts";
import { isLost, isShortage, shortageIn, wasCutShort } from "./meaning.ts";
import { createMixed } from "./mixed.ts";
import { createPace, PAUSE_MS } from "./pace.ts";
import type { UnderWay } from "./pace.ts";
import { createPatience } from "./patience.ts";
import type { Next } from "./patience.ts";
import { NO_ANSWER, NO_NEIGHBOUR, REFUSED, TOLD } from "./share.ts";
import type { Job, SweeperEvent } from "./share.ts";

/** Tries where this machine was short of something, before that is the outcome. */
const MAX_TROUBLES = 12;

/**
 * Linux asks for a neighbour at once, after 1 s and after 2 s, and gives up after 3.05 s. So long after the first the
 * second has had its time, too.
 */
const TWO_QUERIES_MS = 1_100;

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
    const { timeoutMs: fixedMs, retries, short } = job;
    const patience = createPatience({ fixedMs, retries, short }, space.subnets);
    const pace = createPace(job, clock);
    const neighbours = createNeighbours();
    const singled = new Set(job.singled);
    const burst = createBurst<Flight>(clock, onEnd, onDue);
    const mixed = createMixed(space, (subnet) => tell({ type: "mixed", subnet }));
    /** To be connected to as soon as there is room, and once more beside a connect that is under way. */
    const again: Flight[] = [];
    const beside: Flight[] = [];
    let probing = 0;
    let scheduled = false;
    let over = false;

    const context = contextOf(job.settings, null, { signal, clock });
    const vias = new Map<string, Promise<Via>>();
    const describe = (address: string): Promise<Via> => {
      const known = vias.get(address) ?? viaOf(address);
      vias.set(address, known);
      return known;
    };

    const wantsEvidence = (index: number): boolean => job.everything || singled.has(index);
    const underWay = (): UnderWay => ({ connecting: burst.pending, probing });

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
      flight.connects.push(burst.start(flight, space.address(index), space.port(index), patience.firstMs));
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
      const next = nextOf(flight, subnet);
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
          silent(flight);
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

    function nextOf(flight: Flight, subnet: number): Next | "nobody" {
      const nowMs = clock.nowMs();
      const { index, tries } = flight;
      const so = { tries, sinceFirstMs: nowMs - flight.sinceMs, sinceLatestMs: nowMs - flight.latestMs };
      const next = patience.next(subnet, so);
      if (typeof next === "number" || !patience.isShort(subnet)) return next;
      switch (neighbours.of(space.address(index), nowMs)) {
        case "elsewhere":
        case "answered":
          return next;
        case "unanswered":
          // All connects wait for the one answer: a second adds nothing.
          // The first connect sent the first query; later on, a table that was full may have.
          if (flight.queriedMs === 0)
            flight.queriedMs = tries === 1 && so.sinceFirstMs < 200 ? flight.sinceMs : nowMs;
          if (nowMs - flight.queriedMs < TWO_QUERIES_MS || wantsEvidence(index) || patience.sawLoss(subnet))
            return patience.nextWithoutHaste(subnet, so);
          return "nobody";
        default:
          return patience.nextWithoutHaste(subnet, so);
      }
    }

    function silent(flight: Flight): void {
      const { index, tries } = flight;
      // The others lasted longer.
      const elapsedMs = clock.nowMs() - flight.latestMs;
      callOffAll(flight);
      if (!wantsEvidence(index)) return settle(flight, NO_ANSWER);
      const evidence = { outcome: "no-answer", cause: "deadline", tries, elapsedMs } as const;
      void probe(flight, () => ({ evidence, connection: null }));
    }

    function onEnd(flight: Flight, end: BurstEnd): void {
      const { index, tries } = flight;
      const subnet = space.subnet(index);
      callOffAll(flight);
      switch (end.end) {
        case "connected": {
          patience.sample(subnet, end.elapsedMs, tries);
          const { connection, elapsedMs } = end;
          const evidence = { outcome: "ok", facts: { tries }, elapsedMs } as const;
          return void probe(flight, () => ({ evidence, connection }));
        }
        case "failed":
          if (end.errno === "ECONNREFUSED") {
            patience.sample(subnet, end.elapsedMs, tries);
            mixed.answered(subnet);
            if (!wantsEvidence(index)) return settle(flight, REFUSED);
          }
          return void onErrno(flight, end.errno, end.elapsedMs);
        case "silent":
          // What becomes of those that say nothing is `onDue`'s to say.
          return;
        default:
          return end satisfies never;
      }
    }

    async function onErrno(flight: Flight, errno: string, elapsedMs: number): Promise<void> {
      const { index } = flight;
      // An ARP query that a first try began ends during the second: the host was waited for all that time.
      const waitedMs = flight.tries > 1 ? Math.max(elapsedMs, clock.nowMs() - flight.sinceMs) : elapsedMs;
      if (flight.troubles < MAX_TROUBLES) {
        probing += 1;
        const shortage = await isShortage(errno, { address: space.address(index), port: space.port(index) });
        probing -= 1;
        if (shortage) return trouble(flight, errno);
      }
      mixed.answered(space.subnet(index));
      await probe(flight, () => ({ evidence: failed(errno, waitedMs, flight.tries), connection: null }));
    }

    /** Slows down, and has the address looked at again: what we lack is nothing about a host. */
    function trouble(flight: Flight, cause: string): void {
      tell({ type: "slow", cause, concurrency: pace.slowDown(underWay()) });
      flight.troubles += 1;
      startAnew(flight);
    }

    async function probe(flight: Flight, connect: Parameters<typeof probeOnward>[1]): Promise<void> {
      probing += 1;
      const { index, batch, position } = flight;
      try {
        const attempt = await probeOnward(
          { address: space.address(index), port: space.port(index) },
          connect,
          context,
          describe,
        );
        probing -= 1;
        if (over) return;
        // Cut short by the user: nothing is known of it.
        if (signal.aborted && wasCutShort(attempt)) return schedule();
        if (isLost(attempt) && flight.doubts < job.retries) {
          flight.doubts += 1;
          return startAnew(flight);
        }
        const lacked = shortageIn(attempt);
        if (lacked !== null && flight.troubles < MAX_TROUBLES) return trouble(flight, lacked);
        tell({ type: "evidence", batch: batch.number, position, index, attempt });
        settle(flight, TOLD);
      } catch (error) {
        over = true;
        burst.close();
        reject(error instanceof Error ? error : new Error(String(error)));
      }
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
