/** nslookup and Resolve-DnsName: what a DNS server said of `_vlmcs._tcp`. */
import { claim } from "../claims.ts";
import type { Line } from "../clean.ts";
import { valueAt, WRAPPED_FROM } from "../fields.ts";
import { step } from "../found.ts";
import type { Claim, Found, Recogniser } from "../found.ts";
import type { Facts, PastedSrv } from "../model.ts";
import * as value from "../values.ts";

const OWNER = /^(_vlmcs\._tcp(?:\.[a-z0-9_.-]{1,240})?)\s+\S/i;
const HEAD = /^(?:Server|Serveur|Servidor|Сервер|服务器|伺服器|サーバー|서버) ?: {0,20}(\S{1,253})$/i;
const NUMBER = /=\s{0,20}(\d{1,5})(?!\d)/g;
const TARGET = /(?:svr hostname|hostname|nom\S*|nombre\S*|Host\S*)\s{0,20}= {0,20}(\S{1,253})$/i;
const REFUSALS: readonly (readonly [RegExp, NonNullable<Facts["rcode"]>])[] = [
  [
    /Non-existent domain|Domaine inexistant|Dominio inexistente|DNS name does not exist|DNS_ERROR_RCODE_NAME_ERROR|\bNXDOMAIN\b/i,
    "NXDOMAIN",
  ],
  // Resolve-DnsName in other languages
  [
    /DNS-Name ist nicht vorhanden|nom DNS n['’]existe pas|nombre DNS no existe|nome DNS non esiste|nome DNS não existe|DNS-имя не существует|DNS 名称不存在|DNS 名が存在しません|DNS 이름이 없습니다/i,
    "NXDOMAIN",
  ],
  [/No .{0,60}records? available|DNS_INFO_NO_RECORDS/i, "NODATA"],
  [/Server failed|DNS server failure|DNS_ERROR_RCODE_SERVER_FAILURE|\bSERVFAIL\b/i, "SERVFAIL"],
  [/Query refused|operation refused|DNS_ERROR_RCODE_REFUSED|: REFUSED\b/i, "REFUSED"],
  [
    /DNS request timed out|No response from server|no servers could be reached|timeout period expired|timed[- ]out|ERROR_TIMEOUT/i,
    "TIMEOUT",
  ],
];
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
  return { kind: "nslookup", side: "either", language, ...whole(facts, srv), from: at, to };
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

function refusal(text: string): NonNullable<Facts["rcode"]> | null {
  if (text.length > 400) return null;
  return REFUSALS.find(([words]) => words.test(text))?.[1] ?? null;
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

const ROW =
  /^(_vlmcs\._tcp\.\S{1,240})\s{1,80}SRV\s{1,20}(\d{1,9})\s{1,20}\S{1,20}\s{1,20}(\S{1,253})\s{1,80}(\d{1,5})\s{1,20}(\d{1,5})\s{1,20}(\d{1,5})$/i;
const FAILED = /^Resolve-DnsName ?: ?(_vlmcs\._tcp(?:\.[a-z0-9_.-]{1,240})?) ?: ?(.{1,200})/i;
/** The question, in the command. */
const ASKED = /Resolve-DnsName\b.{0,120}?\s["']?(_vlmcs\._tcp(?:\.[a-z0-9_-]{1,63}){1,12})(?![a-z0-9_.-])/i;

const ERROR_ID = /FullyQualifiedErrorId/;
const ENGLISH = /\b(?:does not exist|server failure|refused|expired)\b/i;

/** The zone's SOA and no record: the name is there, and has none of this type. */
function withoutRecords(lines: readonly Line[], at: number, question: string): Found | null {
  for (let index = at + 1; index < Math.min(lines.length, at + 7); index++) {
    const text = lines[index]?.text ?? "";
    if (ROW.test(text)) return null;
    if (!/\sSOA\s{1,20}\d{1,9}\s{1,20}Authority\b/.test(text)) continue;
    const facts: Facts = { errorCodes: [], question, rcode: "NODATA" };
    return {
      kind: "resolve-dnsname",
      side: "client",
      language: "en",
      ...whole(facts, []),
      from: at,
      to: index + 1,
    };
  }
  return null;
}

/** The table or the list of Resolve-DnsName, or its error. */
export const resolveDnsName: Recogniser = (lines, at) => {
  const line = lines[at];
  if (line === undefined) return null;
  const failed = FAILED.exec(line.text);
  if (failed !== null) {
    const below = lines.slice(at + 1, at + 9).findIndex(({ text }) => ERROR_ID.test(text));
    const said = refusal(failed[2] ?? "") ?? refusal(lines[at + 1 + below]?.text ?? "");
    if (said === null) return null;
    const facts: Facts = { errorCodes: [], question: failed[1] ?? "", rcode: said };
    const language = ENGLISH.test(failed[2] ?? "") ? "en" : null;
    const to = below === -1 ? at + 1 : at + 2 + below;
    return { kind: "resolve-dnsname", side: "client", language, ...whole(facts, []), from: at, to };
  }
  const [, asked] = ASKED.exec(line.text.slice(0, 600)) ?? [];
  if (asked !== undefined) return withoutRecords(lines, at, asked);
  const srv: PastedSrv[] = [];
  let to = at;
  for (let index = at; index < lines.length && index < at + 400; index++) {
    const text = lines[index]?.text ?? "";
    const row = ROW.exec(text);
    const list = row === null ? listed(lines, index) : null;
    if (row !== null) {
      const [, name = "", , target = "", ...numbers] = row;
      const [priority = 0, weight = 0, port = 0] = numbers.map(Number);
      if (lines[index]?.cut !== true && Math.max(priority, weight, port) <= 65_535)
        srv.push({ name, priority, weight, port, target });
    } else if (list !== null) {
      srv.push(list.srv);
      index += list.lines - 1;
    } else if (
      srv.length === 0 ||
      (text !== "" && !/\s(?:A|AAAA|NS)\s|^(?:Name|IP4Address|QueryType|TTL|Section)\b/.test(text))
    )
      break;
    to = index + 1;
  }
  if (srv.length === 0) return null;
  return {
    kind: "resolve-dnsname",
    side: "client",
    language: "en",
    ...whole({ errorCodes: [] }, srv),
    from: at,
    to,
  };
};

/** `Name : _vlmcs…` and the properties below it. */
function listed(lines: readonly Line[], at: number): { srv: PastedSrv; lines: number } | null {
  const [, name] = /^Name\s{0,20}: (_vlmcs\._tcp\.\S{1,240})$/i.exec(lines[at]?.text ?? "") ?? [];
  if (name === undefined) return null;
  const found = new Map<string, string>();
  let index = at + 1;
  for (; index < Math.min(lines.length, at + 14); index++) {
    const [, key, held] = /^(\w{2,20})\s{0,20}: (\S{1,253})$/.exec(lines[index]?.text ?? "") ?? [];
    if (key === undefined || held === undefined || key === "Name") break;
    if (lines[index]?.cut !== true) found.set(key, held);
  }
  const [priority, weight, port] = ["Priority", "Weight", "Port"].map((key) =>
    value.count(found.get(key) ?? ""),
  );
  const target = value.hostName(found.get("NameTarget") ?? "");
  if (target === null || priority === null || weight === null || port === null) return null;
  if (priority === undefined || weight === undefined || port === undefined) return null;
  if (Math.max(priority, weight, port) > 65_535) return null;
  return { srv: { name, priority, weight, port, target }, lines: index - at };
}

function whole(
  facts: Facts,
  srv: readonly PastedSrv[],
): Omit<Found, "kind" | "side" | "language" | "from" | "to"> {
  const [first] = srv;
  if (first !== undefined) {
    const zones = srv.map(({ name }) => name.replace(/^_vlmcs\._tcp\.?/i, "")).filter((zone) => zone !== "");
    const all: Facts = {
      ...facts,
      srv: [...srv],
      kmsHost: first.target,
      // A record of port 0 offers nothing.
      ...(value.isPort(first.port) ? { kmsPort: first.port } : {}),
      hostFrom: "dns",
      suffixes: [...new Set(zones)],
    };
    const bare = zones.length === 0;
    return {
      facts: all,
      cause: bare ? null : "none",
      says: bare
        ? "A record is published under the bare name, without a suffix: clients never ask for that."
        : `${srv.length === 1 ? "A record is" : `${srv.length} records are`} published: ${srv
            .map(({ target, port }) => `${target}:${port}`)
            .slice(0, 4)
            .join(", ")}.`,
      doesNotTell:
        "Whether the client asks this server under this suffix, whether the target resolves, and whether anything listens there.",
      next: [
        step(
          "client",
          "Resolve the target, then try its port",
          `Test-NetConnection ${value.hostName(first.target) ?? "<kms host>"} -Port ${first.port}`,
        ),
      ],
      claims: bare
        ? [
            claim(
              "dns",
              "possible",
              "The record stands under the bare name _vlmcs._tcp, which clients never ask for",
              "srv",
            ),
          ]
        : [claim("dns", "ruled-out", `A DNS server lists ${first.target}`, "srv")],
    };
  }
  const evidence = `A DNS server answered ${facts.rcode ?? "nothing"} to ${facts.question ?? "_vlmcs._tcp"}`;
  const claims: Claim[] = [
    claim("dns", "possible", evidence, "rcode"),
    claim("client-configuration", "fits", evidence, "rcode"),
    claim("vpn", "fits", evidence, "rcode"),
  ];
  return {
    facts,
    cause: null,
    says: `${evidence}.`,
    doesNotTell: "Whether the client asks the same server, and under which suffix.",
    next: [
      step(
        "client",
        "Ask as the client does, for each suffix that ipconfig /all lists",
        "Resolve-DnsName -Type SRV _vlmcs._tcp.<suffix>",
      ),
    ],
    claims,
  };
}
