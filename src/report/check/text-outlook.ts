/** What a client would experience, in one sentence for each list of hosts that resolvers give. */
import type { Diagnosis, OutlookView, SocketAddress } from "../../model.ts";
import { contentOf } from "../../verdict/srv.ts";
import { hostPort } from "../../verdict/words.ts";

/** Resolvers are named where they do not all say the same; one that lists nothing has a sentence of its own. */
export function outlookSentences(diagnosis: Diagnosis): string[] {
  const { outlook, srv } = diagnosis;
  if (outlook === null) return [];
  const without = srv.filter(({ answer }) => answer.outcome === "denied");
  const named = outlook.views.length > 1 || without.length > 0;
  return [
    ...outlook.views.map((view) =>
      sentence(view, outlook.clientTimeoutMs, named ? believes(view.resolvers) : "A client"),
    ),
    ...without.map(
      (said) => `${believes([said.resolver])} finds no host: it ${contentOf(said)?.words ?? "lists none"}.`,
    ),
  ];
}

function believes(resolvers: readonly SocketAddress[]): string {
  return `A client that believes ${resolvers.map(({ address, port }) => hostPort(address, port)).join(" or ")}`;
}

/** Both client models in one sentence, or one figure for both where they agree. */
function sentence({ models }: OutlookView, clientTimeoutMs: number, who: string): string {
  const [rfc, random] = models;
  if (rfc === undefined || random === undefined) return "";
  const assumed = `${clientTimeoutMs / 1000} s assumed for each silent host`;
  if (!rfc.anyServes) {
    const lost = rfc.worstSecondsLost > 0 ? `, after ${rfc.worstSecondsLost.toFixed(0)} s` : "";
    return `${who} finds no host that serves: it gives up with 0xC004F074${lost} (${assumed}).`;
  }
  const same =
    percent(rfc.firstServes) === percent(random.firstServes) &&
    rfc.expectedSecondsLost.toFixed(1) === random.expectedSecondsLost.toFixed(1);
  const first = same
    ? percent(rfc.firstServes)
    : `${percent(rfc.firstServes)} (by priority and weight) or ${percent(random.firstServes)} (picking at random)`;
  const worst = Math.max(rfc.worstSecondsLost, random.worstSecondsLost);
  const lost =
    worst === 0
      ? "it loses no time on silent hosts"
      : `it loses ${rfc.expectedSecondsLost.toFixed(1)} s${same ? "" : ` or ${random.expectedSecondsLost.toFixed(1)} s`} on average, at worst ${worst.toFixed(0)} s, on silent hosts before one serves (${assumed})`;
  return `${who} meets a host that serves at its first try with ${first}; ${lost}.`;
}

function percent(chance: number): string {
  return `${(chance * 100).toFixed(chance > 0 && chance < 0.1 ? 1 : 0)} %`;
}
