import type { ClockReading } from "../../model/clock.ts";
import type { Attempt } from "../../model/diagnosis.ts";
import type { SocketAddress } from "../../model/dns.ts";
import { plural } from "../../verdict/figures.ts";
import type { DemandOf } from "../laid-policy.ts";
import type { At, SeenHost, Sight } from "../sight.ts";
import { aboutAttempt, aboutHost, plainDetail, statusOf } from "./found.ts";
import type { Found, Judged } from "./found.ts";
import { groupsOf } from "./targets.ts";
import { durationWords } from "../../verdict/duration.ts";

/** Clocks are within the bound of this machine's, as far as they can be seen. */
export function evaluateClock(
  demand: DemandOf<"clock">,
  sight: Sight,
  resolvers: readonly SocketAddress[],
): Found {
  const judged = groupsOf(demand, sight, resolvers, "listed").flatMap(({ hosts, nothing }): Judged[] => [
    ...(nothing === null ? [] : [nothing]),
    ...hosts.flatMap((host) => judgeHost(host, demand)),
  ]);
  const off = judged.filter(({ holds, open }) => !holds && !open).length;
  const unseen = judged.filter(({ open }) => open).length;
  const parts = [
    ...(off > 0 ? [`${off} of ${plural(judged.length, "clock")} off`] : []),
    ...(unseen > 0
      ? [`no clock was seen at ${unseen} of ${plural(judged.length, "address", "addresses")}`]
      : []),
  ];
  return {
    status: statusOf(judged),
    expected: `at most ${durationWords(demand.within)} from this machine's clock`,
    observed: parts.length > 0 ? parts.join("; ") : `${plural(judged.length, "clock")} looked at, none off`,
    details: judged,
  };
}

function judgeHost(host: SeenHost, demand: DemandOf<"clock">): Judged[] {
  if (host.attempts.length === 0) {
    const about = aboutHost(host);
    return [
      { ...plainDetail(about, false, `${about} has no address: its clock was not looked at.`), open: true },
    ];
  }
  return host.attempts.map((attempt) => judgeAttempt(host, attempt, demand));
}

function judgeAttempt(host: SeenHost, { value, pointer }: At<Attempt>, demand: DemandOf<"clock">): Judged {
  const about = aboutAttempt(host, value.address);
  const readings = value.clock?.readings ?? [];
  const reading = mostExact(readings);
  const more = { pointer: `${pointer}/clock` };
  if (!wasAsked(value))
    return {
      ...plainDetail(about, false, `The clock of ${value.address} was not looked at.`, more),
      open: true,
    };
  if (reading === null) {
    const fine = demand.unseen === "accept";
    const detail = plainDetail(
      about,
      fine,
      `${value.address} shows no clock on 445, 123, 80 and 5985.`,
      more,
    );
    return { ...detail, open: !fine };
  }
  const { offsetMs, uncertaintyMs } = reading;
  const size = Math.abs(offsetMs);
  const way = offsetMs > 0 ? "ahead of" : "behind";
  const said = `${value.address} is ${durationWords(size)} ${way} this machine's clock (± ${durationWords(uncertaintyMs)}, by ${reading.by}).`;
  // What the reading can't tell apart is not held against the host.
  const holds = size - uncertaintyMs <= demand.within;
  const detail = plainDetail(about, holds, said, {
    ...more,
    certainty: "certain",
    causes: holds ? [] : ["the host's clock is off, or this machine's"],
    next: holds
      ? []
      : [
          {
            where: "client",
            text: "Compare with a client's clock, which is what counts: a host refuses more than four hours",
            command: `w32tm /stripchart /computer:${value.address} /samples:3 /dataonly`,
          },
        ],
  });
  return { ...detail, open: false };
}

/** Whether any question left this machine. */
function wasAsked({ clock }: Attempt): boolean {
  if (clock === null) return false;
  const { readings } = clock;
  return (
    readings.length === 0 ||
    readings.some(({ answer }) => answer.outcome !== "skipped" && answer.outcome !== "not-sent")
  );
}

function mostExact(
  readings: readonly ClockReading[],
): { by: string; offsetMs: number; uncertaintyMs: number } | null {
  const seen = readings.flatMap(({ by, answer }) =>
    answer.outcome === "ok" ? [{ by, ...answer.facts }] : [],
  );
  return seen.toSorted((a, b) => a.uncertaintyMs - b.uncertaintyMs)[0] ?? null;
}
