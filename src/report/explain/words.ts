/** Words that the text and the Markdown of an explanation share. */
import type { ExplainedCode, Explanation, Facts, Piece } from "../../explain/model.ts";
import { plural } from "../../verdict/figures.ts";
import { printable } from "../escape.ts";

const KINDS: Readonly<Record<Piece["kind"], string>> = {
  "slmgr-dlv": "slmgr.vbs /dlv",
  "slmgr-dli": "slmgr.vbs /dli",
  "slmgr-xpr": "slmgr.vbs /xpr",
  "slmgr-ato": "slmgr.vbs /ato",
  "ospp-dstatus": "ospp.vbs /dstatus",
  "ospp-act": "ospp.vbs /act",
  "ospp-dhistorykms": "ospp.vbs /dhistorykms",
  event: "event",
  dialog: "message",
  cim: "Windows Management",
  registry: "registry",
  nslookup: "nslookup",
  "resolve-dnsname": "Resolve-DnsName",
  "test-netconnection": "Test-NetConnection",
  telnet: "telnet",
  psping: "psping",
  netstat: "netstat",
  ipconfig: "ipconfig /all",
  w32tm: "w32tm",
  "sc-query": "sc query",
};

const SIDES: Readonly<Record<Piece["side"], string>> = {
  client: "of a client",
  host: "of a KMS host",
  either: "of either side",
};

/** `slmgr.vbs /dlv of a KMS host, lines 3–20 of ticket.txt`. */
export function titleOf({ kind, side, language, lines, input, facts }: Piece): string {
  const id = facts.eventIds?.[0];
  const name = id === undefined ? KINDS[kind] : `event ${id}`;
  const where = lines.from === lines.to ? `line ${lines.from}` : `lines ${lines.from}–${lines.to}`;
  const spoken = language === null || language === "en" ? "" : `, in ${language}`;
  return `${name} ${SIDES[side]}${spoken}, ${where} of ${inputName(input)}`;
}

/** What an input is called in sentences. */
export function inputName(name: string): string {
  return name === "-" ? "standard input" : printable(name);
}

/** Names of facts that aren't their words, and words that are written otherwise. */
const SPELLED: Readonly<Record<string, string>> = {
  cmid: "client machine ID",
  nPolicy: "count needed",
  dns: "DNS",
  id: "ID",
  ids: "IDs",
  ip: "IP",
  kms: "KMS",
  srv: "SRV",
  tcp: "TCP",
};

/** Of a list; JSON has all of it. */
const MOST_LISTED = 20;

/** Facts in the order in which they are told; printable. */
export function factLines(facts: Facts): { name: string; text: string }[] {
  return Object.entries(facts).flatMap(([name, held]) => {
    if (held === null || (Array.isArray(held) && held.length === 0)) return [];
    return [{ name: nameWords(name), text: factText(held) }];
  });
}

/** `kmsHost` is `KMS host`. */
function nameWords(name: string): string {
  const known = SPELLED[name];
  if (known !== undefined) return known;
  const words = name.split(/(?=[A-Z])/).map((word) => word.toLowerCase());
  return words.map((word) => SPELLED[word] ?? word).join(" ");
}

function factText(held: unknown): string {
  if (Array.isArray(held)) {
    const more = held.length - MOST_LISTED;
    return [...held.slice(0, MOST_LISTED).map(factText), ...(more > 0 ? [`and ${more} more`] : [])].join(
      ", ",
    );
  }
  if (typeof held === "object" && held !== null)
    return Object.entries(held)
      .filter(([, each]) => each !== null)
      .map(([name, each]) => `${nameWords(name)} ${factText(each)}`)
      .join(" ");
  if (typeof held === "boolean") return held ? "yes" : "no";
  return held === "" ? "(empty)" : printable(String(held));
}

/** What a code says of the causes, in a line. */
export function codeCauses({ known, proves, fits, success }: ExplainedCode): string | null {
  if (!known) return null;
  if (proves !== null) return `Confirms: ${proves}`;
  if (fits.length > 0) return `Confirms no cause by itself; possible: ${fits.join(", ")}`;
  return success ? "A success, or information" : "Names no cause of trouble with KMS";
}

export function causeWords(cause: Piece["cause"]): string {
  return cause === "none" ? "nothing is wrong here" : cause === "unknown" ? "it does not say why" : cause;
}

/** What was not read, by input. */
export function leftLines({ inputs }: Pick<Explanation, "inputs">): string[] {
  return inputs.flatMap(({ name, left }) =>
    left === 0 ? [] : [`${plural(left, "line")} of ${inputName(name)} not read: more than any paste has`],
  );
}
