import type { AddressSpace } from "../../targets/address-set.ts";
import { createBurst } from "../../transport/burst.ts";
import type { BurstEnd } from "../../transport/burst.ts";
import type { Clock } from "../../transport/clock.ts";
import type { Flight } from "./flight.ts";

/** The connects of a thread that are under way, and the addresses that wait for one more. */
export type Connects = {
  readonly pending: number;
  /** Addresses that wait for one. */
  readonly waiting: number;
  /** Of these, those that wait for one beside. */
  readonly besides: number;
  begin: (flight: Flight) => void;
  /** Ends its connects, and has it wait for the next. */
  again: (flight: Flight) => void;
  /** The same, as if it had never been connected to. */
  anew: (flight: Flight) => void;
  /** It waits for one more beside those that are under way. */
  beside: (flight: Flight) => void;
  nextAgain: () => Flight | null;
  /** Those that were answered meanwhile need no more. */
  nextBeside: () => Flight | null;
  callOffOldest: (flight: Flight) => void;
  callOff: (flight: Flight) => void;
  close: () => void;
};

export type ConnectsWays = {
  onEnd: (flight: Flight, end: BurstEnd) => void;
  /** Its latest connect has been waited for as long as was said. @returns how much longer; 0 ends it */
  onDue: (flight: Flight) => number;
  /** Somebody waits. */
  wake: () => void;
};

/** @param firstMs how long the first connect to an address is waited for, before `onDue` is asked */
export function createConnects(
  space: AddressSpace,
  clock: Clock,
  firstMs: number,
  { onEnd, onDue, wake }: ConnectsWays,
): Connects {
  const burst = createBurst<Flight>(clock, onEnd, onDue);
  const again: Flight[] = [];
  const beside: Flight[] = [];

  function callOffOldest(flight: Flight): void {
    const oldest = flight.connects.shift();
    if (oldest !== undefined) burst.callOff(flight, oldest);
  }

  function callOff(flight: Flight): void {
    while (flight.connects.length > 0) callOffOldest(flight);
  }

  function waitAgain(flight: Flight): void {
    callOff(flight);
    again.push(flight);
    wake();
  }

  return {
    get pending() {
      return burst.pending;
    },
    get waiting() {
      return again.length + beside.length;
    },
    get besides() {
      return beside.length;
    },
    begin(flight) {
      const nowMs = clock.nowMs();
      flight.tries += 1;
      if (flight.tries === 1) flight.sinceMs = nowMs;
      flight.latestMs = nowMs;
      const { index } = flight;
      flight.connects.push(burst.start(flight, space.address(index), space.port(index), firstMs));
    },
    again: waitAgain,
    anew(flight) {
      flight.tries = 0;
      flight.queriedMs = 0;
      waitAgain(flight);
    },
    beside(flight) {
      beside.push(flight);
      wake();
    },
    nextAgain: () => again.shift() ?? null,
    nextBeside() {
      let flight = beside.shift();
      while (flight !== undefined && flight.connects.length === 0) flight = beside.shift();
      return flight ?? null;
    },
    callOffOldest,
    callOff,
    close: burst.close,
  };
}
