import type { Attempt } from "../../model/diagnosis.ts";
import type { SocketAddress } from "../../model/dns.ts";
import { median, plural, quantile } from "../../verdict/figures.ts";
import { entryOf, isVerdictCode } from "../../verdict/catalog.ts";
import { isUnsettled } from "../../verdict/checked.ts";
import { hostPort } from "../../verdict/words.ts";
import type { Detail } from "../model.ts";
import { latencyWords } from "../names.ts";
import type { DemandOf } from "../laid-policy.ts";
import type { At, SeenHost, Sight } from "../sight.ts";
import { aboutAttempt, hostDetails, plainDetail, sourceOption, statusOf, wayStep } from "./found.ts";
import type { Found } from "./found.ts";
import { groupsOf } from "./targets.ts";
import { durationWords } from "../../verdict/duration.ts";

/** RPC round trips of one address: samples of alter_context, or the bind's own where the server takes none. */
export function roundTripsMs({ rpc }: Pick<Attempt, "rpc">): readonly number[] {
  if (rpc === null) return [];
  if (rpc.latency.samplesMs.length > 0) return rpc.latency.samplesMs;
  const bind = [rpc.bind, rpc.plain].find((each) => each?.answer.outcome === "ok");
  return bind?.answer.outcome === "ok" ? [bind.answer.elapsedMs] : [];
}

/** What stands for round trips; null of none. */
export type RoundTrips = { medianMs: number; p95Ms: number; samples: number };

export function roundTripsOf(attempt: Pick<Attempt, "rpc">): RoundTrips | null {
  const samples = roundTripsMs(attempt);
  const [medianMs, p95Ms] = [median(samples), quantile(samples, 0.95)];
  return medianMs === null || p95Ms === null ? null : { medianMs, p95Ms, samples: samples.length };
}

/** Every address that serves answers within the bounds; a host that doesn't serve has no time, and is no slow one. */
export function evaluateLatency(
  demand: DemandOf<"latency">,
  sight: Sight,
  resolvers: readonly SocketAddress[],
): Found {
  const groups = groupsOf(demand, sight, resolvers, "found");
  const judged = groups.flatMap(({ hosts, nothing }) => [
    ...(nothing === null ? [] : [{ detail: nothing, open: true, worst: null }]),
    ...hosts.flatMap((host) => judgeHost(host, demand)),
  ]);
  const slow = judged.filter(({ detail, open }) => !detail.holds && !open).length;
  const worst = judged
    .flatMap((each) => each.worst ?? [])
    .toSorted((a, b) => b.medianMs - a.medianMs)
    .at(0);
  const untimed = judged.filter((each) => each.worst === null).length;
  const figures =
    worst === undefined
      ? noTimeWords(judged)
      : `at worst RPC median ${durationWords(worst.medianMs)}, p95 ${durationWords(worst.p95Ms)} over ${worst.samples}`;
  // Who passes by having no time is not to be read as quick.
  const rest = worst === undefined || untimed === 0 ? "" : `; no time of ${untimed} of ${judged.length}`;
  const status = statusOf(judged.map(({ detail, open }) => ({ holds: detail.holds, open })));
  return {
    // Where nothing was measured, nothing is known of the bounds.
    status: status === "met" && worst === undefined ? "error" : status,
    expected: latencyWords(demand),
    observed: `${slow > 0 ? `${slow} of ${plural(judged.length, "address", "addresses")} out of bounds; ` : ""}${figures}${rest}`,
    details: judged.map(({ detail }) => detail),
  };
}

type Judged = { detail: Detail; open: boolean; worst: RoundTrips | null };

/** `no time: 10.77.2.12:1688 refused`. */
function noTimeWords(judged: readonly Judged[]): string {
  const [first] = judged;
  if (first === undefined) return "no round trip was measured";
  const more = judged.length > 1 ? `, and ${judged.length - 1} more` : "";
  return `${first.detail.observed.replace(/\.$/, "").replace(/^(?!no time)/, "no round trip was measured: ")}${more}`;
}

function judgeHost(host: SeenHost, demand: DemandOf<"latency">): Judged[] {
  if (!host.value.verdict.serves) {
    const open = isUnsettled(host.value);
    // Whether it is to serve is another expectation's.
    return hostDetails(host).map(({ about, code, pointer }) => {
      const observed = `no time: ${about}: ${code !== null && isVerdictCode(code) ? entryOf(code).title : "does not serve"}.`;
      return { detail: plainDetail(about, !open, observed, { code, pointer }), open, worst: null };
    });
  }
  return host.attempts
    .filter(({ value }) => value.verdict.serves)
    .map((attempt) => judgeAttempt(host, attempt, demand));
}

function judgeAttempt(host: SeenHost, attempt: At<Attempt>, demand: DemandOf<"latency">): Judged {
  const { address, tcp } = attempt.value;
  const trips = roundTripsOf(attempt.value);
  const connectMs = tcp.outcome === "ok" ? tcp.elapsedMs : null;
  const figures = [
    { what: "RPC median", ms: trips?.medianMs ?? null, bound: demand.median },
    { what: "RPC p95", ms: trips?.p95Ms ?? null, bound: demand.p95 },
    { what: "TCP connect", ms: connectMs, bound: demand.connect },
  ];
  const holds = figures.every(({ ms, bound }) => bound === undefined || (ms !== null && ms <= bound));
  const said = figures.flatMap(({ what, ms, bound }) => {
    if (ms === null) return [];
    return [
      `${what} ${durationWords(ms)}${bound !== undefined && ms > bound ? ` (over ${durationWords(bound)})` : ""}`,
    ];
  });
  const of = trips?.samples === 1 ? "the bind alone" : `${trips?.samples ?? 0} round trips`;
  const about = aboutAttempt(host, address);
  const where = hostPort(address, host.value.endpoint.port);
  const detail = plainDetail(about, holds, `${where}: ${said.join(", ")}; of ${of}.`, {
    certainty: "certain",
    causes: holds ? [] : CAUSES,
    next: holds
      ? []
      : [
          {
            where: "here",
            text: "Watch it for a while, to tell a spike from a slow path",
            command: `kmsprobe watch ${where}${sourceOption(host.diagnosis.value.source)}`,
          },
          wayStep(attempt.value),
        ],
    pointer: `${attempt.pointer}/rpc/latency`,
  });
  return { detail, open: false, worst: trips };
}

const CAUSES = [
  "another way than before (a VPN, a detour, a tunnel in a tunnel)",
  "a device on the path inspects or shapes this traffic",
  "the path, or the host, is busy",
];
