// Writes what follows from the source: the schemas of reports, comparison, sweep, verification, policy and baseline from their
// models, and the README's tables of verdicts and findings from the catalogue. With --check nothing is written, and the exit code says whether all of it is
// current.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

const { outputFiles } = await build({
  stdin: {
    contents: `
      import { z } from "zod";
      import { comparisonSchema } from "./src/compare/comparison.ts";
      import { reportSchema } from "./src/model.ts";
      import { sweepLineSchema, sweepReportSchema } from "./src/sweep/model.ts";
      import { baselineSchema } from "./src/verify/baseline/file.ts";
      import { verificationSchema } from "./src/verify/model.ts";
      import { policySchema } from "./src/verify/policy.ts";
      export { catalog } from "./src/verdict/catalog.ts";
      export { findingCatalog } from "./src/verdict/findings.ts";
      const published = (schema) => z.toJSONSchema(schema, { target: "draft-2020-12", io: "output" });
      export const schemas = {
        "schema/report-v1.json": published(reportSchema),
        "schema/compare-v1.json": published(comparisonSchema),
        "schema/sweep-v1.json": published(sweepReportSchema),
        "schema/sweep-line-v1.json": published(sweepLineSchema),
        "schema/verify-v1.json": published(verificationSchema),
        "schema/policy-v1.json": z.toJSONSchema(policySchema, { target: "draft-2020-12", io: "input" }),
        "schema/baseline-v1.json": published(baselineSchema),
      };`,
    resolveDir: ".",
  },
  bundle: true,
  write: false,
  platform: "node",
  format: "esm",
});
const source = Buffer.from(outputFiles[0].contents).toString("base64");
const { catalog, findingCatalog, schemas } = await import(`data:text/javascript;base64,${source}`);

const row = (cells) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
const verdicts = Object.entries(catalog).map(([code, entry]) =>
  row([
    `\`${code}\``,
    entry.severity,
    entry.certainty,
    entry.title,
    entry.causes.map(({ text }) => text).join("; ") || "–",
  ]),
);
const findings = Object.entries(findingCatalog).map(([code, entry]) =>
  row([`\`${code}\``, entry.severity, entry.next.replaceAll("{host}", "HOST")]),
);
const tables = {
  verdicts: [
    "| code | severity | certainty | in short | causes that fit |",
    "|---|---|---|---|---|",
    ...verdicts,
  ],
  findings: ["| code | severity | what to do |", "|---|---|---|", ...findings],
};

let readme = readFileSync("README.md", "utf8");
for (const [name, lines] of Object.entries(tables)) {
  const marked = new RegExp(`(<!-- ${name} -->\n)[^]*?(<!-- /${name} -->)`);
  if (!marked.test(readme)) throw new Error(`README.md has no marks for the table of ${name}`);
  readme = readme.replace(marked, (_, start, end) => `${start}${lines.join("\n")}\n${end}`);
}

const files = { "README.md": readme };
for (const [file, schema] of Object.entries(schemas)) files[file] = `${JSON.stringify(schema, null, 2)}\n`;
const check = process.argv.includes("--check");
for (const [file, text] of Object.entries(files)) {
  if (existsSync(file) && readFileSync(file, "utf8") === text) continue;
  if (check) {
    console.log(`${file} is not what the source says: run npm run generate`);
    process.exitCode = 1;
  } else writeFileSync(file, text);
}
