import { leftNothing } from "../../verdict/checked.ts";
import { hostPort } from "../../verdict/words.ts";
import type { ClosedAttempt, Detail } from "../model.ts";
import type { DemandOf } from "../laid-policy.ts";
import { closedEndpoints } from "../plan.ts";
import type { At, Sight } from "../sight.ts";
import { firewallStep, plainDetail, sourceAddress, statusOf, verdictDetail, wayStep } from "./found.ts";
import type { Found } from "./found.ts";

/** How an address took one connect. `unknown`: nothing left this machine, so nothing is known of the way. */
export type ClosedAnswer = "connects" | "no-answer" | "refused" | "unknown";

const EXPECTED = {
  any: "no answer, or a refusal, from each address",
  "no-answer": "no answer from any address",
  refused: "a refusal from each address: a reset, or an ICMP rejection",
} as const;

/** Nobody may connect to these. */
export function evaluateClosed(demand: DemandOf<"closed">, sight: Sight): Found {
  const judged = closedEndpoints(demand).flatMap((endpoint) => {
    const about = hostPort(endpoint.host, endpoint.port);
    const seen = sight.closed(endpoint);
    if (seen === null) return [unknown(about, `${about} was not looked at.`)];
    const attempts = seen.value.attempts.map((value, index): At<ClosedAttempt> => {
      return { value, pointer: `${seen.pointer}/attempts/${index}` };
    });
    if (attempts.length === 0)
      return [unknown(about, `${about} has no address: nothing was tried.`, `${seen.pointer}/address`)];
    return attempts.map((attempt) => judgeAddress(attempt, endpoint.port, demand));
  });
  const count = (answer: ClosedAnswer): number => judged.filter((each) => each.answer === answer).length;
  const words = [
    [count("connects"), "connects", "connect"],
    [count("no-answer"), "does not answer", "do not answer"],
    [count("refused"), "refuses", "refuse"],
    [count("unknown"), "could not be tried", "could not be tried"],
  ] as const;
  const said = words.flatMap(([n, one, many]) => (n === 0 ? [] : [`${n} ${n === 1 ? one : many}`]));
  const [only] = judged;
  const one = only !== undefined && judged.length === 1 ? only.detail.observed.replace(/\.$/, "") : null;
  return {
    status: statusOf(judged.map(({ detail, answer }) => ({ ...detail, open: answer === "unknown" }))),
    expected: EXPECTED[demand.answer],
    observed: one ?? `of ${judged.length} ${said.join(", ")}`,
    details: judged.map(({ detail }) => detail),
  };
}

/** What one connect came to, by its evidence and its verdict. */
export function closedAnswer({ tcp, family, routeErrno, verdict }: ClosedAttempt): ClosedAnswer {
  if (tcp.outcome === "ok") return "connects";
  // A reset, not a refusal: the handshake was made. Reports of older versions have it so.
  if (tcp.outcome === "no-answer" && tcp.cause === "ECONNRESET") return "connects";
  // Where nothing left this machine, that a firewall would stop it is not seen.
  if (verdict === null || leftNothing({ tcp, family, routeErrno, verdict })) return "unknown";
  return verdict.code === "tcp-no-answer" || verdict.code === "tcp-neighbour-silent"
    ? "no-answer"
    : "refused";
}

type Judged = { detail: Detail; answer: ClosedAnswer };

function judgeAddress(attempt: At<ClosedAttempt>, port: number, demand: DemandOf<"closed">): Judged {
  const { address, verdict } = attempt.value;
  const about = hostPort(address, port);
  const answer = closedAnswer(attempt.value);
  if (answer === "connects") return { detail: connectsDetail(attempt, port), answer };
  if (verdict === null) return unknown(about, `${about} was not looked at.`);
  if (answer === "unknown") {
    const seen = verdictDetail(about, false, verdict, null);
    const observed = `${seen.observed} Nothing left this machine, so nothing is known of a firewall.`;
    return { detail: { ...seen, observed }, answer };
  }
  const holds = demand.answer === "any" || demand.answer === answer;
  if (holds)
    return { detail: { ...verdictDetail(about, true, verdict, null), causes: [], next: [] }, answer };
  const rule = `tcp from ${sourceAddress(attempt)} to ${address} port ${port}`;
  const next =
    demand.answer === "refused"
      ? [firewallStep("Closed by silence: to refuse at once, let the firewall reject", `reject ${rule}`)]
      : [firewallStep("Closed by a refusal: to stay silent, let the firewall drop", `drop ${rule}`)];
  return { detail: { ...verdictDetail(about, false, verdict, null), next }, answer };
}

/** It connects, and is not meant to. */
export function connectsDetail(attempt: At<ClosedAttempt>, port: number): Detail {
  const { address, controlPort } = attempt.value;
  const about = hostPort(address, port);
  const every = controlPort?.answer === "connected";
  const more = every ? ` So does port ${controlPort.port}, where nobody listens.` : "";
  return plainDetail(about, false, `${about} accepts connections.${more}`, {
    certainty: every ? "ambiguous" : "certain",
    causes: every
      ? [
          "a device on the path answers for every port (SYN proxy, load balancer, transparent proxy)",
          "it is open",
        ]
      : ["no firewall on the path, or on the host, stops this source"],
    next: [
      firewallStep(
        "If it is to stay closed, ask for this rule on a firewall of the path",
        `deny tcp from ${sourceAddress(attempt)} to ${address} port ${port}`,
      ),
      wayStep(attempt.value),
    ],
    pointer: attempt.pointer,
  });
}

function unknown(about: string, observed: string, pointer: string | null = null): Judged {
  return { detail: plainDetail(about, false, observed, { pointer }), answer: "unknown" };
}
