/** SARIF 2.1.0 of what belongs into an inventory: DNS lint, hosts that nobody permitted, listings that differ. */
import { findingCatalog } from "../../verdict/findings/catalog.ts";
import type { Detail, ExpectationResult, Verification } from "../../verify/model.ts";
import { asciiJson } from "../escape.ts";
import { codeWords, failing, stepLine } from "./lines.ts";
import { policyUri } from "./uri.ts";
import { byUrgency, nameOf, printableVerification } from "./words.ts";

/** GitHub takes 25,000 results of a run and shows 5,000. */
const MOST = 5_000;

/** Our own rules, beside those of the findings. Public like codes: ids are added or retired, never reworded. */
const OWN_RULES = {
  "unauthorised-host": {
    title: "A host serves or is listed, and is not permitted",
    help: "See whose machine it is: add it to the policy, or take its host key and its DNS record away",
  },
  "listing-differs": {
    title: "DNS does not list the hosts that the policy expects",
    help: "Bring the SRV records and the policy in line: a client takes whatever DNS lists",
  },
  "lint-finding": {
    title: "A finding in the DNS zone",
    help: "See the message: the finding is of a newer version than this list of rules",
  },
} as const;

type Rule = { id: string; title: string; help: string };
type Found = { rule: Rule; result: ExpectationResult; about: string; text: string };

/**
 * Each failing detail of a lint, permitted or listed expectation is one result, at the expectation's place in the
 * policy file. What could not be checked makes the invocation unsuccessful and is told as a notification: an alert
 * that is missing then is not one that was put right.
 *
 * @param base folder that an absolute policy file is named from, where it lies in it: the repository's, for GitHub
 */
export function renderVerifySarif(
  given: Verification,
  { base = null }: { base?: string | null } = {},
): string {
  const verification = printableVerification(given);
  const results = verification.results.filter(({ kind }) => /^(?:lint|permitted|listed)$/.test(kind));
  const failed = byUrgency(results).filter(({ status }) => status === "failed");
  const all = failed.flatMap(foundIn);
  const found = all.slice(0, MOST);
  const rules = [...new Map(found.map(({ rule }) => [rule.id, rule])).values()];
  const ids = rules.map(({ id }) => id);
  // The file's own name: a URI is ASCII whatever it holds, and an escape would name another file.
  const uri = policyUri(given.policy.file, { base, windows: given.report.from.platform === "win32" });
  const notes = [
    ...results
      .filter(({ status }) => status === "error")
      .map((result) => `${nameOf(result)} could not be checked: ${result.observed}`),
    ...failed
      .filter(({ detailsDropped }) => detailsDropped > 0)
      .map((result) => `${nameOf(result)}: ${result.detailsDropped} more that are not shown`),
    ...(all.length > MOST ? [`${all.length - MOST} more results were left out`] : []),
  ];
  const { policy, tool, startedAt, interrupted } = verification;
  return `${asciiJson(
    {
      $schema: "https://json.schemastore.org/sarif-2.1.0.json",
      version: "2.1.0",
      runs: [
        {
          tool: { driver: { name: tool.name, version: tool.version, rules: rules.map(ruleObject) } },
          automationDetails: { id: `kmsprobe/${policy.name ?? policy.file}/${policy.place ?? "any"}/` },
          invocations: [
            {
              executionSuccessful: !interrupted && results.every(({ status }) => status !== "error"),
              startTimeUtc: startedAt,
              toolExecutionNotifications: notes.map((text) => ({ level: "warning", message: message(text) })),
            },
          ],
          columnKind: "utf16CodeUnits",
          results: withFingerprints(found, uri, ids),
        },
      ],
    },
    2,
  )}\n`;
}

function foundIn(result: ExpectationResult): Found[] {
  const details = failing(result);
  if (details.length > 0)
    return details.map((each) => ({
      rule: ruleOf(result, each.code),
      result,
      about: each.about,
      text: detailText(each),
    }));
  const text = `${nameOf(result)}: ${result.observed} (expected: ${result.expected})`;
  return [{ rule: ruleOf(result, null), result, about: result.name, text }];
}

function detailText(detail: Detail): string {
  const words = codeWords(detail);
  return [`${detail.observed}${words === "" ? "" : ` (${words})`}`, ...detail.next.map(stepLine)].join("\n");
}

function ruleOf({ kind }: ExpectationResult, code: string | null): Rule {
  if (kind === "permitted") return { id: "unauthorised-host", ...OWN_RULES["unauthorised-host"] };
  if (kind === "listed") return { id: "listing-differs", ...OWN_RULES["listing-differs"] };
  const entry = Object.entries(findingCatalog).find(([id]) => id === code);
  if (entry === undefined) return { id: "lint-finding", ...OWN_RULES["lint-finding"] };
  const [id, { next }] = entry;
  // "lint-other-port" is a title but for its dashes and its first word.
  const title = id.split("-").slice(1).join(" ");
  return { id, title: `DNS: ${title}`, help: next };
}

function ruleObject({ id, title, help }: Rule) {
  return { id, shortDescription: { text: title }, fullDescription: { text: help }, help: { text: help } };
}

function withFingerprints(found: readonly Found[], uri: string, ids: readonly string[]) {
  const seen = new Map<string, number>();
  return found.map(({ rule, result, about, text }) => {
    // What stays from run to run: neither the sentence with its times, nor the line, which moves.
    const print = fnv1a(JSON.stringify([rule.id, result.id, result.source, about]));
    const count = (seen.get(print) ?? 0) + 1;
    seen.set(print, count);
    const { line, column } = result.at;
    return {
      ruleId: rule.id,
      ruleIndex: ids.indexOf(rule.id),
      level: result.level,
      message: message(text),
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri },
            region: { startLine: line, startColumn: column },
          },
          logicalLocations: [{ fullyQualifiedName: about, kind: "resource" }],
        },
      ],
      // The name that GitHub follows alerts by, in the form it has there: a hash, and which of those alike.
      partialFingerprints: { primaryLocationLineHash: `${print}:${count}` },
    };
  });
}

/** Braces are placeholders and are doubled (SARIF 3.11.5); brackets before a parenthesis are links (3.11.6). */
function message(text: string): { text: string } {
  const plain = text.replace(/[{}]/g, "$&$&").replaceAll("](", "]\\(");
  return { text: plain === "" ? "-" : plain };
}

/** FNV-1a, 64 bits: to tell apart, not to protect. */
function fnv1a(text: string): string {
  const hash = new TextEncoder()
    .encode(text)
    .reduce((sum, byte) => BigInt.asUintN(64, (sum ^ BigInt(byte)) * 0x100000001b3n), 0xcbf29ce484222325n);
  return hash.toString(16).padStart(16, "0");
}
