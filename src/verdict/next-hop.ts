/** To whom this machine hands packets to an unreachable host, in the words of the catalogue. */
import type { NextHop } from "../model/here.ts";
import type { Hint } from "./catalog/entry.ts";
import type { Values } from "./words.ts";

export function hopHints(hop: NextHop | null): Hint[] {
  if (hop === null) return [];
  if (hop.gateway === null) return ["on-link"];
  if (hop.answers === null) return [];
  return [hop.answers ? "gateway-answers" : "gateway-silent"];
}

/** `hop` is why nobody seems to have the address: what was seen or, where nothing was, how long it took. */
export function hopValues(hop: NextHop | null): Values {
  const gateway = hop?.gateway ?? "";
  if (hop?.answers !== false)
    return { gateway, hop: "as long as an unanswered ARP or neighbour query takes" };
  const who = gateway === "" ? "nobody has answered" : `the gateway ${gateway} has not answered`;
  return { gateway, hop: `${who} this machine's ARP or neighbour queries` };
}
