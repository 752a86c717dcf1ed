/**
 * The one stylesheet of the page. Its hash stands in the page's Content-Security-Policy; a unit test says the right one
 * where it is stale. Colours meet WCAG AA on every background they are used on, in both schemes (axe checks them).
 */

/** SHA-256 of STYLESHEET, in base64. */
export const STYLESHEET_SHA256 = "bIojTawsrslcM/3f1ZxytUhs7K1c2T4GlfPTfEuc7uk=";

export const STYLESHEET = `
:root {
  color-scheme: light dark;
  --ground: #f6f7f9; --surface: #ffffff; --sunken: #f1f3f6; --line: #d8dde4; --strong-line: #aab3bf;
  --text: #1b2027; --muted: #545d69; --link: #1a56b8; --dot: #1a56b8; --box: #c9daf4;
  --ok: #14683a; --ok-ground: #e4f4ea;
  --failed: #b01e14; --failed-ground: #fdeceb;
  --degraded: #7d4d00; --degraded-ground: #fdf1d8;
  --inconclusive: #653a9c; --inconclusive-ground: #f2ebfb;
  --neutral: #545d69; --neutral-ground: #eceff3;
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", "Segoe UI Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --ground: #0f1216; --surface: #171b21; --sunken: #1e232a; --line: #2f3640; --strong-line: #58626f;
    --text: #e5e9ee; --muted: #a3adb9; --link: #8db8ff; --dot: #8db8ff; --box: #2a4066;
    --ok: #6fd497; --ok-ground: #15291e;
    --failed: #ff938a; --failed-ground: #35191a;
    --degraded: #f0bb55; --degraded-ground: #2e2410;
    --inconclusive: #cbaaf7; --inconclusive-ground: #271d36;
    --neutral: #a3adb9; --neutral-ground: #242a32;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; scroll-padding-top: 1rem; }
body {
  margin: 0; background: var(--ground); color: var(--text);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  font-variant-numeric: tabular-nums; overflow-wrap: anywhere;
}
.page { max-width: 1120px; margin: 0 auto; padding: 1.5rem clamp(1rem, 3vw, 2rem) 3rem; }
h1, h2, h3, p, ul, ol, dl, dd, figure, pre { margin: 0; padding: 0; }
ul, ol { list-style: none; }
h1 { font-size: clamp(1.6rem, 4.5vw, 2.25rem); line-height: 1.15; letter-spacing: -0.015em; font-weight: 700; }
h2 { font-size: 1.3rem; line-height: 1.25; letter-spacing: -0.01em; margin-bottom: 0.25rem; }
h3 { font-size: 1rem; line-height: 1.4; font-weight: 600; }
a { color: var(--link); text-underline-offset: 0.15em; }
code, pre { font-family: var(--mono); font-size: 0.88em; }
b, strong { font-weight: 600; }
.name { unicode-bidi: isolate; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; border-radius: 3px; }
main:focus { outline: none; }
.hidden {
  position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap;
}
.skip {
  position: absolute; left: 0.5rem; top: 0.5rem; padding: 0.5rem 1rem; background: var(--surface);
  border: 1px solid var(--link); border-radius: 6px; transform: translateY(-200%); z-index: 1;
}
.skip:focus { transform: none; }

.ok { --tone: var(--ok); --tone-ground: var(--ok-ground); }
.failed { --tone: var(--failed); --tone-ground: var(--failed-ground); }
.degraded { --tone: var(--degraded); --tone-ground: var(--degraded-ground); }
.inconclusive { --tone: var(--inconclusive); --tone-ground: var(--inconclusive-ground); }
.neutral { --tone: var(--neutral); --tone-ground: var(--neutral-ground); }
.sign, .badge, .seal, .stop, .bar rect, .card, .change, .verdict, .counts li {
  -webkit-print-color-adjust: exact; print-color-adjust: exact;
}
.sign {
  flex: none; display: inline-grid; place-items: center; width: 1.35rem; height: 1.35rem; border-radius: 50%;
  background: var(--tone-ground); color: var(--tone); font-size: 0.8rem; font-weight: 700; line-height: 1;
}
.badge {
  display: inline-block; padding: 0.05rem 0.55rem; border-radius: 1rem; background: var(--tone-ground); color: var(--tone);
  font-size: 0.85rem; font-weight: 600; line-height: 1.5;
}
.meta { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0.1rem 0.9rem; color: var(--muted); font-size: 0.85rem; }
.note, .more { color: var(--muted); font-size: 0.85rem; }
.more { margin-top: 0.5rem; }
.label { color: var(--muted); font-size: 0.8rem; font-weight: 600; margin-bottom: 0.2rem; }
.lead { color: var(--muted); max-width: 46rem; }
.number { text-align: right; white-space: nowrap; }

.verdict {
  background: var(--surface); border: 1px solid var(--line); border-top: 6px solid var(--tone); border-radius: 10px;
  padding: clamp(1rem, 3vw, 1.75rem);
}
.headline { display: flex; gap: clamp(0.8rem, 2vw, 1.25rem); align-items: center; }
.seal {
  flex: none; display: grid; place-items: center; width: clamp(3rem, 9vw, 4.5rem); aspect-ratio: 1; border-radius: 50%;
  background: var(--tone); color: var(--surface); font-size: clamp(1.6rem, 5vw, 2.4rem); font-weight: 700; line-height: 1;
}
.overline { color: var(--muted); font-size: 0.8rem; font-weight: 600; letter-spacing: 0.04em; }
.verdict h1 { color: var(--tone); }
.policy-name { font-size: 1.05rem; font-weight: 600; margin-top: 0.15rem; }
.summary { font-size: 1.1rem; margin: 1.1rem 0 0.7rem; }
.bar { display: block; border-radius: 5px; overflow: hidden; }
.fill-ok { fill: var(--ok); } .fill-failed { fill: var(--failed); }
.fill-degraded { fill: var(--degraded); } .fill-inconclusive { fill: var(--inconclusive); }
.counts { display: flex; flex-wrap: wrap; gap: 0.4rem 1.5rem; margin-top: 0.6rem; }
.counts li { color: var(--tone); }
.counts li.none { color: var(--muted); }
.counts b { font-size: 1.15rem; margin-left: 0.15rem; }
.facts {
  display: grid; grid-template-columns: repeat(3, 1fr); gap: 0.7rem 1.5rem;
  margin-top: 1.2rem; padding-top: 1.1rem; border-top: 1px solid var(--line);
}
dt { color: var(--muted); font-size: 0.8rem; font-weight: 600; }

nav { margin: 1.25rem 0 0; }
nav ul { display: flex; flex-wrap: wrap; gap: 0.35rem 1.25rem; }
nav a { display: inline-block; padding: 0.25rem 0; }
section { margin-top: 2.25rem; }
section > h3, section > div > h3 { margin: 1.4rem 0 0.5rem; }

details > summary { cursor: pointer; }
summary h3 { display: inline; }
.card, .fold {
  background: var(--surface); border: 1px solid var(--line); border-radius: 8px; margin-top: 0.75rem;
}
.card { border-left: 5px solid var(--tone); }
.card > summary { padding: 0.8rem 1rem; }
.card > summary .badge { margin-right: 0.5rem; }
.card-body { padding: 0 1rem 1rem; }
.fold > summary { padding: 0.7rem 1rem; }
.fold > :not(summary) { margin: 0 1rem 1rem; }
.evidence { scroll-margin-top: 4rem; }
.evidence > * + * { margin-top: 0.6rem; }
.contrast {
  display: grid; grid-template-columns: repeat(auto-fit, minmax(min(18rem, 100%), 1fr)); gap: 0.75rem 1.5rem;
  margin: 0.8rem 0; padding: 0.7rem 0.9rem; background: var(--sunken); border-radius: 6px;
}
.contrast dd { font-weight: 600; }
.contrast dd.failed, .contrast dd.degraded, .contrast dd.inconclusive { color: var(--tone); }
.group + .group { margin-top: 0.9rem; padding-top: 0.9rem; border-top: 1px solid var(--line); }
.details > li { display: flex; gap: 0.6rem; padding: 0.25rem 0; }
.details > li > div { min-width: 0; flex: 1; }
.details .name { display: block; }
.details .observed { display: block; }
.rest > summary { color: var(--link); margin-left: 1.95rem; padding: 0.2rem 0; }
.advice { margin: 0.6rem 0 0 1.95rem; }
.causes > li { padding-left: 1rem; position: relative; }
.causes > li::before { content: "·"; position: absolute; left: 0.25rem; font-weight: 700; }
.steps { counter-reset: step; }
.steps > li { counter-increment: step; padding-left: 1.6rem; position: relative; margin-top: 0.25rem; }
.steps > li::before { content: counter(step) "."; position: absolute; left: 0; color: var(--muted); }
.where {
  display: inline-block; padding: 0 0.45rem; border: 1px solid var(--strong-line); border-radius: 4px; color: var(--muted);
  font-size: 0.8rem; line-height: 1.4; margin-right: 0.25rem;
}
pre { white-space: pre-wrap; overflow-wrap: anywhere; background: var(--sunken); border-radius: 6px; padding: 0.7rem 0.9rem; }
pre.command { margin: 0.3rem 0; padding: 0.4rem 0.7rem; border: 1px solid var(--line); user-select: all; }

.direction { font-size: 1rem; }
.direction .badge { font-size: 0.95rem; }
.change {
  background: var(--surface); border: 1px solid var(--line); border-left: 5px solid var(--tone); border-radius: 8px;
  padding: 0.7rem 1rem; margin-top: 0.5rem;
}
.change .turn b { color: var(--tone); }
.change .before { color: var(--muted); }
.change .advice { margin-left: 0; }

.paths { background: var(--surface); border: 1px solid var(--line); border-radius: 8px; }
.paths > li { display: grid; grid-template-columns: minmax(10rem, 17rem) 1fr; gap: 0.5rem 1rem; padding: 0.8rem 1rem; }
.paths > li + li { border-top: 1px solid var(--line); }
.track { display: flex; }
.stop { flex: 1; min-width: 0; position: relative; padding-right: 0.6rem; display: flex; flex-direction: column; font-size: 0.88rem; line-height: 1.35; }
.stop + .stop::before {
  content: ""; position: absolute; top: 0.55rem; right: 100%; width: 100%; border-top: 3px solid var(--tone);
}
.stop.beyond::before { border-top-style: dotted; border-top-color: var(--strong-line); }
.stop .sign, .origin { position: relative; z-index: 1; box-shadow: 0 0 0 4px var(--surface); margin-bottom: 0.35rem; }
.origin { display: block; width: 0.9rem; height: 0.9rem; margin: 0.225rem 0 0.575rem; border-radius: 50%; border: 3px solid var(--strong-line); background: var(--surface); }
.stop.ends .sign { background: var(--tone); color: var(--surface); }
.stop.ends .stop-words { color: var(--tone); font-weight: 600; }
.stop.beyond .stop-words { color: var(--muted); }
.stop-title { color: var(--muted); font-size: 0.78rem; font-weight: 600; }
.stop-note { color: var(--muted); font-size: 0.82rem; }

.scroll { overflow-x: auto; background: var(--surface); border: 1px solid var(--line); border-radius: 8px; margin-top: 0.75rem; }
.fold > .scroll { border: 0; border-top: 1px solid var(--line); border-radius: 0 0 8px 8px; margin: 0; }
table { border-collapse: collapse; width: 100%; font-size: 0.92rem; }
caption { text-align: left; color: var(--muted); font-size: 0.85rem; padding: 0.6rem 0.9rem 0; }
caption.hidden { padding: 0; }
th, td { text-align: left; vertical-align: top; padding: 0.45rem 0.9rem; border-top: 1px solid var(--line); min-width: 7rem; }
th.number, td.number { text-align: right; min-width: 4.5rem; }
thead th { border-top: 0; color: var(--muted); font-size: 0.82rem; font-weight: 600; vertical-align: bottom; }
tbody th { font-weight: 500; }
th .note { font-weight: 400; display: block; }
.holding th[scope="row"], .matrix th[scope="row"], .latency th[scope="row"] { min-width: 13rem; }
.matrix td:not(:nth-child(2)) { min-width: 11rem; }
.signed { display: flex; gap: 0.6rem; }
th.subnet { background: var(--sunken); color: var(--muted); font-size: 0.82rem; font-weight: 600; }
.matrix td .note { display: block; padding-left: 0.55rem; }

.tree { background: var(--surface); border: 1px solid var(--line); border-radius: 8px; padding: 0.8rem 1rem; margin-top: 0.75rem; }
.tree > li + li { margin-top: 1rem; padding-top: 1rem; border-top: 1px solid var(--line); }
.node { display: flex; flex-wrap: wrap; gap: 0.15rem 0.75rem; align-items: baseline; padding: 0.2rem 0; }
.who { display: flex; flex-wrap: wrap; gap: 0.1rem 0.6rem; }
.tree ul { margin-left: 0.5rem; }
.tree ul > li { position: relative; padding-left: 1.5rem; }
.tree ul > li::before {
  content: ""; position: absolute; left: 0; top: 0; width: 1rem; height: 1rem; border: solid var(--strong-line);
  border-width: 0 0 1.5px 1.5px; border-bottom-left-radius: 6px;
}
.tree ul > li:not(:last-child)::after {
  content: ""; position: absolute; left: 0; top: 0; bottom: 0; border-left: 1.5px solid var(--strong-line);
}
.record { display: flex; flex-wrap: wrap; gap: 0 0.7rem; color: var(--muted); font-size: 0.85rem; }
.differs { color: var(--degraded); font-size: 0.85rem; font-weight: 600; }

.strips { background: var(--surface); border: 1px solid var(--line); border-radius: 8px; padding: 0.8rem 1rem; margin-top: 0.75rem; }
.strips figcaption { color: var(--muted); font-size: 0.85rem; margin-bottom: 0.5rem; }
.strip-row { padding: 0.15rem 0; display: grid; grid-template-columns: minmax(10rem, 17rem) 1fr; gap: 0 1rem; align-items: center; }
.strip-row.axis { color: var(--muted); font-size: 0.82rem; }
.strip-row.axis .strip-name { text-align: right; }
.strip-name { line-height: 1.3; font-size: 0.92rem; min-width: 0; }
.strip { display: block; min-width: 0; overflow: visible; }
.strip .grid { stroke: var(--line); stroke-width: 1; }
.strip .range { stroke: var(--strong-line); stroke-width: 2; }
.strip .box { fill: var(--box); stroke: var(--strong-line); }
.strip .dot { fill: var(--dot); fill-opacity: 0.55; }
.strip .median { stroke: var(--text); stroke-width: 3; }
.strip .p95 { stroke: var(--text); stroke-width: 1.5; stroke-dasharray: 3 3; }
.strip text { fill: var(--muted); font-size: 12px; }

footer { margin-top: 2.5rem; padding-top: 1.25rem; border-top: 1px solid var(--line); color: var(--muted); font-size: 0.9rem; }
footer h2 { font-size: 1rem; color: var(--text); }
footer li { padding-left: 1rem; position: relative; margin-top: 0.3rem; max-width: 52rem; }
footer li::before { content: "·"; position: absolute; left: 0.25rem; font-weight: 700; }
footer p { margin-top: 0.8rem; }

@media (max-width: 860px), print {
  .paths > li { grid-template-columns: 1fr; }
}
@media screen and (max-width: 640px) {
  .strip-row { grid-template-columns: 1fr; padding-top: 0.4rem; }
  .strip-row.axis .strip-name { order: 2; text-align: left; }
  .facts { grid-template-columns: repeat(2, 1fr); }
  .track { flex-direction: column; gap: 0.85rem; }
  .stop { flex: none; flex-flow: row wrap; align-items: baseline; gap: 0 0.5rem; min-height: 1.35rem; padding: 0.1rem 0 0 2rem; }
  .stop .sign, .origin { position: absolute; left: 0; top: 0; margin: 0; }
  .origin { left: 0.225rem; top: 0.225rem; }
  .stop + .stop::before {
    top: auto; bottom: calc(100% - 0.2rem); left: 0.58rem; width: 0; height: 1.05rem; border-top: 0; border-left: 3px solid var(--tone);
  }
  .stop.beyond::before { border-left-style: dotted; border-left-color: var(--strong-line); }
  .advice { margin-left: 0; }
  .tree { padding: 0.7rem 0.75rem; }
  .tree ul { margin-left: 0.2rem; }
  .tree ul > li { padding-left: 1.2rem; }
}
@media print {
  :root { color-scheme: light; }
  @page { margin: 15mm; }
  body { background: #ffffff; font-size: 10pt; }
  .page { max-width: none; padding: 0; }
  .skip, nav, .meta a { display: none; }
  details::details-content { content-visibility: visible; display: block; block-size: auto; }
  summary { list-style: none; }
  .scroll { overflow: visible; }
  th, td { min-width: 0; padding: 0.3rem 0.5rem; }
  thead { display: table-header-group; }
  tr, .paths > li, .change, .strip-row, .details > li, .steps > li, .contrast, .headline, .verdict { break-inside: avoid; }
  h2, h3, summary, .label, .node { break-after: avoid; }
  a { color: inherit; text-decoration: none; }
}
`;
