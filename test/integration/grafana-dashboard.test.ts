/** The dashboard held against Grafana's own types, as its SDK has them: each field known, each value one of its words. */
import { mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startProgram } from "./support/kmsprobe.ts";

const ROOT = path.join(import.meta.dirname, "../..");
const FILE = path.join(ROOT, "docs/monitoring/grafana-dashboard.json");

/** What the SDK leaves open ("any") for all kinds of panels is closed by the kinds that are used; enums are their words. */
const TYPES = `
import type * as dashboard from "@grafana/grafana-foundation-sdk/dashboard";
import type * as prometheus from "@grafana/grafana-foundation-sdk/prometheus";
import type * as stat from "@grafana/grafana-foundation-sdk/stat";
import type * as timeline from "@grafana/grafana-foundation-sdk/statetimeline";
import type * as series from "@grafana/grafana-foundation-sdk/timeseries";

type Json<T> = T extends string ? \`\${T}\` : T extends object ? { [K in keyof T]: Json<T[K]> } : T;
type Panel<Type, Options, Custom> = Omit<dashboard.Panel, "type" | "options" | "fieldConfig" | "targets"> & {
  type: Type;
  options: Options;
  fieldConfig: Omit<dashboard.FieldConfigSource, "defaults"> & {
    defaults: Omit<dashboard.FieldConfig, "custom"> & { custom?: Custom };
  };
  targets: Omit<prometheus.Dataquery, "_implementsDataqueryVariant">[];
};
export type Dashboard = Json<
  Omit<dashboard.Dashboard, "panels"> & {
    panels: (
      | Panel<"stat", stat.Options, never>
      | Panel<"state-timeline", timeline.Options, timeline.FieldConfig>
      | Panel<"timeseries", series.Options, series.FieldConfig>
    )[];
  }
>;
`;

let dir: string;

beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), "kmsprobe-dashboard-"));
  await symlink(path.join(ROOT, "node_modules"), path.join(dir, "node_modules"));
  await writeFile(path.join(dir, "package.json"), '{ "type": "module" }');
  await writeFile(path.join(dir, "types.ts"), TYPES);
});

afterAll(() => rm(dir, { recursive: true, force: true }));

/** What the compiler finds wrong with each of these dashboards, by its name. */
async function mistakes(texts: Readonly<Record<string, string>>): Promise<Record<string, string[]>> {
  const names = Object.keys(texts);
  for (const [name, text] of Object.entries(texts))
    await writeFile(
      path.join(dir, `${name}.ts`),
      `import type { Dashboard } from "./types.ts";\nexport const dashboard: Dashboard = ${text};\n`,
    );
  const compiler = path.join(ROOT, "node_modules/typescript/bin/tsc");
  const settings = "--noEmit --strict --skipLibCheck --module nodenext --target es2022 --pretty false";
  const { stdout } = await startProgram(
    process.execPath,
    [compiler, ...settings.split(" "), "--allowImportingTsExtensions", ...names.map((name) => `${name}.ts`)],
    { cwd: dir },
  ).finished;
  const told = stdout.split("\n").filter((line) => line.includes("error TS"));
  return Object.fromEntries(
    names.map((name) => [name, told.filter((line) => line.startsWith(`${name}.ts`))]),
  );
}

test("is what Grafana's types allow, and nothing that they don't know", { timeout: 120_000 }, async () => {
  const text = await readFile(FILE, "utf8");
  const changed = (from: RegExp, to: string): string => {
    expect(text).toMatch(from);
    return text.replace(from, to);
  };
  const found = await mistakes({
    whole: text,
    field: changed(/"legendFormat"/, '"legendFormatt"'),
    word: changed(/"graphMode": "area"/, '"graphMode": "round"'),
    kind: changed(/"type": "state-timeline"/, '"type": "timeline"'),
    custom: changed(/"fillOpacity": 70/, '"fillOpacity": "70"'),
    without: changed(/"schemaVersion": \d+,/, ""),
  });
  const { whole, ...wrong } = found;
  expect(whole).toEqual([]);
  for (const [name, told] of Object.entries(wrong)) expect(told, name).not.toEqual([]);
});
