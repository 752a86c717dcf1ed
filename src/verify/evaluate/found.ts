/** What an evaluation comes to, and the sentences that several kinds need. */
import type { Step, Verdict } from "../../model/verdict.ts";
import { asTyped, hostPort } from "../../verdict/words.ts";
import type { Detail, ExpectationResult } from "../model.ts";
import type { At, SeenHost } from "../sight.ts";

export type Found = Pick<ExpectationResult, "status" | "expected" | "observed"> & { details: Detail[] };

/** `open`: what our own machine, or the user's stop, left so. Then nothing is known, and `holds` says nothing. */
export type Judged = Detail & { open: boolean };

/** A detail that nothing but its own sentence stands for. */
export function plainDetail(
  about: string,
  holds: boolean,
  observed: string,
  more: Partial<Omit<Detail, "about" | "holds" | "observed">> = {},
): Detail {
  const nothing = { code: null, certainty: null, causes: [], next: [], pointer: null };
  return { about, holds, observed, ...nothing, ...more };
}

/** @param root pointer to the diagnosis that the verdict's own pointer leads into; null where that is absolute */
export function verdictDetail(about: string, holds: boolean, verdict: Verdict, root: string | null): Detail {
  const { code, certainty, causes, next, observed, because } = verdict;
  return { about, holds, observed, code, certainty, causes, next, pointer: `${root ?? ""}${because}` };
}

/** `kms1.corp.example:1688 at 10.0.0.5`; an address is its own name. */
export function aboutAttempt({ value }: SeenHost, address: string): string {
  const { host, port } = value.endpoint;
  return host === address ? hostPort(host, port) : `${hostPort(host, port)} at ${address}`;
}

export function aboutHost({ value }: SeenHost): string {
  return hostPort(value.endpoint.host, value.endpoint.port);
}

/** One detail an address, or one for a host that has none: what its verdict says. */
export function hostDetails(host: SeenHost): Detail[] {
  const { value, attempts, diagnosis } = host;
  if (attempts.length === 0)
    return [verdictDetail(aboutHost(host), value.verdict.serves, value.verdict, diagnosis.pointer)];
  return attempts.map(({ value: { address, verdict } }) =>
    verdictDetail(aboutAttempt(host, address), verdict.serves, verdict, diagnosis.pointer),
  );
}

/** The address that the next steps speak of, as the rule for a firewall names it. */
export function sourceAddress(attempt: At<{ via: { address: string } | null }>): string {
  return attempt.value.via?.address ?? "this machine";
}

/** The same for the routing table: a policy of routes may send it another way from another source. */
export function wayStep({ address, via }: { address: string; via: { address: string } | null }): Step {
  const from = via === null ? "" : ` from ${via.address}`;
  return {
    where: "here",
    text: "See which way this machine takes",
    command: asTyped(`ip route get ${address}${from}`),
  };
}

/** ` --source hq0`, as the policy has it; nothing where the system chose. */
export function sourceOption(source: string | null): string {
  return source !== null && /^\w[\w.:%-]*$/.test(source) ? ` --source ${source}` : "";
}

export function firewallStep(text: string, command: string): Step {
  return { where: "firewall", text, command };
}

/** Fails where something fails; else is not checked where something is open. */
export function statusOf(details: readonly { holds: boolean; open?: boolean }[]): Found["status"] {
  if (details.some(({ holds, open = false }) => !holds && !open)) return "failed";
  return details.some(({ open = false }) => open) ? "error" : "met";
}
