/** Which further option of kmsprobe could settle what a verdict leaves open. */
import type { Settings } from "../model/settings.ts";
import type { Verdict, VerdictCode } from "../model/verdict.ts";

export type Lead = {
  option: "--trace" | "--ladder";
  /** What it tells, as the rest of "--trace ...". */
  tells: string;
};

const TRACE: Lead = { option: "--trace", tells: "walks the path, and shows where packets to this port end" };
const LADDER: Lead = {
  option: "--ladder",
  tells: "tries four binds, and shows whether something on the path minds their shape",
};

const LEADS: Partial<Record<VerdictCode, Lead>> = {
  "tcp-no-answer": TRACE,
  "tcp-host-unreachable": TRACE,
  "tcp-neighbour-silent": TRACE,
  "tcp-net-unreachable": TRACE,
  "rpc-no-answer": LADDER,
  "rpc-closed": LADDER,
  "rpc-reset": LADDER,
  "rpc-plain-bind-only": LADDER,
};

/** Null where nothing is left open, where none could settle it, or where it was used already. */
export function leadOf(
  { code, certainty }: Pick<Verdict, "code" | "certainty">,
  settings: Pick<Settings, "trace" | "ladder">,
): Lead | null {
  const lead = LEADS[code];
  if (lead === undefined || certainty === "certain") return null;
  return (lead.option === "--trace" ? settings.trace : settings.ladder) ? null : lead;
}
