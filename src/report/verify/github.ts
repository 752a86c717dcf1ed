import type { ExpectationResult, Verification } from "../../verify/model.ts";
import { cutTo } from "../room.ts";
import { briefLines, changeLines, changeName } from "./lines.ts";
import { plural } from "../../verdict/figures.ts";
import { byUrgency, changesOf, nameOf, printableVerification, severityOf } from "./words.ts";

/** GitHub shows ten of a level and step. */
const MOST = 10;
/** Bytes. The page cuts a title at 255 characters, and a message at 64 KiB. */
const MAX_TITLE = 255;
const MAX_MESSAGE = 4_000;

type Annotation = {
  level: "error" | "warning";
  title: string;
  at: ExpectationResult["at"] | null;
  lines: readonly string[];
};

/**
 * GitHub Actions workflow commands: the ten worst as annotations of the policy file, and a notice of how many more
 * there are. What failed comes first, then what got worse since the baseline, what could not be checked, and warnings.
 */
export function renderVerifyAnnotations(given: Verification): string {
  const verification = printableVerification(given);
  const all = annotationsOf(verification);
  const lines = all.slice(0, MOST).map((each) => commandOf(each, verification.policy.file));
  const more = all.length - lines.length;
  if (more > 0) {
    lines.push(
      `::notice title=kmsprobe verify::${dataOf(`${plural(more, "more problem")}: see the report`)}`,
    );
  }
  return lines.map((line) => `${line}\n`).join("");
}

function annotationsOf(verification: Verification): Annotation[] {
  const { results, baseline } = verification;
  const wrong = byUrgency(results).filter(({ status }) => status === "failed" || status === "error");
  const annotated = (severity: string): Annotation[] =>
    wrong
      .filter((result) => severityOf(result) === severity)
      .map((result) => ({
        level: result.level,
        title: nameOf(result),
        at: result.at,
        lines: [result.status === "error" ? "This could not be checked." : "", ...briefLines(result)],
      }));
  const worse = changesOf(baseline, "worse").map((change): Annotation => {
    return {
      level: "error",
      title: `worse than the baseline: ${changeName(change)}`,
      at: null,
      lines: changeLines(change),
    };
  });
  return [...annotated("failed"), ...worse, ...annotated("inconclusive"), ...annotated("degraded")];
}

function commandOf({ level, title, at, lines }: Annotation, file: string): string {
  const properties = [
    `title=${propertyOf(cutTo(MAX_TITLE, title))}`,
    `file=${propertyOf(file)}`,
    ...(at === null ? [] : [`line=${at.line}`, `col=${at.column}`]),
  ];
  const message = lines.filter((line) => line !== "").join("\n");
  return `::${level} ${properties.join(",")}::${dataOf(cutTo(MAX_MESSAGE, message))}`;
}

/** As the runner's own toolkit does it; the per cent sign first. */
function dataOf(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function propertyOf(text: string): string {
  return dataOf(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
