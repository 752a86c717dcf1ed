/** What a report of `verify` can be, by its name on the command line. */
export const REPORT_KINDS = [
  "text",
  "json",
  "junit",
  "html",
  "sarif",
  "markdown",
  "annotations",
  "csv",
  "prometheus",
  "nagios",
] as const;
export type ReportKind = (typeof REPORT_KINDS)[number];
