import type { ReactElement } from "react";

/** Causes in sight, before the rest is folded. */
const CAUSES_OPEN = 3;

export function Causes({ causes }: { causes: readonly string[] }): ReactElement | null {
  if (causes.length === 0) return null;
  // One that is left over would take as much room as the line that counts it.
  const shown = causes.length <= CAUSES_OPEN + 1 ? causes : causes.slice(0, CAUSES_OPEN);
  return (
    <div className="advice">
      <p className="label">Possible causes{causes.length > 1 ? ", likeliest first" : ""}</p>
      <CauseList causes={shown} />
      {shown.length < causes.length ? (
        <details className="rest">
          <summary>and {causes.length - shown.length} more</summary>
          <CauseList causes={causes.slice(shown.length)} />
        </details>
      ) : null}
    </div>
  );
}

function CauseList({ causes }: { causes: readonly string[] }): ReactElement {
  return (
    <ul className="causes">
      {causes.map((cause, index) => (
        <li key={index}>{cause}</li>
      ))}
    </ul>
  );
}
