/** One address of one endpoint: evidence in, verdict out. The first layer that is not `ok` speaks. */
import type { AttemptEvidence, Endpoint } from "../model/evidence.ts";
import type { Verdict } from "../model/verdict.ts";
import { betweenHints } from "./between.ts";
import { cutShort } from "./cut-short.ts";
import { servesBeside } from "./family.ts";
import { NOTHING_GIVEN } from "./given.ts";
import type { Given } from "./given.ts";
import { judgeRpc } from "./rpc.ts";
import { judgeTcp } from "./tcp.ts";
import { hostPort } from "./words.ts";
import type { Clue, Values } from "./words.ts";

/**
 * @param pointer RFC 6901 pointer to this attempt
 * @param beside whose the address is by DNS, what other sources of the run saw of it, and at which of its addresses the
 * same host serves
 */
export function judgeAttempt(
  attempt: AttemptEvidence,
  endpoint: Endpoint,
  pointer: string,
  beside: { given?: Given; seen?: readonly Clue[]; serving?: readonly AttemptEvidence[] } = {},
): Verdict {
  const { given = NOTHING_GIVEN } = beside;
  const family = servesBeside(attempt, beside.serving ?? []);
  const seen: readonly Clue[] = [...given.hints, ...family.hints, ...(beside.seen ?? [])];
  const values: Values = {
    host: endpoint.host,
    port: String(endpoint.port),
    address: attempt.address,
    target: hostPort(attempt.address, endpoint.port),
    source: attempt.via?.address ?? "this machine",
    // A policy of routes may send it another way from another source.
    fromSource: attempt.via === null ? "" : ` from ${attempt.via.address}`,
    takenHere: String(attempt.takenHere ?? "PORT"),
    interface: attempt.via?.interface ?? "the link",
    refusedSource: attempt.here?.refusedSource ?? "",
    preloaded: attempt.here?.preloaded ?? "",
    embedded: given.embedded ?? "",
    ...given.asked,
    ...family.values,
  };
  const { tcp } = attempt;
  if (tcp.outcome !== "ok") return judgeTcp({ ...attempt, tcp }, `${pointer}/tcp`, values, seen);
  if (attempt.rpc === null) return cutShort(`${pointer}/rpc`, values, "deadline");
  return judgeRpc(attempt.rpc, `${pointer}/rpc`, values, [...betweenHints(attempt), ...seen]);
}
