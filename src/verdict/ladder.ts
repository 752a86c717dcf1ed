import type { FindingCode } from "../model/finding.ts";
import type { Ladder, Rung, RungAnswer } from "../model/ladder.ts";

/** A rung that was answered by an RPC server or what passes for one: accepted or not, the PDU got through. */
function passed(answer: RungAnswer): boolean {
  return answer === "accepted" || answer === "rejected" || answer === "nak" || answer === "fault";
}

/** Names the pattern of a ladder; null where it was cut short. */
export function readLadder(ladder: Ladder): { code: FindingCode; observed: string } | null {
  const answers = new Map<Rung, RungAnswer>(ladder.map(({ rung, answer }) => [rung, answer]));
  if (ladder.length === 0 || ladder.some(({ answer }) => answer === "not-asked")) return null;
  const through = (rung: Rung): boolean => passed(answers.get(rung) ?? "not-asked");
  const said = ladder.map(({ rung, answer }) => `${rung} ${answer}`).join(", ");
  if (!through("windows") && through("plain")) {
    return {
      code: "ladder-refuses-syntaxes",
      observed: `a bind that offers several syntaxes does not pass (${said})`,
    };
  }
  if (!through("windows") && through("decoy")) {
    return { code: "ladder-filters-interface", observed: `only the KMS interface does not pass (${said})` };
  }
  if (!through("windows")) return { code: "ladder-nothing-passes", observed: `no bind passes (${said})` };
  if (!through("split")) {
    return { code: "ladder-no-reassembly", observed: `a bind in two segments does not pass (${said})` };
  }
  return { code: "ladder-passes", observed: `every bind is answered (${said})` };
}
