// Writes what follows from the source: the schemas of reports, comparison, explanation, sweep, verification, policy,
// configuration and baseline from their models, and the generated parts of README.md and docs/ (scripts/documents.mjs) and the manual pages (scripts/manual.mjs) from
// the command line and the catalogues.
// With --check nothing is written, and the exit code says whether all of it is current.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import vm from "node:vm";
import { build } from "esbuild";
import { documentsOf } from "./documents.mjs";
import { manualsOf } from "./manual.mjs";

const { outputFiles } = await build({
  stdin: {
    contents: `
      import { z } from "zod";
      import { comparisonSchema } from "./src/compare/comparison.ts";
      import { explanationSchema } from "./src/explain/model.ts";
      import { reportSchema } from "./src/model/report.ts";
      import { sweepLineSchema, sweepReportSchema } from "./src/sweep/model.ts";
      import { baselineSchema } from "./src/verify/baseline/file.ts";
      import { verificationSchema } from "./src/verify/model.ts";
      import { policyJsonSchema } from "./src/verify/policy.ts";
      import { serveConfigSchema } from "./src/serve/config.ts";
      import { configSchema } from "./src/config/config-file.ts";
      import { createProgram } from "./src/cli/program.ts";
      export const program = createProgram(new AbortController().signal, () => {});
      export { catalog } from "./src/verdict/catalog.ts";
      export { LOOK_METRICS as lookMetrics } from "./src/report/serve/metrics.ts";
      export { OWN_METRICS as ownMetrics } from "./src/serve/own-metric-table.ts";
      export { knownCodes, sourceOf } from "./src/explain/codes.ts";
      export { knownEvents } from "./src/explain/events.ts";
      export { LABEL_ROWS } from "./src/explain/labels.ts";
      export { knownSetupKeys } from "./src/explain/setup-keys.ts";
      export { findingCatalog } from "./src/verdict/findings/catalog.ts";
      const published = (schema) => z.toJSONSchema(schema, { target: "draft-2020-12", io: "output" });
      export const schemas = {
        "schema/report-v1.json": published(reportSchema),
        "schema/compare-v1.json": published(comparisonSchema),
        "schema/explain-v1.json": published(explanationSchema),
        "schema/sweep-v1.json": published(sweepReportSchema),
        "schema/sweep-line-v1.json": published(sweepLineSchema),
        "schema/verify-v1.json": published(verificationSchema),
        "schema/policy-v1.json": policyJsonSchema(),
        "schema/baseline-v1.json": published(baselineSchema),
        "schema/config-v1.json": z.toJSONSchema(configSchema, { target: "draft-2020-12", io: "input" }),
        "schema/serve-v1.json": z.toJSONSchema(serveConfigSchema, { target: "draft-2020-12", io: "input" }),
      };`,
    resolveDir: ".",
  },
  bundle: true,
  write: false,
  platform: "node",
  format: "cjs",
  // What a command loads when it runs is of no interest here.
  plugins: [
    {
      name: "without-late-imports",
      setup: (bundler) =>
        bundler.onResolve({ filter: /./ }, ({ kind, path }) =>
          kind === "dynamic-import" ? { path, external: true } : undefined,
        ),
    },
  ],
});
const source = { exports: {} };
const evaluate = vm.compileFunction(outputFiles[0].text, ["module", "exports", "require"]);
evaluate(source, source.exports, createRequire(import.meta.url));
const { schemas, ...described } = source.exports;

const files = { ...documentsOf(described), ...manualsOf(described.program) };
for (const [file, schema] of Object.entries(schemas)) files[file] = `${JSON.stringify(schema, null, 2)}\n`;
const check = process.argv.includes("--check");
for (const [file, text] of Object.entries(files)) {
  if (existsSync(file) && readFileSync(file, "utf8") === text) continue;
  if (check) {
    console.log(`${file} is not what the source says: run npm run generate`);
    process.exitCode = 1;
  } else {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}
