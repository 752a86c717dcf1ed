/** Any verification at all, with the texts that a name server, a host, a policy or a forged baseline may hold. */
import * as fc from "fast-check";
import type { Step } from "../../../../src/model/verdict.ts";
import type { Change, Detail, ExpectationResult, Verification } from "../../../../src/verify/model.ts";
import { HOSTILE as PEERS } from "../../verdict/arbitrary.ts";
import { scenes } from "../check/scenes.ts";
import { change, detail, HOSTILE, result, verificationOf } from "./scenes.ts";
import { anyString } from "../../any-string.ts";

/** Short ones for chance to put together; the megabyte comes with the scene that has them all. */
const SHORT = [
  ...HOSTILE.filter(({ length }) => length < 1_000),
  ...PEERS.filter(({ length }) => length < 1_000),
];

/** What means something at the beginning of a line, or to one of the formats. */
const TOKENS = [
  "::stop-commands::x",
  "##[error]x",
  "%0A::error::x",
  "]](x)",
  "[a](http://x.invalid)",
  "[a]: http://x.invalid",
  "<https://x.invalid>",
  "https://x.invalid/a?b=c&d",
  "www.x.invalid",
  "a@x.invalid",
  "mailto:a@x.invalid",
  "@org/team",
  "org/repo#12",
  "<details><summary>",
  "</details>",
  "<!--",
  "&lt;b&gt;&#64;all",
  "&bogus;&#0;&#27;&#x1b;&amp;amp;",
  "##@@#x",
  "~~gone~~",
  "**bold** _x_",
  "# x",
  "1. x",
  "- [ ] x",
  "    code",
  "```",
  "``",
  "`",
  "\\`x`",
  "\\",
  "\\\\|",
  "|---|",
  "$x$ $$y$$",
  ":tada:",
  "{0} {{1}}",
  'x{y="z"} 1',
  "\\n# HELP kms_verify_success x",
  "' '=1;;;;",
  "]]>",
  "--1",
  "+1+cmd|' /C calc'!A0",
  "",
  " ",
];

export const anyText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...SHORT),
  fc
    .array(fc.oneof(fc.constantFrom(...TOKENS), anyString({ maxLength: 8 })), {
      maxLength: 4,
    })
    .map((parts) => parts.join("")),
  fc.string({ unit: "grapheme", maxLength: 20 }),
);

const anyStep: fc.Arbitrary<Step> = fc.record({
  where: fc.constantFrom("here", "client", "kms-host", "dns", "firewall"),
  text: anyText,
  command: fc.option(anyText),
});

const anyDetail: fc.Arbitrary<Detail> = fc
  .record({
    about: anyText,
    holds: fc.boolean(),
    observed: anyText,
    code: fc.option(fc.oneof(fc.constantFrom("lint-ttl", "tcp-refused", "__proto__"), anyText)),
    certainty: fc.option(fc.constantFrom("certain", "likely", "ambiguous")),
    causes: fc.array(anyText, { maxLength: 2 }),
    next: fc.array(anyStep, { maxLength: 2 }),
    pointer: fc.option(anyText),
  })
  .map(detail);

const anyResult: fc.Arbitrary<ExpectationResult> = fc
  .record({
    id: anyText,
    kind: fc.constantFrom("serve", "closed", "listed", "permitted", "lint"),
    name: anyText,
    level: fc.constantFrom("error", "warning"),
    at: fc.record({ line: fc.integer({ min: 1, max: 9_999 }), column: fc.integer({ min: 1, max: 99 }) }),
    source: fc.option(anyText),
    status: fc.constantFrom("met", "failed", "error", "skipped"),
    expected: anyText,
    observed: anyText,
    details: fc.array(anyDetail, { maxLength: 3 }),
    detailsDropped: fc.constantFrom(0, 0, 7),
  })
  .map(result);

const anyChange: fc.Arbitrary<Change> = fc
  .record({
    what: fc.constantFrom("host", "latency", "listing", "resolver", "closed"),
    about: anyText,
    source: fc.option(anyText),
    direction: fc.constantFrom("worse", "better", "changed", "flapping"),
    before: anyText,
    after: anyText,
    next: fc.array(anyStep, { maxLength: 1 }),
  })
  .map(change);

export const anyVerification: fc.Arbitrary<Verification> = fc
  .record({
    report: fc.constantFrom(scenes["hostile-names"], scenes.mixed, scenes["all-serving"]),
    // Distinct where a reader counts by them.
    results: fc
      .array(anyResult, { maxLength: 14 })
      .map((all) => all.map((each, index) => ({ ...each, id: `${each.id}${index}` }))),
    interrupted: fc.boolean(),
    policy: fc.record({
      file: anyText.filter((text) => text !== ""),
      name: fc.option(anyText),
      place: fc.option(anyText),
    }),
    baseline: fc.option(
      fc.record({
        file: anyText,
        writtenAt: fc.constant("2026-01-01T00:00:00.000Z"),
        changes: fc.array(anyChange, { maxLength: 4 }),
        unchanged: fc.nat(9),
        notCompared: fc.nat(9),
      }),
    ),
  })
  .map(({ report, results, ...over }) => verificationOf(report, results, over));

/** The same ones every time, for programs that are started once for all of them. */
export function sampled(count: number): Verification[] {
  return fc.sample(anyVerification, { seed: 2026, numRuns: count });
}
