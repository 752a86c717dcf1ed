/** The reports of one verification, each from the renderer of its kind: what needs a library loads when it is asked for. */
import { renderVerifyAnnotations } from "../../report/verify/github.ts";
import { renderVerifyJson } from "../../report/verify/json.ts";
import { renderVerifyMarkdown } from "../../report/verify/markdown.ts";
import { renderVerifyNagios } from "../../report/verify/nagios.ts";
import { renderVerifySarif } from "../../report/verify/sarif.ts";
import { renderVerifyText } from "../../report/verify/text.ts";
import type { VerifyTextOptions } from "../../report/verify/text.ts";
import type { Verification } from "../../verify/model.ts";
import { appendWhole } from "../../output/whole-file.ts";
import { asFile, writeOut } from "../output.ts";
import type { OutputFlags } from "../output.ts";
import { parseReportFile } from "../report-files.ts";
import { REPORT_KINDS } from "./report-kinds.ts";
import type { ReportKind } from "./report-kinds.ts";

/** Where one report goes; `append` for files that others write, too. Null is standard output. */
export type Ordered = { kind: ReportKind; file: string | null; append: boolean; text: VerifyTextOptions };

/** Columns of a text report in a file. */
const WIDTH = 100;

/**
 * `junit=out.xml`, `sarif=-`, and `github` for what GitHub Actions shows.
 * @param summary the file that GITHUB_STEP_SUMMARY names
 * @throws UsageError
 */
export function parseReport(text: string, verbose: boolean, summary: string | undefined): Ordered[] {
  const plain = { text: { color: false, verbose, width: WIDTH } };
  if (text === "github") {
    const pages: Ordered[] =
      summary === undefined || summary === ""
        ? []
        : [{ kind: "markdown", file: summary, append: true, ...plain }];
    return [{ kind: "annotations", file: null, append: false, ...plain }, ...pages];
  }
  const { kind, file } = parseReportFile(text, REPORT_KINDS, ", and github stands alone");
  return [{ kind, file, append: false, ...plain }];
}

/** Writes all of them; one that can't be written doesn't cost the others. @throws the first error, at the end */
export async function writeReports(
  verification: Verification,
  ordered: readonly Ordered[],
  flags: Pick<OutputFlags, "ascii" | "bom">,
): Promise<void> {
  let failure: unknown = null;
  for (const { kind, file, append, text: options } of ordered) {
    try {
      const rendered = await renderVerifyReport(verification, kind, options);
      const text = asFile(rendered, kind, flags);
      if (append && file !== null) await appendWhole(file, text);
      else await writeOut(text, file ?? undefined);
    } catch (error) {
      failure ??= error;
    }
  }
  if (failure !== null) throw failure;
}

/** One report of a kind, as text. */
export async function renderVerifyReport(
  verification: Verification,
  kind: ReportKind,
  options: VerifyTextOptions,
): Promise<string> {
  switch (kind) {
    case "text":
      return renderVerifyText(verification, options);
    case "json":
      return renderVerifyJson(verification);
    case "junit":
      return (await import("../../report/verify/junit.ts")).renderVerifyJunit(verification);
    case "html":
      return (await import("../../report/page/page.tsx")).renderVerifyHtml(verification);
    case "sarif":
      // Code scanning wants the policy named from the repository.
      return renderVerifySarif(verification, { base: process.env["GITHUB_WORKSPACE"] ?? process.cwd() });
    case "markdown":
      return renderVerifyMarkdown(verification);
    case "annotations":
      return renderVerifyAnnotations(verification);
    case "csv":
      return (await import("../../report/verify/csv.ts")).renderVerifyCsv(verification);
    case "prometheus":
      return await (await import("../../report/verify/prometheus.ts")).renderVerifyPrometheus(verification);
    case "nagios":
      return renderVerifyNagios(verification).text;
    default:
      return kind satisfies never;
  }
}
