/** Attempts from one source: an address that several names or domains share is probed once. */
import type { AttemptEvidence } from "../model/evidence.ts";
import type { Settings } from "../model/settings.ts";
import type { ProbeContext } from "../probe/context.ts";
import { probeAddress } from "../probe/probe.ts";
import type { StopSignal } from "../transport/stop.ts";
import type { Steps } from "./steps.ts";

/** How thoroughly one target is looked at: the rest of the settings is the run's. */
export type Care = Pick<Settings, "count" | "clock">;

/**
 * Has an attempt made, or gives what came of one that was made not long ago.
 *
 * @param key names the address, the port and from where
 * @param signal ends the waiting for it, and the attempt where nobody else waits for it
 * @param attempt is handed the signal that ends it
 */
export type ShareAttempt = (
  key: string,
  signal: StopSignal,
  attempt: (signal: StopSignal) => Promise<AttemptEvidence>,
) => Promise<AttemptEvidence>;

/** One attempt at each address, in their order. */
export type AddressProber = (
  addresses: readonly string[],
  port: number,
  care?: Care,
) => Promise<AttemptEvidence[]>;

/** @param share without it, every attempt is made */
export function createAddressProber(
  source: string | null,
  share: ShareAttempt | undefined,
  steps: Steps,
  context: ProbeContext,
): AddressProber {
  const { settings, signal } = context;
  const probed = new Map<string, Promise<AttemptEvidence>>();
  return (addresses, port, { count, clock }: Care = settings) =>
    Promise.all(
      addresses.map((address) => {
        const key = `${address} ${port} ${count} ${clock}`;
        const known = probed.get(key);
        if (known) return known;
        const asked = { ...context, settings: { ...settings, count, clock } };
        const attempt = (ends: StopSignal): Promise<AttemptEvidence> =>
          steps.probe(`probing ${address}`, (onWait) =>
            probeAddress(address, port, { ...asked, signal: ends, onWait }),
          );
        const found = share?.(`${source ?? ""} ${key}`, signal, attempt) ?? attempt(signal);
        probed.set(key, found);
        return found;
      }),
    );
}
