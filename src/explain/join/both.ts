/** One table of the eight causes, from what the text claims and what the network shows. */
import type { Cause } from "../../model/causes.ts";
import { causeOfClaims } from "../causes.ts";
import type { Claimed, Weighed } from "../causes.ts";
import type { ExplainedCode } from "../model.ts";
import { REPORT } from "./network.ts";

/** A cause at one place need not be one at the other: where a client is refused, another may pass. */
const BY_PLACE = new Set<Cause["cause"]>(["connectivity", "dns"]);

/** @param seen the causes of the check report, in the order of the eight */
export function causesOfBoth(
  claims: readonly Claimed[],
  codes: readonly ExplainedCode[],
  seen: readonly Cause[],
): Cause[] {
  return seen.map((network) => {
    const text = causeOfClaims(network.cause, claims, codes);
    const pointer = network.pointer === null ? null : REPORT + network.pointer;
    const here: Cause = { ...network, pointer };
    if (text.weight === "none") return here;
    if (here.state === "not-visible-from-here") return { ...text.cause, step: here.step ?? text.cause.step };
    return joined(text, here);
  });
}

function joined(text: Weighed, here: Cause): Cause {
  const state = stateOf(text.weight, here);
  // What decided goes first, and the pointer leads to it.
  const textDecides =
    text.weight === "confirmed" || (here.state !== "confirmed" && text.weight === "possible");
  const both = [
    { evidence: `In the text: ${text.cause.evidence}`, pointer: text.cause.pointer },
    { evidence: `From here: ${here.evidence.replace(/[. ]+$/, "")}`, pointer: here.pointer },
  ];
  const [first, second] = textDecides ? both : both.toReversed();
  return {
    cause: here.cause,
    state,
    evidence: `${first?.evidence ?? ""}. ${second?.evidence ?? ""}`,
    pointer: first?.pointer ?? second?.pointer ?? null,
    step: state === "ruled-out" ? null : (here.step ?? text.cause.step),
  };
}

function stateOf(text: Weighed["weight"], here: Cause): Cause["state"] {
  if (text === "confirmed")
    return here.state === "ruled-out" && BY_PLACE.has(here.cause) ? "possible" : "confirmed";
  if (here.state === "confirmed") return text === "ruled-out" ? "possible" : "confirmed";
  if (text === "possible" || here.state === "possible") return "possible";
  return "ruled-out";
}
