import type { ReactElement, ReactNode } from "react";

/** A chapter of the page, which the list of contents leads to. */
export function Section(props: {
  id: string;
  title: string;
  lead?: string;
  children: ReactNode;
}): ReactElement {
  const { id, title, lead, children } = props;
  return (
    <section id={id} aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>{title}</h2>
      {lead === undefined ? null : <p className="lead">{lead}</p>}
      {children}
    </section>
  );
}

/** What may be wider than a phone scrolls for itself: with the keyboard too, so it takes the focus and has a name. */
export function ScrollRegion({ label, children }: { label: string; children: ReactNode }): ReactElement {
  return (
    <div className="scroll" role="region" aria-label={label} tabIndex={0}>
      {children}
    </div>
  );
}

/** Said where a list ends before its end. */
export function More({ count, what }: { count: number; what: string }): ReactElement | null {
  if (count <= 0) return null;
  return (
    <p className="more">
      And {count} more {what}, which this page leaves out: the JSON report has all that was seen.
    </p>
  );
}
