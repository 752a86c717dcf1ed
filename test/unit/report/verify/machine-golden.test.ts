import path from "node:path";
import { describe, expect, it } from "vitest";
import { renderVerifyCsv } from "../../../../src/report/verify/csv.ts";
import { renderVerifyAnnotations } from "../../../../src/report/verify/github.ts";
import { renderVerifyJson } from "../../../../src/report/verify/json.ts";
import { renderVerifyJunit } from "../../../../src/report/verify/junit.ts";
import { renderVerifyMarkdown } from "../../../../src/report/verify/markdown.ts";
import { renderVerifyNagios } from "../../../../src/report/verify/nagios.ts";
import { renderVerifyPrometheus } from "../../../../src/report/verify/prometheus.ts";
import { renderVerifySarif } from "../../../../src/report/verify/sarif.ts";
import type { Verification } from "../../../../src/verify/model.ts";
import { verifyScenes } from "./scenes.ts";

const FOLDER = path.join(import.meta.dirname, "../../../fixtures/golden");

const OUTPUTS: Readonly<Record<string, (verification: Verification) => string | Promise<string>>> = {
  csv: renderVerifyCsv,
  github: renderVerifyAnnotations,
  json: renderVerifyJson,
  junit: renderVerifyJunit,
  markdown: renderVerifyMarkdown,
  nagios: (verification) => renderVerifyNagios(verification).text,
  prometheus: renderVerifyPrometheus,
  sarif: renderVerifySarif,
};

/** A megabyte label in each is no use to a reader: verify-hostile.test.ts looks at what becomes of it. */
const { hostile: _, ...readable } = verifyScenes;

/** `vitest run ... -u` writes them anew: read the difference before you commit it. */
describe.each(Object.entries(readable))("the verification of %s", (name, verification) => {
  it.each(Object.entries(OUTPUTS))("as %s is the golden one", async (output, render) => {
    const file = path.join(FOLDER, `verify-${name}`, `${output}.golden`);
    await expect(await render(verification)).toMatchFileSnapshot(file);
  });
});
