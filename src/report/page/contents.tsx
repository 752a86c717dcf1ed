import type { ReactElement } from "react";

export type Chapter = { id: string; title: string; element: ReactElement | null };

/** Links to the chapters that are there. */
export function Contents({ chapters }: { chapters: readonly Chapter[] }): ReactElement {
  return (
    <nav aria-label="Contents">
      <ul>
        {chapters.map(({ id, title }) => (
          <li key={id}>
            <a href={`#${id}`}>{title}</a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
