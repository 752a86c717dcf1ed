import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { SYSTEM_PYTHON } from "../servers/available.ts";

export type XmlNode = {
  tag: string;
  attributes: Record<string, string>;
  text: string;
  children: XmlNode[];
};
export type Family = {
  name: string;
  type: string;
  help: string;
  samples: { name: string; labels: Record<string, string>; value: number }[];
};
export type SarifRead = { faults: string[]; log: { runs: { results: SarifResult[] }[] } };
export type SarifResult = {
  ruleId: string;
  message: { text: string };
  locations: { logicalLocations: { fullyQualifiedName: string }[] }[];
};
export type MarkdownRead = {
  kinds: string[];
  headings: string[];
  html: string[];
  code: string[];
  texts: string[];
  items: string[];
  tables: string[][][];
};

type Readers = {
  junit: XmlNode;
  csv: string[][];
  json: unknown;
  prometheus: Family[];
  sarif: SarifRead;
  markdown: MarkdownRead;
};

/** What parsers that are not ours find in these documents. Throws with their words where they refuse one. */
export function readAll<Format extends keyof Readers>(
  format: Format,
  documents: readonly unknown[],
): Readers[Format][] {
  const script = join(import.meta.dirname, "readers.py");
  const { status, stdout, stderr } = spawnSync(SYSTEM_PYTHON, [script, format], {
    input: JSON.stringify(documents),
    encoding: "utf8",
    maxBuffer: 1 << 28,
    timeout: 60_000,
  });
  if (status !== 0) throw new Error(`${format}: ${stderr}`);
  return JSON.parse(stdout);
}
