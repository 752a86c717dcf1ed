/** The sweep by subnet: a line for each where something differs, one for all those that are alike. */
import { connects, entriesOf, grouped } from "../../sweep/counts.ts";
import type { Middlebox, SubnetCount, SweepReport } from "../../sweep/model.ts";
import { wrap } from "../style.ts";
import type { Style } from "../style.ts";
import { allOfOne, counted, countsSentence, hasServing, hasSeveralPorts, subnetSentence } from "./words.ts";

/** Lines without --verbose. */
const SUBNETS_SHOWN = 40;
const MIDDLEBOXES_SHOWN = 20;

/** Ranges of one middlebox on its line. */
const RANGES_SHOWN = 3;

type Options = { width: number; verbose: boolean };

export function renderSubnets(report: SweepReport, { width, verbose }: Options, style: Style): string {
  const { subnets, middleboxes } = report;
  const ports = hasSeveralPorts(report);
  const [one, many] = ports ? ["pair of subnet and port", "pairs of subnet and port"] : ["subnet", "subnets"];
  if (subnets.length === 0) return "";
  const boxes = new Set(middleboxes.map(nameOf));
  const { told, alike } = fold(subnets, ports ? "pairs" : "addresses");
  // Where there is no room for all, those with hosts are worth a line first.
  const worth = told.toSorted((a, b) => worthOf(b) - worthOf(a));
  const shown = new Set(verbose ? told : worth.slice(0, SUBNETS_SHOWN));
  const widest = Math.max(0, ...Array.from(shown, (net) => labelOf(net, ports).length));
  const lines = told
    .filter((net) => shown.has(net))
    .map((net) => {
      const note = boxes.has(nameOf(net)) ? " (one device, see above)" : "";
      const text = `${labelOf(net, ports).padEnd(widest)}  ${subnetSentence(net)}${note}`;
      const line = wrap(text, width, "    ").trimStart();
      return `  ${hasServing(net.counts) ? style.severity("ok", line) : line}`;
    });
  const more = told.length - shown.size;
  if (more > 0)
    lines.push(style.dim(`  and ${counted(more, `more ${one}`, `more ${many}`)}: --verbose shows them`));
  for (const { words, count } of alike) {
    const others = told.length > 0 ? "more " : "";
    lines.push(style.dim(`  ${grouped(count)} ${others}${many}: ${words}`));
  }
  return [style.bold(ports ? "By subnet and port" : "By subnet"), ...lines].join("\n");
}

/** Subnets where no address did anything else, and none connected, are told together: two of a kind or more. */
function fold(
  subnets: readonly SubnetCount[],
  unit: string,
): {
  told: SubnetCount[];
  alike: { words: string; count: number }[];
} {
  const kinds = new Map<string, { words: string; nets: SubnetCount[] }>();
  for (const net of subnets) {
    const words = wordsOfAll(net);
    if (words === null) continue;
    // What is said of all of a subnet is not said of one that was looked at in part.
    const kind = `${words} ${isPartial(net)}`;
    const alike = kinds.get(kind);
    if (alike) alike.nets.push(net);
    else kinds.set(kind, { words, nets: [net] });
  }
  const folded = [...kinds.values()].filter(({ nets }) => nets.length > 1);
  const hidden = new Set(folded.flatMap(({ nets }) => nets));
  return {
    told: subnets.filter((net) => !hidden.has(net)),
    alike: folded
      .map(({ words, nets }) => ({ words: `${partWords(nets, unit)}${words}`, count: nets.length }))
      .toSorted((a, b) => b.count - a.count),
  };
}

function wordsOfAll({ counts }: SubnetCount): string | null {
  const [only, ...others] = entriesOf(counts);
  return only === undefined || others.length > 0 || connects(only.code) ? null : allOfOne(only.code);
}

function isPartial({ covered, planned }: SubnetCount): boolean {
  return covered < planned;
}

/** `12 of 8,192 addresses looked at, `: nothing where that is all of them. */
function partWords(nets: readonly SubnetCount[], unit: string): string {
  if (!nets.some(isPartial)) return "";
  const sum = (of: "covered" | "planned"): number => nets.reduce((total, net) => total + net[of], 0);
  return `${grouped(sum("covered"))} of ${grouped(sum("planned"))} ${unit} looked at, `;
}

function worthOf({ counts }: SubnetCount): number {
  return hasServing(counts) ? 2 : Number(entriesOf(counts).some(({ code }) => connects(code)));
}

function labelOf({ subnet, port }: SubnetCount, withPort: boolean): string {
  return withPort ? `${subnet} port ${port}` : subnet;
}

function nameOf({ subnet, port }: { subnet: string; port: number }): string {
  return `${subnet} ${port}`;
}

export function renderMiddleboxes(
  { middleboxes }: SweepReport,
  { width, verbose }: Options,
  style: Style,
): string {
  if (middleboxes.length === 0) return "";
  const shown = verbose ? middleboxes : middleboxes.slice(0, MIDDLEBOXES_SHOWN);
  const lines = shown.map((middlebox) => {
    const line = wrap(sentenceOf(middlebox), width, "    ").trimStart();
    return `  ${style.severity("degraded", "!")} ${line}`;
  });
  const more = middleboxes.length - shown.length;
  if (more > 0) lines.push(style.dim(`  and ${grouped(more)} more: --verbose shows them`));
  return [style.bold("One device for a whole subnet, and not that many hosts"), ...lines].join("\n");
}

function sentenceOf({ subnet, port, accepted, tried, counts, addresses }: Middlebox): string {
  const shown = addresses.slice(0, RANGES_SHOWN).join(", ");
  const more = addresses.length > RANGES_SHOWN ? ` and ${grouped(addresses.length - RANGES_SHOWN)} more` : "";
  return `${subnet} port ${port}: ${grouped(accepted)} of ${grouped(tried)} accept: ${countsSentence(counts)} (${shown}${more})`;
}
