/**
 * What follows a connect: the address is probed on, and what comes of it is told; where this machine lacked something, or
 * packets may have been lost, it is looked at again.
 */
import type { Via } from "../../model/source.ts";
import { probeOnward } from "../../probe/probe.ts";
import { failed } from "../../probe/tcp.ts";
import type { TcpProbe } from "../../probe/tcp.ts";
import { viaOf } from "../../system/interfaces.ts";
import type { AddressSpace } from "../../targets/address-set.ts";
import type { Clock } from "../../transport/clock.ts";
import type { StopSignal } from "../../transport/stop.ts";
import { contextOf } from "../context.ts";
import type { Flight } from "./flight.ts";
import { isLost, isShortage, shortageIn, wasCutShort } from "./meaning.ts";
import type { Mixed } from "./mixed.ts";
import { TOLD } from "./share.ts";
import type { Job, SweeperEvent } from "./share.ts";

/** Tries where this machine was short of something, before that is the outcome. */
const MAX_TROUBLES = 12;

export type Onward = {
  /** Addresses that are looked at beyond their connect. */
  readonly probing: number;
  /** Probes on from where the connect came to. */
  probe: (flight: Flight, connected: TcpProbe) => Promise<void>;
  /** The connect failed with that errno, other than by a plain refusal that nobody wants evidence of. */
  failed: (flight: Flight, errno: string, elapsedMs: number) => Promise<void>;
};

/** The thread that the addresses are of. */
export type OnwardWorld = {
  space: AddressSpace;
  clock: Clock;
  signal: StopSignal;
  mixed: Mixed;
  tell: (event: SweeperEvent) => void;
};

/** What is to become of an address. */
export type Ways = {
  settle: (flight: Flight, outcome: number) => void;
  startAnew: (flight: Flight) => void;
  /** This machine lacked that: fewer at a time from now on, and the address again. */
  slowDown: (flight: Flight, cause: string) => void;
  /** Nothing is known of it, and nothing more will be. */
  leave: () => void;
  /** A mistake of ours ends the sweep. */
  fail: (error: unknown) => void;
  readonly over: boolean;
};

/** @param ways are taken when an address is done, or is to be looked at again */
export function createOnward(job: Job, world: OnwardWorld, ways: Ways): Onward {
  const { space, clock, signal, mixed, tell } = world;
  const context = contextOf(job.settings, null, { signal, clock });
  const vias = new Map<string, Promise<Via>>();
  let probing = 0;

  const placeOf = ({ index }: Flight): { address: string; port: number } => ({
    address: space.address(index),
    port: space.port(index),
  });

  function describe(address: string): Promise<Via> {
    const known = vias.get(address) ?? viaOf(address);
    vias.set(address, known);
    return known;
  }

  async function probe(flight: Flight, connected: TcpProbe): Promise<void> {
    probing += 1;
    const { index, batch, position } = flight;
    try {
      const attempt = await probeOnward(placeOf(flight), () => connected, context, describe);
      probing -= 1;
      if (ways.over) return;
      // Cut short by the user: nothing is known of it.
      if (signal.aborted && wasCutShort(attempt)) return ways.leave();
      if (isLost(attempt) && flight.doubts < job.retries) {
        flight.doubts += 1;
        return ways.startAnew(flight);
      }
      const lacked = shortageIn(attempt);
      if (lacked !== null && flight.troubles < MAX_TROUBLES) return ways.slowDown(flight, lacked);
      tell({ type: "evidence", batch: batch.number, position, index, attempt });
      ways.settle(flight, TOLD);
    } catch (error) {
      ways.fail(error);
    }
  }

  return {
    get probing() {
      return probing;
    },
    probe,
    async failed(flight, errno, elapsedMs) {
      // An ARP query that a first try began ends during the second: the host was waited for all that time.
      const waitedMs = flight.tries > 1 ? Math.max(elapsedMs, clock.nowMs() - flight.sinceMs) : elapsedMs;
      if (flight.troubles < MAX_TROUBLES) {
        probing += 1;
        const shortage = await isShortage(errno, placeOf(flight));
        probing -= 1;
        if (shortage) return ways.slowDown(flight, errno);
      }
      mixed.answered(space.subnet(flight.index));
      await probe(flight, { evidence: failed(errno, waitedMs, flight.tries), connection: null });
    },
  };
}
