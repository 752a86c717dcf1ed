/** The exporter's own page: what is looked at, what came of it last, and where the rest is. Without a script. */
import type { ReactElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import type { Report } from "../../model/report.ts";
import { headlineOf } from "../check/headline.ts";
import { printable } from "../escape.ts";
import { Badge } from "../page/badge.tsx";
import { ScrollRegion, Section } from "../page/section.tsx";
import { STYLESHEET, STYLESHEET_SHA256 } from "../page/stylesheet.ts";

export type ServePage = {
  place: string;
  /** Null for the built-in configuration. */
  file: string | null;
  standings: readonly { target: string; module: string; intervalMs: number; report: Report | null }[];
};

const POLICY = `default-src 'none'; style-src 'sha256-${STYLESHEET_SHA256}'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'`;
/** A page that somebody leaves open is as new as the next look; who has just started it waits for the first. */
const REFRESH_SECONDS = 30;
const SOON_SECONDS = 5;

/** @returns the page, and the Content-Security-Policy that goes with it */
export function renderServePage(page: ServePage): { html: string; policy: string } {
  return { html: `<!doctype html>\n${renderToStaticMarkup(<Page {...page} />)}\n`, policy: POLICY };
}

function Page({ place, file, standings }: ServePage): ReactElement {
  const awaited = standings.some(({ report }) => report === null);
  return (
    <html lang="en">
      <head>
        <meta charSet="utf-8" />
        <meta httpEquiv="refresh" content={String(awaited ? SOON_SECONDS : REFRESH_SECONDS)} />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{place === "" ? "kmsprobe" : `kmsprobe at ${printable(place)}`}</title>
        <style>{STYLESHEET}</style>
      </head>
      <body>
        <div className="page">
          <header>
            <h1>kmsprobe{place === "" ? "" : ` at ${printable(place)}`}</h1>
            <p className="lead">
              Which KMS hosts would serve a client from here, seen at RPC level. No activation request is
              sent.
            </p>
          </header>
          <main id="main">
            {standings.length === 0 ? <NothingScheduled file={file} /> : <Standings standings={standings} />}
            <Paths />
          </main>
        </div>
      </body>
    </html>
  );
}

/** What leads from here to a series in Prometheus. */
function NothingScheduled({ file }: { file: string | null }): ReactElement {
  return (
    <Section
      id="next"
      title="Next step"
      lead={
        file === null
          ? "It runs without a configuration: nothing is looked at, and nothing may be asked for."
          : "Its configuration names no targets: nothing is looked at by itself."
      }
    >
      <h3>1. Write what to look at, with your own domain</h3>
      <pre>
        <code>{CONFIGURATION}</code>
      </pre>
      <h3>2. Stop it (Ctrl-C), and start it with that file</h3>
      <pre>
        <code>kmsprobe serve --config serve.yaml</code>
      </pre>
      <p>In ten seconds this page has the first verdict, and /metrics its series.</p>
      <h3>3. Have Prometheus read it, in its prometheus.yml</h3>
      <pre>
        <code>{SCRAPE}</code>
      </pre>
      <p className="more">
        It listens on loopback: where Prometheus runs elsewhere, give it an address with --listen. Rules, a
        dashboard and a unit for systemd are in docs/monitoring, which the npm package and the sources have.
      </p>
    </Section>
  );
}

const CONFIGURATION = `# serve.yaml
version: 1
place: head office
targets:
  - target: corp.example
    interval: 1m
allow: [corp.example]
`;

const SCRAPE = `scrape_configs:
  - job_name: kmsprobe
    scrape_interval: 1m
    static_configs: [{ targets: ["localhost:9688"] }]
`;

function Paths(): ReactElement {
  return (
    <Section id="paths" title="Paths">
      <ul>
        <li>
          <a href="/metrics">/metrics</a>: what is scheduled, and this process
        </li>
        <li>
          <code>/probe?target=corp.example&amp;module=kms</code>: one look; with <code>&amp;debug=true</code>{" "}
          its report in text, and at <code>/page</code> as a page
        </li>
        <li>
          <a href="/sd">/sd</a>: the hosts that DNS lists, for Prometheus&apos; http_sd_configs
        </li>
        <li>
          <a href="/-/healthy">/-/healthy</a>, <a href="/-/ready">/-/ready</a>
        </li>
      </ul>
    </Section>
  );
}

function Standings({ standings }: Pick<ServePage, "standings">): ReactElement {
  return (
    <Section id="targets" title="Targets">
      <ScrollRegion label="Targets">
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
                <td>{report === null ? null : <Answer report={report} />}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollRegion>
    </Section>
  );
}

function Answer({ report }: { report: Report }): ReactElement {
  const { severity, text } = headlineOf(report);
  return <Badge tone={severity} words={printable(text)} />;
}

function queryOf(target: string, module: string): string {
  return `target=${encodeURIComponent(target)}&module=${encodeURIComponent(module)}`;
}
