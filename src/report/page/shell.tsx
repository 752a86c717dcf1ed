/** What every page is made of: it opens from a disk, loads nothing, runs nothing, and says so in its Content-Security-Policy. */
import type { ReactElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { Contents } from "./contents.tsx";
import type { Chapter } from "./contents.tsx";
import { STYLESHEET, STYLESHEET_SHA256 } from "./stylesheet.ts";

/** What the page says of itself. */
export const POLICY = `default-src 'none'; style-src 'sha256-${STYLESHEET_SHA256}'; base-uri 'none'; form-action 'none'`;

export type Shell = {
  title: string;
  header: ReactElement;
  chapters: readonly Chapter[];
  footer: ReactElement;
};

/** @param shell chapters without an element are left out, of the contents too */
export function pageOf(shell: Shell): string {
  return `<!doctype html>\n${renderToStaticMarkup(<Page {...shell} />)}\n`;
}

function Page({ title, header, chapters, footer }: Shell): ReactElement {
  const shown = chapters.filter(({ element }) => element !== null);
  return (
    <html lang="en">
      <head>
        <meta charSet="utf-8" />
        <meta httpEquiv="Content-Security-Policy" content={POLICY} />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="referrer" content="no-referrer" />
        <title>{title}</title>
        {/* React leaves the text of a style element as it is, but for an end tag, which ours does not hold. */}
        <style>{STYLESHEET}</style>
      </head>
      <body>
        <a className="skip" href="#main">
          Skip to the results
        </a>
        <div className="page">
          {header}
          <Contents chapters={shown} />
          <main id="main" tabIndex={-1}>
            {shown.map(({ id, element }) => (
              <div key={id}>{element}</div>
            ))}
          </main>
          {footer}
        </div>
      </body>
    </html>
  );
}
