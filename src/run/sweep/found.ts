/** The lines that a sweep tells of addresses, and whom among them it will measure. */
import type { AttemptEvidence, Endpoint } from "../../model/evidence.ts";
import type { RpcEvidence } from "../../model/rpc.ts";
import { literalAddress } from "../../probe/address.ts";
import type { EndpointLine } from "../../sweep/model.ts";
import { judgeEndpoint } from "../../verdict/endpoint.ts";
import type { SweepRequest } from "./model.ts";

/** The number of hosts that are measured: who finds more has found something else. */
const MAX_ACCEPTING = 10_000;

/** A host that accepted the bind: what its fingerprint is read from, and not the whole line, of which there may be many. */
export type Accepting = { endpoint: Endpoint; address: string; rpc: RpcEvidence };

export type Found = {
  tell: (line: EndpointLine) => void;
  readonly accepting: readonly Accepting[];
  readonly serving: number;
};

export function createFound(onLine: (line: EndpointLine) => void): Found {
  const accepting: Accepting[] = [];
  let serving = 0;
  return {
    tell(line) {
      onLine(line);
      const [attempt] = line.attempts;
      if (line.verdict.serves) serving += 1;
      const rpc = attempt?.rpc;
      if (!attempt || !rpc || accepting.length >= MAX_ACCEPTING) return;
      if ([rpc.bind, rpc.plain].some((bind) => bind?.answer.outcome === "ok"))
        accepting.push({ endpoint: line.endpoint, address: attempt.address, rpc });
    },
    accepting,
    get serving() {
      return serving;
    },
  };
}

/** An address, judged, under the names that the user gave for it. */
export function lineOf(attempt: AttemptEvidence, port: number, names: SweepRequest["names"]): EndpointLine {
  const named = names.get(attempt.address);
  const host = named?.names[0] ?? attempt.address;
  const address = named ? named.evidence : literalAddress(attempt.address);
  const evidence = { endpoint: { host, port }, listedBy: [], address, attempts: [attempt] };
  return { type: "endpoint", names: named?.names ?? [], ...judgeEndpoint(evidence, "") };
}
