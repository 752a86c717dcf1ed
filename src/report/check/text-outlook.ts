/** What a client would experience, in one sentence for each list of hosts that resolvers give. */
import type { Diagnosis } from "../../model/diagnosis.ts";
import type { SocketAddress } from "../../model/dns.ts";
import type { Outlook, OutlookView } from "../../model/outlook.ts";
import { keyOf } from "../../verdict/believed.ts";
import { contentOf } from "../../verdict/srv.ts";
import { durationWords } from "../../verdict/duration.ts";
import { percentWords } from "../../verdict/figures.ts";

/** Resolvers are named where they do not all say the same; one that lists nothing has a sentence of its own. */
export function outlookSentences(diagnosis: Diagnosis): string[] {
  const { outlook, srv } = diagnosis;
  if (outlook === null) return [];
  const without = srv.filter(({ answer }) => answer.outcome === "denied");
  const named = outlook.views.length > 1 || without.length > 0;
  return [
    ...outlook.views.map((view) => {
      const first = view.believed ? outlook.believed : null;
      const who = named ? believes(view.resolvers, first) : "A client";
      return (
        sentence(view, outlook.clientTimeoutMs, who) + (view.believed ? waitWords(outlook.resolverWaits) : "")
      );
    }),
    ...without.map((said) => {
      const isFirst = outlook.believed !== null && keyOf(said.resolver) === keyOf(outlook.believed);
      const who = believes([said.resolver], isFirst ? said.resolver : null);
      const words = contentOf(said)?.words ?? "lists none";
      return `${who} finds no host: it ${words}.${isFirst ? waitWords(outlook.resolverWaits) : ""}`;
    }),
  ];
}

/** @param first the one of them that is the first in the list to answer */
function believes(resolvers: readonly SocketAddress[], first: SocketAddress | null): string {
  const who = `A client that believes ${resolvers.map(keyOf).join(" or ")}`;
  if (first === null) return who;
  return resolvers.length === 1
    ? `${who}, the first that answers,`
    : `${who} (${keyOf(first)} is the first that answers)`;
}

const SYSTEMS: Readonly<Record<Outlook["resolverWaits"][number]["system"], string>> = {
  glibc: "glibc",
  windows: "Windows",
};

/** What goes before: the resolvers that were asked in vain. */
function waitWords(waits: Outlook["resolverWaits"]): string {
  if (waits.length === 0) return "";
  const lost = waits.map(({ system, secondsLost }) => `${secondsWords(secondsLost)} with ${SYSTEMS[system]}`);
  return ` Before that it waits for resolvers that stay silent: ${lost.join(", ")}.`;
}

/** Both client models in one sentence, and each figure once where they agree in it. */
function sentence({ models }: OutlookView, clientTimeoutMs: number, who: string): string {
  const [rfc, random] = models;
  if (rfc === undefined || random === undefined) return "";
  const assumed = `${durationWords(clientTimeoutMs)} assumed for each silent host`;
  if (!rfc.anyServes) {
    const lost = rfc.worstSecondsLost > 0 ? `, after ${secondsWords(rfc.worstSecondsLost)}` : "";
    return `${who} finds no host that serves: it gives up with 0xC004F074${lost} (${assumed}).`;
  }
  const loses = [
    ...new Set([rfc, random].map(({ expectedSecondsLost }) => secondsWords(expectedSecondsLost))),
  ];
  const sameFirst = percentWords(rfc.firstServes) === percentWords(random.firstServes);
  const first = sameFirst
    ? percentWords(rfc.firstServes)
    : `${percentWords(rfc.firstServes)} (by priority and weight) or ${percentWords(random.firstServes)} (picking at random)`;
  const worst = Math.max(rfc.worstSecondsLost, random.worstSecondsLost);
  const lost =
    worst === 0
      ? "it loses no time on silent hosts"
      : `it loses ${loses.join(" or ")} on average, at worst ${secondsWords(worst)}, on silent hosts before one serves (${assumed})`;
  return `${who} meets a host that serves at its first try with ${first}; ${lost}.`;
}

function secondsWords(seconds: number): string {
  return seconds === 0 ? "0 s" : durationWords(seconds * 1_000);
}
