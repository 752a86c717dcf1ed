import type { Verdict } from "../model/verdict.ts";
import { verdictOf } from "./words.ts";
import type { Values } from "./words.ts";

/** The verdict of what was not looked at to its end. */
export function cutShort(because: string, values: Values, reason: string): Verdict {
  const detail = reason === "deadline" ? "the deadline for this address passed" : "the run was interrupted";
  const hint = reason === "deadline" ? "deadline-passed" : "interrupted";
  return verdictOf("run-cut-short", because, { ...values, detail }, [hint]);
}
