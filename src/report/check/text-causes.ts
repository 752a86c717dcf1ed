/** The eight usual causes, for `--verbose`: what this run says of each, and what settles the rest. */
import type { Cause } from "../../model/causes.ts";
import { printable } from "../escape.ts";
import { wrap } from "../style.ts";
import type { Style } from "../style.ts";
import { PLACES } from "../words.ts";

const TITLES: Readonly<Record<Cause["cause"], string>> = {
  connectivity: "Connectivity",
  "kms-host": "KMS host",
  "client-configuration": "Client configuration",
  "activation-threshold": "Activation threshold",
  clock: "Clock",
  dns: "DNS",
  "host-key": "Host key",
  vpn: "VPN",
};

/** A sign that needs no colour, and how grave the state is. */
const STATES = {
  "ruled-out": { sign: "✓", severity: "ok", words: "ruled out from here" },
  confirmed: { sign: "✗", severity: "failed", words: "confirmed" },
  possible: { sign: "?", severity: "degraded", words: "possible" },
  "not-visible-from-here": { sign: "–", severity: "inconclusive", words: "not visible from here" },
} as const satisfies Record<Cause["state"], { sign: string; severity: string; words: string }>;

const INDENT = "     ";

/** What several causes rest on is said in full of the first, unless it is a line anyway. */
export function renderCauses(causes: readonly Cause[], width: number, style: Style): string {
  const blocks = causes.map(({ cause, state, evidence, step }, index) => {
    const first = causes.findIndex((each) => each.evidence === evidence);
    const whole = wrap(sentence(evidence), width, INDENT);
    const said =
      first < index && whole.includes("\n") ? `${INDENT}For the same reason as ${first + 1}.` : whole;
    const { sign, severity, words } = STATES[state];
    const number = String(index + 1).padStart(2);
    const head = `${number} ${style.severity(severity, sign)} ${style.bold(TITLES[cause])}: ${style.severity(severity, words)}`;
    const lines = [head, said];
    if (step !== null) {
      lines.push(wrap(`→ ${PLACES[step.where]}: ${printable(step.text)}`, width, INDENT));
      // A command stays on one line, so that it can be copied.
      if (step.command !== null) lines.push(`${INDENT}    ${style.bold(printable(step.command))}`);
    }
    return lines.join("\n");
  });
  return `${style.bold("The eight usual causes")}\n${blocks.join("\n")}\n`;
}

function sentence(evidence: string): string {
  const text = printable(evidence).trimEnd();
  return text.endsWith(".") ? text : `${text}.`;
}
