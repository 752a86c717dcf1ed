/**
 * Output of a monitoring plugin, read by the grammar of the Monitoring Plugins guidelines: text, a bar, performance
 * data, and lines after it. Strict: throws on what a core would drop or misread.
 */
export type Figure = {
  label: string;
  value: number;
  unit: string;
  warn: string;
  crit: string;
  min: string;
  max: string;
};
export type PluginOutput = { text: string; figures: Figure[]; long: string[] };

const NUMBER = String.raw`-?\d+(?:\.\d+)?`;
const RANGE = String.raw`@?(?:(?:~|${NUMBER})?:)?(?:${NUMBER})?`;
const FIGURE = new RegExp(
  `'((?:[^'=]|'')+)'=(${NUMBER})(s|us|ms|%|B|KB|MB|GB|TB|c)?(?:;(${RANGE})(?:;(${RANGE})(?:;(${NUMBER})?(?:;(${NUMBER})?)?)?)?)?( |$)`,
  "y",
);

export function readPluginOutput(output: string): PluginOutput {
  if (!output.endsWith("\n")) throw new Error("the last line has no end");
  const [first = "", ...long] = output.slice(0, -1).split("\n");
  const bar = first.indexOf("|");
  const text = bar === -1 ? first : first.slice(0, bar).trimEnd();
  if (long.some((line) => line.includes("|")))
    throw new Error("a bar in a later line begins performance data");
  return { text, figures: bar === -1 ? [] : readFigures(first.slice(bar + 1).trimStart()), long };
}

function readFigures(data: string): Figure[] {
  const figures: Figure[] = [];
  let at = 0;
  while (at < data.length) {
    FIGURE.lastIndex = at;
    const match = FIGURE.exec(data);
    if (match === null) throw new Error(`no figure at ${JSON.stringify(data.slice(at, at + 40))}`);
    const [whole, label = "", value, unit = "", warn = "", crit = "", min = "", max = ""] = match;
    figures.push({ label: label.replaceAll("''", "'"), value: Number(value), unit, warn, crit, min, max });
    at += whole.length;
  }
  return figures;
}
