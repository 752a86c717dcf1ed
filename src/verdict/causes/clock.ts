import type { Cause } from "../../model/causes.ts";
import type { Diagnosis } from "../../model/diagnosis.ts";
import { stepFor } from "./step.ts";
import type { About } from "./step.ts";

/**
 * Seen only where clocks were asked for, and then of the host: the client's own clock is left to settle in any case.
 * A difference beyond four hours is a fault whoever's it is; a smaller one may be one for some client.
 */
export function clockCause(diagnoses: readonly Diagnosis[], about: About): Cause {
  const cause = "clock";
  const found = diagnoses.flatMap(({ findings }, target) =>
    findings.flatMap(({ code, observed }, index) =>
      code.startsWith("clock-")
        ? [{ code, observed, pointer: `/diagnoses/${target}/findings/${index}` }]
        : [],
    ),
  );
  const beyond = found.find(({ code }) => code === "clock-beyond-four-hours");
  const other = found.find(({ code }) => code !== "clock-no-signal");
  const told = beyond ?? other ?? found[0];
  const step = stepFor(cause, about);
  if (told !== undefined) {
    const state =
      beyond !== undefined ? "confirmed" : other !== undefined ? "possible" : "not-visible-from-here";
    return { cause, state, evidence: told.observed, pointer: told.pointer, step };
  }
  const asked = clocksIn(diagnoses);
  const [first] = asked;
  if (first === undefined || !asked.every(({ shown }) => shown)) {
    const evidence =
      first === undefined ? "No clock was asked for (--clock)" : "Not every host shows its clock";
    return { cause, state: "not-visible-from-here", evidence, pointer: first?.pointer ?? null, step };
  }
  const evidence =
    "The hosts' clocks are less than an hour from this machine's; a client's own is not seen from here";
  return { cause, state: "ruled-out", evidence, pointer: first.pointer, step };
}

/** Every address whose clock was asked for, and whether it was shown. */
function clocksIn(diagnoses: readonly Diagnosis[]): { pointer: string; shown: boolean }[] {
  return diagnoses.flatMap(({ endpoints }, target) =>
    endpoints.flatMap(({ attempts }, host) =>
      attempts.flatMap(({ clock }, index) => {
        if (clock === null) return [];
        const pointer = `/diagnoses/${target}/endpoints/${host}/attempts/${index}/clock`;
        return { pointer, shown: clock.readings.some(({ answer }) => answer.outcome === "ok") };
      }),
    ),
  );
}
