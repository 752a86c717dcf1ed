/** nslookup, host and dig: what a DNS server said of `_vlmcs._tcp`. */
import type { Line } from "../clean.ts";
import { valueAt, WRAPPED_FROM } from "../fields.ts";
import type { Recogniser } from "../found.ts";
import type { Facts, PastedSrv } from "../model.ts";
import * as value from "../values.ts";
import { refusal } from "./dns-refusals.ts";
import { concludeDns } from "./dns-says.ts";

const OWNER = /^(_vlmcs\._tcp(?:\.[a-z0-9_.-]{1,240})?)\s+\S/i;
const HEAD = /^(?:Server|Serveur|Servidor|Сервер|服务器|伺服器|サーバー|서버) ?: {0,20}(\S{1,253})$/i;
const NUMBER = /=\s{0,20}(\d{1,5})(?!\d)/g;
const TARGET = /(?:svr hostname|hostname|nom\S*|nombre\S*|Host\S*)\s{0,20}= {0,20}(\S{1,253})$/i;
/** A time that ran out, before the name of the server; nothing of the question stands there. */
const TIMED_OUT = /^DNS request timed out\.?$/i;
const QUESTION = /(_vlmcs\._tcp(?:\.[a-z0-9_-]{1,63}){0,12})(?![a-z0-9_.-])/i;

export const nslookup: Recogniser = (lines, at) => {
  const line = lines[at];
  if (line === undefined) return null;
  const head = HEAD.exec(line.text);
  const own = owner(line) !== null || (/_vlmcs\._tcp/i.test(line.text) && refusal(line.text) !== null);
  const timedOut = TIMED_OUT.test(line.text);
  if (!own && !timedOut && (head === null || !within(lines, at))) return null;
  const facts: Facts = { errorCodes: [] };
  const srv: PastedSrv[] = [];
  let to = at + 1;
  for (let index = at, blanks = 0; index < lines.length && index < at + 200; index++) {
    const each = lines[index];
    if (each === undefined) break;
    if (each.text === "") {
      blanks += 1;
      if (blanks > 2) break;
      continue;
    }
    const server = HEAD.exec(each.text);
    if (
      index > at &&
      server !== null &&
      (srv.length > 0 || facts.dnsServer !== undefined || (facts.rcode ?? "TIMEOUT") !== "TIMEOUT")
    )
      break;
    // An answer to another question: what timed out before it was no more than slow.
    if (timedOut && srv.length === 0 && /^(?:Name|Nom|Nombre) ?: /i.test(each.text)) return null;
    const read = record(lines, index);
    if (server !== null && server[1] !== undefined) {
      if (!each.cut) facts.dnsServer ??= server[1];
    } else if (read !== null) {
      delete facts.rcode;
      srv.push(read.srv);
      index += read.lines - 1;
    } else if (refusal(each.text) !== null) {
      facts.rcode = refusal(each.text) ?? facts.rcode;
      const asked = questionIn(lines, index);
      if (asked !== null) facts.question = asked;
    } else if (
      !/^(?:Address|Addresses|Aliases|Adresse|Name) ?:|internet address|nameserver|^>|^\*\*|^Non-auth|^Nicht auto|^timeout was|^\w+ ?:? {0,20}[\da-f.:]+$/i.test(
        each.text,
      )
    )
      break;
    blanks = 0;
    to = index + 1;
  }
  if (srv.length === 0 && facts.rcode === undefined) return null;
  const language = languageIn(lines.slice(at, to));
  return { kind: "nslookup", side: "either", language, ...concludeDns(facts, srv), from: at, to };
};

const LANGUAGES: readonly (readonly [RegExp, string])[] = [
  [/^Serveur ?:|ne parvient pas|Domaine inexistant/i, "fr"],
  [/^Servidor ?:.*|no puede encontrar/i, "es"],
  [/^Сервер ?:/i, "ru"],
  [/^服务器 ?:/, "zh-CN"],
  [/^伺服器 ?:/, "zh-TW"],
  [/^서버 ?:/, "ko"],
  [/^サーバー ?:/, "ja"],
  [/wurde (?:von )?\S+ nicht gefunden|wurde von|Nicht autorisierende/i, "de"],
];

/** The records themselves are in English everywhere. */
function languageIn(lines: readonly Line[]): string {
  for (const { text } of lines) {
    const found = LANGUAGES.find(([words]) => words.test(text.slice(0, 300)));
    if (found !== undefined) return found[1];
  }
  return "en";
}

/** The name that was asked for, unless a line's end may have torn it. */
function questionIn(lines: readonly Line[], at: number): string | null {
  const line = lines[at];
  const [, asked = "."] = QUESTION.exec(line?.text ?? "") ?? [];
  if (line === undefined || asked.endsWith(".")) return null;
  const torn = line.width >= WRAPPED_FROM && (lines[at + 1]?.text ?? "") !== "";
  return line.text.endsWith(asked) && (line.cut || torn) ? null : asked;
}

function owner(line: Line): string | null {
  return OWNER.exec(line.text)?.[1] ?? null;
}

/** A server's name and address stand before its answer: near, and only there. */
function within(lines: readonly Line[], at: number): boolean {
  return lines
    .slice(at, at + 8)
    .some((line) => owner(line) !== null || (/_vlmcs/i.test(line.text) && refusal(line.text) !== null));
}

/** As nslookup, host and dig of other systems have it. */
const ONE_LINE =
  /^(_vlmcs\._tcp\S{0,240})\s{1,40}(?:(?:\d{1,10}\s{1,20})?IN\s{1,20}SRV|service =|has SRV record)\s{1,20}(\d{1,5})\s{1,20}(\d{1,5})\s{1,20}(\d{1,5})\s{1,20}(\S{1,253})$/i;

function rowOf([, name = "", priority, weight, port, given = ""]: RegExpExecArray): {
  srv: PastedSrv;
  lines: number;
} | null {
  const target = value.hostName(given);
  const numbers = [Number(priority), Number(weight), Number(port)] as const;
  if (target === null || Math.max(...numbers) > 65_535) return null;
  return {
    srv: {
      name: name.replace(/\.$/, ""),
      priority: numbers[0],
      weight: numbers[1],
      port: numbers[2],
      target,
    },
    lines: 1,
  };
}

/** Three numbers and a name, in that order, over the lines that follow the record's own name. */
function record(lines: readonly Line[], at: number): { srv: PastedSrv; lines: number } | null {
  const line = lines[at];
  const name = line === undefined ? null : owner(line);
  if (line === undefined || name === null) return null;
  const row = line.cut ? null : ONE_LINE.exec(line.text);
  if (row !== null) return rowOf(row);
  const numbers: number[] = [];
  for (let index = at + 1; index < Math.min(lines.length, at + 7); index++) {
    const text = lines[index]?.text ?? "";
    if (owner({ ...(line ?? { number: 0, indent: 0, width: 0, cut: false }), text }) !== null) return null;
    numbers.push(...Array.from(text.matchAll(NUMBER), ([, digits]) => Number(digits)));
    const [, start] = TARGET.exec(text) ?? [];
    if (start === undefined) continue;
    const target = valueAt(lines, index, start, value.hostName);
    const [priority, weight, port] = numbers;
    if (
      target === null ||
      priority === undefined ||
      weight === undefined ||
      port === undefined ||
      numbers.length !== 3
    )
      return null;
    if (Math.max(priority, weight, port) > 65_535) return null;
    return { srv: { name, priority, weight, port, target }, lines: index - at + 1 };
  }
  return null;
}
