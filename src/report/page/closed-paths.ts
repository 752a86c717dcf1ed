/** The path to each port that is to stay closed and takes connections. */
import type { Verification } from "../../verify/model.ts";
import { hostPort } from "../../verdict/words.ts";
import { severityOf } from "../verify/words.ts";
import type { Tone } from "./badge.tsx";
import { start } from "./path.ts";
import type { Path } from "./path.ts";
import { durationWords } from "../../verdict/duration.ts";

export function closedPathsOf({
  closed,
  results,
  report,
}: Pick<Verification, "closed" | "results" | "report">): Path[] {
  const tones = new Map<string, Tone>();
  for (const result of results) {
    for (const { pointer, holds } of result.details)
      if (pointer !== null && !holds) tones.set(pointer, severityOf(result) ?? "neutral");
  }
  return closed.flatMap(({ source, host, port, attempts, address }, index) =>
    attempts.flatMap((attempt, at): Path[] => {
      const { tcp, via } = attempt;
      if (tcp.outcome !== "ok") return [];
      const dns = address.literal
        ? { tone: "neutral" as const, words: "address was given", note: null }
        : { tone: "ok" as const, words: attempt.address, note: null };
      const stops = [
        start(via?.address ?? report.from.host, via?.interface ?? null),
        { title: "DNS", ends: false, ...dns },
        {
          title: "TCP",
          tone: tones.get(`/closed/${index}/attempts/${at}`) ?? "failed",
          ends: true,
          words: "connects, is to stay closed",
          note: durationWords(tcp.elapsedMs),
        },
      ];
      return [{ name: hostPort(host, port), source, stops, anchor: "evidence-closed" }];
    }),
  );
}
