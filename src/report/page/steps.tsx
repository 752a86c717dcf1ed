import type { ReactElement } from "react";
import type { Step } from "../../model/verdict.ts";
import { PLACES } from "../words.ts";

/** Steps that say the same of several hosts are one step with a command for each. */
export type MergedStep = { where: Step["where"]; text: string; commands: readonly string[] };

/** @param lists of equal length and alike but for the commands */
export function mergeSteps(lists: readonly (readonly Step[])[]): MergedStep[] {
  const [first = []] = lists;
  return first.map(({ where, text }, index) => {
    const commands = lists.flatMap((list) => list[index]?.command ?? []);
    return { where, text, commands: [...new Set(commands)] };
  });
}

export function Steps({ steps }: { steps: readonly MergedStep[] }): ReactElement | null {
  if (steps.length === 0) return null;
  return (
    <div className="advice">
      <p className="label">What to do, most useful first</p>
      <ol className="steps">
        {steps.map(({ where, text, commands }, index) => (
          <li key={index}>
            <span className="where">{PLACES[where]}</span> {text}
            <Commands commands={commands} />
          </li>
        ))}
      </ol>
    </div>
  );
}

/** One click selects all of them (by stylesheet). A line that had to be cut would do something else: it is not shown. */
function Commands({ commands }: { commands: readonly string[] }): ReactElement | null {
  const whole = commands.filter((command) => !command.endsWith("…"));
  return (
    <>
      {whole.length > 0 ? (
        <pre className="command">
          <code>{whole.join("\n")}</code>
        </pre>
      ) : null}
      {whole.length < commands.length ? (
        <p className="more">A command is too long for a line: see the JSON report.</p>
      ) : null}
    </>
  );
}
