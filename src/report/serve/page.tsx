/** The exporter's own page: what is looked at, what came of it last, and where the rest is. Without a script. */
import type { ReactElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import type { Report } from "../../model/report.ts";
import { headlineOf } from "../check/headline.ts";
import { printable } from "../escape.ts";
import { STYLESHEET, STYLESHEET_SHA256 } from "../page/stylesheet.ts";

export type ServePage = {
  place: string;
  /** Null for the built-in configuration. */
  file: string | null;
  standings: readonly { target: string; module: string; intervalMs: number; report: Report | null }[];
};

const POLICY = `default-src 'none'; style-src 'sha256-${STYLESHEET_SHA256}'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'`;
/** A page that somebody leaves open is as new as the next look. */
const REFRESH_SECONDS = 30;

/** @returns the page, and the Content-Security-Policy that goes with it */
export function renderServePage(page: ServePage): { html: string; policy: string } {
  return { html: `<!doctype html>\n${renderToStaticMarkup(<Page {...page} />)}\n`, policy: POLICY };
}

function Page({ place, file, standings }: ServePage): ReactElement {
  return (
    <html lang="en">
      <head>
        <meta charSet="utf-8" />
        <meta httpEquiv="refresh" content={String(REFRESH_SECONDS)} />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{place === "" ? "kmsprobe" : `kmsprobe at ${printable(place)}`}</title>
        <style>{STYLESHEET}</style>
      </head>
      <body>
        <div className="page">
          <header>
            <h1>kmsprobe{place === "" ? "" : ` at ${printable(place)}`}</h1>
            <p>
              Which KMS hosts would serve a client from here, seen at RPC level. No activation request is
              sent.
            </p>
          </header>
          <main id="main">
            {standings.length === 0 ? <NothingScheduled file={file} /> : <Standings standings={standings} />}
            <h2>Paths</h2>
            <ul>
              <li>
                <a href="/metrics">/metrics</a>: what is scheduled, and this process
              </li>
              <li>
                <code>/probe?target=corp.example&amp;module=kms</code>: one look; with{" "}
                <code>&amp;debug=true</code> its report in text, and at <code>/page</code> as a page
              </li>
              <li>
                <a href="/sd">/sd</a>: the hosts that DNS lists, for Prometheus&apos; http_sd_configs
              </li>
              <li>
                <a href="/-/healthy">/-/healthy</a>, <a href="/-/ready">/-/ready</a>
              </li>
            </ul>
          </main>
        </div>
      </body>
    </html>
  );
}

function NothingScheduled({ file }: { file: string | null }): ReactElement {
  return (
    <>
      <h2>Next step</h2>
      <p>
        {file === null
          ? "It runs without a configuration: nothing is looked at, and nothing may be asked for."
          : "Its configuration names no targets: nothing is looked at by itself."}{" "}
        Write one, and start it with <code>kmsprobe serve --config serve.yaml</code>:
      </p>
      <pre>
        <code>
          {
            "version: 1\nplace: head office\ntargets:\n  - target: corp.example\n    interval: 1m\nallow: [corp.example]\n"
          }
        </code>
      </pre>
    </>
  );
}

function Standings({ standings }: Pick<ServePage, "standings">): ReactElement {
  return (
    <>
      <h2>Targets</h2>
      <table>
        <thead>
          <tr>
            <th scope="col">Target</th>
            <th scope="col">Module</th>
            <th scope="col">Every</th>
            <th scope="col">Last look</th>
            <th scope="col">Verdict</th>
          </tr>
        </thead>
        <tbody>
          {standings.map(({ target, module, intervalMs, report }) => (
            <tr key={`${module} ${target}`}>
              <th scope="row">
                <a href={`/page?${queryOf(target, module)}`}>{printable(target)}</a>{" "}
                <a href={`/probe?${queryOf(target, module)}&debug=true`}>text</a>
              </th>
              <td>{printable(module)}</td>
              <td>{`${intervalMs / 1000} s`}</td>
              <td>
                {report === null ? "not yet" : <time dateTime={report.startedAt}>{report.startedAt}</time>}
              </td>
              <td>{report === null ? "" : printable(headlineOf(report).text)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

function queryOf(target: string, module: string): string {
  return `target=${encodeURIComponent(target)}&module=${encodeURIComponent(module)}`;
}
