/**
 * The verification as one page to attach to a change ticket: it opens from a disk, loads nothing, runs nothing, and
 * says so in its Content-Security-Policy.
 */
import type { ReactElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import type { Verification } from "../../verify/model.ts";
import { Baseline } from "./baseline.tsx";
import { Closing } from "./closing.tsx";
import { Contents } from "./contents.tsx";
import type { Chapter } from "./contents.tsx";
import { Dns } from "./dns.tsx";
import { Evidence } from "./evidence.tsx";
import { Expectations } from "./expectations.tsx";
import { Latency } from "./latency.tsx";
import { Matrix } from "./matrix.tsx";
import { Paths } from "./paths.tsx";
import { Sources } from "./sources.tsx";
import { STYLESHEET, STYLESHEET_SHA256 } from "./stylesheet.ts";
import { headlineOf, VerdictHeader } from "./verdict-header.tsx";
import { printableVerification, titleOf } from "../verify/words.ts";

const POLICY = `default-src 'none'; style-src 'sha256-${STYLESHEET_SHA256}'; base-uri 'none'; form-action 'none'`;

export function renderVerifyHtml(given: Verification): string {
  return `<!doctype html>\n${renderToStaticMarkup(<Page verification={printableVerification(given)} />)}\n`;
}

function Page({ verification }: { verification: Verification }): ReactElement {
  const { report, baseline } = verification;
  // Called, and not made elements of: a chapter that has nothing to say is left out of the contents too.
  const chapters: Chapter[] = [
    { id: "matrix", title: "Hosts", element: Matrix({ report }) },
    { id: "sources", title: "Sources", element: Sources({ report }) },
    { id: "expectations", title: "Expectations", element: Expectations({ verification }) },
    { id: "baseline", title: "Baseline", element: Baseline({ baseline }) },
    { id: "paths", title: "Paths", element: Paths({ verification }) },
    { id: "dns", title: "DNS", element: Dns({ report }) },
    { id: "latency", title: "Latency", element: Latency({ report }) },
    { id: "evidence", title: "Evidence", element: Evidence({ verification }) },
  ].filter(({ element }) => element !== null);
  return (
    <html lang="en">
      <head>
        <meta charSet="utf-8" />
        <meta httpEquiv="Content-Security-Policy" content={POLICY} />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="referrer" content="no-referrer" />
        <title>{`${headlineOf(verification).words}: ${titleOf(verification)}`}</title>
        {/* React leaves the text of a style element as it is, but for an end tag, which ours does not hold. */}
        <style>{STYLESHEET}</style>
      </head>
      <body>
        <a className="skip" href="#main">
          Skip to the results
        </a>
        <div className="page">
          <VerdictHeader verification={verification} />
          <Contents chapters={chapters} />
          <main id="main" tabIndex={-1}>
            {chapters.map(({ id, element }) => (
              <div key={id}>{element}</div>
            ))}
          </main>
          <Closing verification={verification} />
        </div>
      </body>
    </html>
  );
}
