import { createHash } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { axisFor } from "../../../../src/report/page/axis.ts";
import { STYLESHEET, STYLESHEET_SHA256 } from "../../../../src/report/page/stylesheet.ts";
import { headlineOf } from "../../../../src/report/check/headline.ts";
import { troublesOf } from "../../../../src/report/check/troubles.ts";
import { printableThroughout } from "../../../../src/report/escape.ts";
import { renderHtml } from "../../../../src/report/page/check-page.tsx";
import { renderVerifyHtml } from "../../../../src/report/page/page.tsx";
import { printableVerification, summaryOf } from "../../../../src/report/verify/words.ts";
import type { Step } from "../../../../src/model/verdict.ts";
import type { Verification } from "../../../../src/verify/model.ts";
import { scenes } from "../check/scenes.ts";
import { largeVerification } from "../verify/large.ts";
import { change, detail, HOSTILE, result, verificationOf, verifyScenes } from "../verify/scenes.ts";
import { runs } from "../../runs.ts";
import { anyString } from "../../any-string.ts";

type Tag = { name: string; end: boolean; attributes: ReadonlyMap<string, string> };

const ALL: readonly [string, Verification][] = Object.entries(verifyScenes);

/**
 * The page as tags and the text between them. Stricter than HTML: each attribute is quoted, each `<` and `>` is one of
 * a tag, and each tag that is opened is closed. Throws where it is not so.
 */
function read(html: string): { tags: Tag[]; text: string } {
  const tags: Tag[] = [];
  const open: string[] = [];
  const crossed: string[] = [];
  const [doctype, ...rest] = html.split("\n");
  expect(doctype).toBe("<!doctype html>");
  const page = rest.join("\n").replace(`<style>${STYLESHEET}</style>`, "<style></style>");
  const text = page.replace(
    /<(\/?)([a-z][a-z0-9]*)((?: [a-zA-Z0-9-]+="[^"<>]*")*)(\/?)>/g,
    (_, slash: string, name: string, given: string, empty: string) => {
      const attributes = new Map(
        Array.from(given.matchAll(/ ([a-zA-Z0-9-]+)="([^"]*)"/g), ([, key = "", value = ""]) => [key, value]),
      );
      tags.push({ name, end: slash !== "", attributes });
      if (slash !== "") {
        const last = open.pop();
        if (last !== name) crossed.push(`</${name}> ends <${last}>`);
      } else if (empty === "") open.push(name);
      return "\u0000";
    },
  );
  expect({ crossed, open }).toEqual({ crossed: [], open: [] });
  expect(text).not.toMatch(/[<>]/);
  return { tags, text };
}

function textOf(html: string): string {
  return read(html)
    .text.replaceAll("\u0000", "\n")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&#x27;", "'")
    .replaceAll("&amp;", "&");
}

/** The part of the page that has this id. */
function chapter(html: string, id: string): string {
  const [, ...parts] = html.split(/<section id="/);
  return parts.find((part) => part.startsWith(`${id}"`)) ?? "";
}

function chapterIds(html: string): string[] {
  return Array.from(html.matchAll(/<section id="(\w+)"/g), ([, id = ""]) => id);
}

function headline(verification: Verification): string {
  return /<h1>([^<]*)</.exec(renderVerifyHtml(verification))?.[1] ?? "";
}

function rule(command: string): Step[] {
  return [{ where: "firewall", text: "Ask for this rule", command }];
}

const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

const ELEMENTS = new Set(
  (
    "html head meta title style body a div header span h1 h2 h3 p b ul ol li dl dt dd time nav main section details summary " +
    "code pre table caption thead tbody tr th td figure figcaption footer svg rect line circle text"
  ).split(" "),
);
const ATTRIBUTES = new Set(
  (
    "lang charSet charset http-equiv content name class href id aria-label aria-labelledby aria-hidden role tabindex dateTime datetime open " +
    "scope colSpan colspan width height x y x1 x2 y1 y2 cx cy r rx text-anchor"
  ).split(" "),
);

describe("the stylesheet", () => {
  it("is the one whose hash stands beside it, or nothing of it would apply", () => {
    const right = createHash("sha256").update(STYLESHEET).digest("base64");
    expect(STYLESHEET_SHA256, `stale: write ${right} into stylesheet.ts`).toBe(right);
  });

  it("holds nothing that would end it, or load anything", () => {
    expect(STYLESHEET).not.toMatch(/<|@import|url\(|@font-face|expression|javascript/i);
  });

  it("is in the page as it is here: its hash is taken of these very bytes", () => {
    expect(renderVerifyHtml(verifyScenes["all-met"])).toContain(`<style>${STYLESHEET}</style>`);
  });
});

const PAGES: readonly [string, string][] = [
  ...ALL.map(
    ([name, verification]) =>
      [`verification ${name}`, renderVerifyHtml(verification)] satisfies [string, string],
  ),
  ...Object.entries(scenes).map(
    ([name, report]) => [`check ${name}`, renderHtml(report)] satisfies [string, string],
  ),
];

describe.each(PAGES)("the page of %s", (_, html) => {
  const { tags } = read(html);
  const starts = tags.filter(({ end }) => !end);

  it("is made of our elements and attributes only", () => {
    expect([...new Set(starts.map(({ name }) => name))].filter((name) => !ELEMENTS.has(name))).toEqual([]);
    const attributes = new Set(starts.flatMap(({ attributes: all }) => [...all.keys()]));
    expect([...attributes].filter((name) => !ATTRIBUTES.has(name))).toEqual([]);
  });

  it("has no script, no style but one, and nothing that runs or loads", () => {
    expect(starts.filter(({ name }) => name === "style")).toHaveLength(1);
    const given = starts.flatMap(({ attributes }) => [...attributes]);
    expect(given.filter(([name]) => /^on|^style$|^src/i.test(name))).toEqual([]);
    const links = given.filter(([name]) => name === "href");
    expect(links.filter(([, value]) => !/^#[a-z][a-z0-9-]*$/.test(value))).toEqual([]);
  });

  it("says in its policy that nothing may run or load, before anything could", () => {
    const [meta] = starts.filter(({ attributes }) => attributes.has("http-equiv"));
    expect(meta?.attributes.get("content")?.replaceAll("&#x27;", "'")).toBe(
      `default-src 'none'; style-src 'sha256-${STYLESHEET_SHA256}'; base-uri 'none'; form-action 'none'`,
    );
    expect(html.indexOf("Content-Security-Policy")).toBeLessThan(html.indexOf("<style>"));
  });

  it("has one h1, headings without a gap, and each id once", () => {
    const levels = starts.flatMap(({ name }) => (/^h[1-6]$/.test(name) ? Number(name.slice(1)) : []));
    expect(levels.filter((level) => level === 1)).toEqual([1]);
    expect(levels[0]).toBe(1);
    levels.reduce((before, level) => {
      expect(level - before).toBeLessThanOrEqual(1);
      return level;
    });
    const ids = starts.flatMap(({ attributes }) => attributes.get("id") ?? []);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("has for each link a place that it leads to", () => {
    const ids = new Set(starts.flatMap(({ attributes }) => attributes.get("id") ?? []));
    const links = starts.flatMap(({ attributes }) => attributes.get("href") ?? []);
    expect(links.length).toBeGreaterThan(0);
    expect(links.filter((link) => !ids.has(link.slice(1)))).toEqual([]);
  });
});

describe.each(ALL)("the page of verification %s", (_, verification) => {
  const html = renderVerifyHtml(verification);

  it("claims nothing that was not seen", () => {
    expect(textOf(html)).not.toMatch(/\b(?:activated|genuine|healthy|licensed)\b/i);
  });

  it("says the outcome, of what, and that no activation request was sent", () => {
    const text = textOf(html);
    const { policy } = printableVerification(verification);
    expect(text).toContain(`${summaryOf(verification)}.`);
    for (const words of [policy.file, policy.name ?? "", policy.place ?? "", verification.report.from.host])
      expect(text).toContain(words);
    expect(text).toContain("No activation request was sent");
  });

  it("names every expectation, with what was observed", () => {
    const text = textOf(html);
    for (const { name, observed } of printableVerification(verification).results) {
      expect(text).toContain(name);
      expect(text).toContain(observed);
    }
  });
});

describe.each(Object.entries(scenes))("the page of check %s", (_, report) => {
  const text = textOf(renderHtml(report));

  it("says the answer, from where, and every address with its verdict and what to do", () => {
    const shown = printableThroughout(2_000, report);
    expect(text).toContain(headlineOf(shown).text);
    expect(text).toContain(shown.from.host);
    expect(text).toContain("No activation request was sent");
    for (const { verdict } of troublesOf(shown)) {
      expect(text).toContain(verdict.observed);
      for (const { text: step } of verdict.next) expect(text).toContain(step);
    }
    for (const { endpoint } of shown.diagnoses.flatMap(({ endpoints }) => endpoints))
      expect(text).toContain(endpoint.host);
  });
});

describe("what a page says", () => {
  const everything = renderVerifyHtml(verifyScenes.everything);

  it("is told by urgency: failing, not checked, warning, and what holds after that", () => {
    const names = [
      "all hosts that",
      "the clocks are",
      "the resolvers agree",
      "kms1.corp.example answers RPC",
    ];
    const places = names.map((name) => everything.indexOf(`>${name}`));
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(places[0]).toBeGreaterThan(0);
  });

  it("has the chapters in their order, and those only that have something to say", () => {
    expect(chapterIds(everything)).toEqual(["matrix", "expectations", "paths", "dns", "latency", "evidence"]);
    expect(chapterIds(renderVerifyHtml(verifyScenes["two-sources"])).slice(0, 3)).toEqual([
      "matrix",
      "sources",
      "expectations",
    ]);
    expect(chapterIds(renderVerifyHtml(verifyScenes.baseline))).toEqual([
      "matrix",
      "expectations",
      "baseline",
      "paths",
      "dns",
      "latency",
      "evidence",
    ]);
    expect(chapterIds(renderVerifyHtml(verifyScenes["all-met"]))).not.toContain("paths");
  });

  it("marks on each path the step where it ends, and what was not reached", () => {
    const paths = chapter(everything, "paths");
    const stops = Array.from(paths.matchAll(/<li class="stop ([a-z ]+)">/g), ([, tone]) => tone);
    const ends = stops.filter((tone) => tone?.endsWith(" ends"));
    expect(ends).toHaveLength(13);
    expect(paths.match(/>not reached</g)).toHaveLength(6);
    expect(paths).toContain("connects, is to stay closed");
  });

  it("holds no host to have failed that serves at its other address family", () => {
    const paths = chapter(renderVerifyHtml(verifyScenes["two-sources"]), "paths");
    expect(paths.match(/class="path-name"/g)).toHaveLength(1);
    expect(paths).toContain("from wg0");
  });

  it("shows which resolvers agree, and which differ", () => {
    expect(chapter(renderVerifyHtml(verifyScenes["all-met"]), "dns")).toContain("2 resolvers agree");
    const dns = chapter(renderVerifyHtml(largeVerification(() => false)), "dns");
    expect(dns).toContain("2 different answers");
    expect(dns).toContain("≠ not in every list");
  });

  it("tells alike advice once, with every command", () => {
    const commands = ["permit a", "permit b"];
    const page = renderVerifyHtml(
      verificationOf(verifyScenes.everything.report, [
        result({
          status: "failed",
          details: commands.map((command) => detail({ causes: ["one cause"], next: rule(command) })),
        }),
      ]),
    );
    expect(page.match(/Ask for this rule/g)).toHaveLength(1);
    expect(page.match(/one cause/g)).toHaveLength(1);
    expect(page).toContain("<code>permit a\npermit b</code>");
  });

  it("shows no command that had to be cut: it would do something else", () => {
    const long = `permit tcp from ${"1".repeat(3_000)}`;
    const page = renderVerifyHtml(
      verificationOf(verifyScenes.everything.report, [
        result({ status: "failed", details: [detail({ next: rule(long) })] }),
      ]),
    );
    expect(page).not.toContain("permit tcp from 1");
    expect(page).toContain("too long for a line");
  });

  it("calls a run that only got worse no failed policy, and one without expectations none that holds", () => {
    expect(headline(verifyScenes.baseline)).toBe("Worse than the baseline");
    expect(headline(verifyScenes.everything)).toBe("The policy does not hold");
    expect(headline(verifyScenes.interrupted)).toBe("Interrupted before all was checked");
    const { report } = verifyScenes["all-met"];
    expect(headline(verificationOf(report, [result({ status: "skipped" })]))).toBe(
      "Nothing was checked here",
    );
    expect(headline(verificationOf(report, [result({ status: "failed", level: "warning" })]))).toBe(
      "The policy holds, with warnings",
    );
  });

  it("says of a change how often it was looked at, and in words which way it went", () => {
    const { report } = verifyScenes["all-met"];
    const baseline = {
      file: "baseline.json",
      writtenAt: "2026-01-01T00:00:00.000Z",
      changes: [change({ direction: "flapping", looks: { worse: 1, of: 3 } })],
      unchanged: 2,
      notCompared: 0,
    };
    const page = chapter(renderVerifyHtml(verificationOf(report, [result()], { baseline })), "baseline");
    expect(page).toContain("Flapping: 1");
    expect(page).toContain("worse in 1 of 3 looks");
    expect(page).toContain("1 change, 2 unchanged.");
  });
});

describe("hostile text", () => {
  const html = renderVerifyHtml(verifyScenes.hostile);

  it("stands in the page as text, every word of it", () => {
    const text = textOf(html);
    const { results } = printableVerification(verifyScenes.hostile);
    expect(results).toHaveLength(HOSTILE.length);
    for (const { name } of results) expect(text).toContain(name);
    expect(text).toContain("<script>alert(1)</script>");
  });

  it("leaves nothing unprintable, and no name of a megabyte", () => {
    expect(html.replaceAll("\n", "")).not.toMatch(UNPRINTABLE);
    expect(html.length).toBeLessThan(400_000);
  });
});

describe("any text at all", () => {
  it("makes a page of the same elements, whatever it holds", () => {
    const { report } = verifyScenes["two-sources"];
    const tagsOf = (text: string): string => {
      const given = detail({ about: text, observed: text, causes: [text], next: rule(`${text}.`) });
      const page = renderVerifyHtml(
        verificationOf(report, [result({ name: text, source: text, status: "failed", details: [given] })], {
          policy: { file: text, name: text, place: text },
        }),
      );
      return read(page)
        .tags.map(({ name, end }) => `${end ? "/" : ""}${name}`)
        .join(" ");
    };
    const plain = tagsOf("plain");
    const text = fc.oneof(
      anyString({ minLength: 1 }),
      fc
        .array(fc.constantFrom("<", ">", "&", '"', "'", "/", "</style>", "<!--", "]]>", "&lt;", "\u0000"), {
          minLength: 1,
        })
        .map((parts) => parts.join("")),
    );
    fc.assert(
      fc.property(text, (any) => {
        expect(tagsOf(any)).toBe(plain);
      }),
      { seed: 2016, numRuns: runs(60) },
    );
  }, 30_000);
});

describe("the axis of latencies", () => {
  const values = fc.array(fc.double({ min: 0, max: 60_000, noNaN: true }), { minLength: 1, maxLength: 30 });

  it("holds every value between its first tick and its last, in their order", () => {
    fc.assert(
      fc.property(values, (given) => {
        const { at, ticks } = axisFor(given);
        expect(ticks.length).toBeGreaterThan(1);
        expect(ticks.length).toBeLessThan(12);
        expect(ticks).toEqual([...new Set(ticks)].toSorted((a, b) => a - b));
        expect(at(ticks[0] ?? -1)).toBe(0);
        expect(at(ticks.at(-1) ?? -1)).toBe(100);
        expect(Math.max(...given)).toBeLessThanOrEqual((ticks.at(-1) ?? 0) * 1.000_001);
        const places = given.toSorted((a, b) => a - b).map(at);
        expect(places).toEqual(places.toSorted((a, b) => a - b));
      }),
      { seed: 2016, numRuns: runs(2_000) },
    );
  });

  it("starts at nought, and is logarithmic where one host is far slower than another", () => {
    expect(axisFor([0.5, 1.5])).toMatchObject({ scale: "linear", ticks: [0, 0.5, 1, 1.5] });
    expect(axisFor([2, 900])).toMatchObject({ scale: "logarithmic", ticks: [1, 10, 100, 1_000] });
    expect(axisFor([0])).toMatchObject({ scale: "linear" });
  });
});

describe("a very large verification", () => {
  it.each([
    ["where a few expectations fail", largeVerification((index) => index % 50 === 0)],
    ["where all fail, at 64 hosts each", largeVerification(() => true)],
  ])(
    "%s stays a file to send by mail, and names every expectation",
    { timeout: 30_000 },
    (_, verification) => {
      const html = renderVerifyHtml(verification);
      expect(html.length).toBeLessThan(3_000_000);
      for (const { id } of verification.results) expect(html).toContain(`<code>${id}</code>`);
      expect(html).toContain("more paths, which this page leaves out");
    },
  );

  it("has what holds folded away", () => {
    const html = renderVerifyHtml(largeVerification((index) => index % 50 === 0));
    expect(html).toMatch(/<details class="fold"><summary><h3>490 expectations hold</);
  });

  it("of three hundred targets keeps its evidence short too", () => {
    const [first] = verifyScenes.everything.report.diagnoses;
    const diagnoses = Array.from({ length: 300 }, () => first).flatMap((each) => each ?? []);
    const report = { ...verifyScenes.everything.report, diagnoses };
    expect(renderVerifyHtml(verificationOf(report, [result()])).length).toBeLessThan(4_000_000);
  });
});
