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
  netstat: "netstat",
  ipconfig: "ipconfig /all",
  w32tm: "w32tm /stripchart",
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

/** Facts in the order in which they are told, as `name value`; printable. */
export function factLines(facts: Facts): { name: string; text: string }[] {
  return Object.entries(facts).flatMap(([name, held]) => {
    if (held === null || (Array.isArray(held) && held.length === 0)) return [];
    return [{ name, text: printable(factText(held)) }];
  });
}

function factText(held: unknown): string {
  if (Array.isArray(held)) return held.map(factText).join(", ");
  if (typeof held === "object" && held !== null)
    return Object.entries(held)
      .filter(([, each]) => each !== null)
      .map(([name, each]) => `${name} ${factText(each)}`)
      .join(" ");
  return held === "" ? "(empty)" : String(held);
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
