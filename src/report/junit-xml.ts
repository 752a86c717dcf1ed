/** JUnit XML as both Jenkins' schema and Ant's stricter one take it. */
import { create } from "xmlbuilder2";
import type { XMLBuilder } from "xmlbuilder2/lib/interfaces.js";

export type Case = {
  name: string;
  outcome: "passed" | "failure" | "error" | "skipped";
  message: string;
  type: string;
  text: string;
};
export type Suite = { kind: string; cases: readonly Case[] };

/** What stands in every suite: one run made them all. `properties` that are null are left out. */
export type Run = {
  startedAt: string;
  elapsedMs: number;
  host: string;
  /** What tells this run from others that go into one build: CI systems know a suite, and a case, by its name. */
  of: readonly string[];
  properties: Readonly<Record<string, string | null>>;
};

/**
 * Texts are fit for print already. A case that passed, and has something to say, says it in its suite's system-out: Ant's
 * schema has none in a case. One probing serves every case, so none has a time of its own; the first suite has that of
 * the whole, so that the sum is right.
 */
export function junitXml(suites: readonly Suite[], run: Run): string {
  // Ant's root takes no attributes, such as totals.
  const root = create({ version: "1.0", encoding: "UTF-8" }).ele("testsuites");
  suites.forEach((suite, index) => addSuite(root, suite, index, run));
  return `${root.end({ prettyPrint: true })}\n`;
}

function addSuite(root: XMLBuilder, { kind, cases }: Suite, index: number, run: Run): void {
  const title = [`kmsprobe.${kind}`, ...(run.of.length > 0 ? [`(${run.of.join(", ")})`] : [])].join(" ");
  const having = (outcome: Case["outcome"]): number =>
    cases.filter((each) => each.outcome === outcome).length;
  const suite = root.ele("testsuite", {
    name: literal(title),
    package: "kmsprobe",
    id: index,
    // Ant's pattern has neither a fraction nor a zone.
    timestamp: run.startedAt.slice(0, "2026-01-02T03:04:05".length),
    // An xs:token of length 1 at least, counted without the blanks around it.
    hostname: literal(run.host.trim() || "localhost"),
    tests: cases.length,
    failures: having("failure"),
    errors: having("error"),
    skipped: having("skipped"),
    time: index === 0 ? (run.elapsedMs / 1000).toFixed(3) : "0.000",
  });
  const properties = suite.ele("properties");
  for (const [name, value] of Object.entries(run.properties))
    if (value !== null) properties.ele("property", { name, value: literal(value) });
  for (const each of cases) addCase(suite, classOf(kind, run), each);
  const said = cases.filter(({ outcome, text }) => outcome === "passed" && text !== "");
  suite.ele("system-out").txt(literal(said.map(({ name, text }) => `${name}\n${text}\n`).join("\n")));
  suite.ele("system-err");
}

/** A dot ends the name of a package: those of ours have none but the first. */
function classOf(kind: string, { of }: Run): string {
  return ["kmsprobe", [kind, ...of].map((each) => each.replaceAll(".", "_")).join(" ")].join(".");
}

/** In Ant's schema at most one of the three stands in a case, and nothing else. */
function addCase(suite: XMLBuilder, classname: string, { name, outcome, message, type, text }: Case): void {
  const node = suite.ele("testcase", { name: literal(name), classname: literal(classname), time: "0.000" });
  const attributes = { message: literal(message), type: literal(type) };
  if (outcome === "skipped") node.ele("skipped", { message: attributes.message });
  else if (outcome !== "passed") node.ele(outcome, attributes).txt(literal(text));
}

/** xmlbuilder2 takes `&bogus;` in a text for an entity and leaves it; of ours it escapes the rest. */
function literal(text: string): string {
  return text.replaceAll("&", "&amp;");
}
