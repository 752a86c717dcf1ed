/** nslookup and Resolve-DnsName: what a DNS server said of `_vlmcs._tcp`. */
import { claim } from "../claims.ts";
import type { Line } from "../clean.ts";
import { valueAt } from "../fields.ts";
import { step } from "../found.ts";
import type { Claim, Found, Recogniser } from "../found.ts";
import type { Facts, PastedSrv } from "../model.ts";
import * as value from "../values.ts";

const OWNER = /^(_vlmcs\._tcp(?:\.[a-z0-9_.-]{1,240})?)\s+\S/i;
const HEAD = /^(?:Server|Serveur|Servidor|Сервер|服务器|サーバー) ?: {0,20}(\S{1,253})$/i;
const NUMBER = /=\s{0,20}(\d{1,5})(?!\d)/g;
const TARGET = /(?:svr hostname|hostname|nom\S*|nombre\S*|Host\S*)\s{0,20}= {0,20}(\S{1,253})$/i;
const REFUSALS: readonly (readonly [RegExp, NonNullable<Facts["rcode"]>])[] = [
  [/Non-existent domain|Domaine inexistant|DNS name does not exist|DNS_ERROR_RCODE_NAME_ERROR/i, "NXDOMAIN"],
  [/No .{0,60}records? available/i, "NODATA"],
  [/Server failed|DNS server failure/i, "SERVFAIL"],
  [/Query refused|operation refused/i, "REFUSED"],
  [/DNS request timed out|No response from server|timeout period expired|timed out/i, "TIMEOUT"],
];
const QUESTION = /(_vlmcs\._tcp(?:\.[a-z0-9_-]{1,63}){0,12})(?![a-z0-9_.-])/i;

export const nslookup: Recogniser = (lines, at) => {
  const line = lines[at];
  if (line === undefined) return null;
  const head = HEAD.exec(line.text);
  const own = owner(line) !== null || (/_vlmcs\._tcp/i.test(line.text) && refusal(line.text) !== null);
  if (!own && (head === null || !within(lines, at))) return null;
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
    if (index > at && server !== null && (srv.length > 0 || facts.rcode !== undefined)) break;
    const read = record(lines, index);
    if (server !== null && server[1] !== undefined) facts.dnsServer ??= server[1];
    else if (read !== null) {
      srv.push(read.srv);
      index += read.lines - 1;
    } else if (refusal(each.text) !== null) {
      facts.rcode = refusal(each.text) ?? facts.rcode;
      const [, asked] = QUESTION.exec(each.text) ?? [];
      if (asked !== undefined && !asked.endsWith(".")) facts.question = asked;
    } else if (
      !/^(?:Address|Addresses|Aliases|Adresse|Name) ?:|internet address|nameserver|^>|^\*\*\*|^Non-auth|^Nicht auto|^\w+ ?:? {0,20}[\da-f.:]+$/i.test(
        each.text,
      )
    )
      break;
    blanks = 0;
    to = index + 1;
  }
  if (srv.length === 0 && facts.rcode === undefined) return null;
  return { kind: "nslookup", side: "either", language: "en", ...whole(facts, srv), from: at, to };
};

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

/** Three numbers and a name, in that order, over the lines that follow the record's own name. */
function record(lines: readonly Line[], at: number): { srv: PastedSrv; lines: number } | null {
  const line = lines[at];
  const name = line === undefined ? null : owner(line);
  if (name === null) return null;
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
const FAILED = /^Resolve-DnsName ?: ?(_vlmcs\._tcp\.[a-z0-9_.-]{1,240}) ?: ?(.{1,200})/i;

/** The table or the list of Resolve-DnsName, or its error. */
export const resolveDnsName: Recogniser = (lines, at) => {
  const line = lines[at];
  if (line === undefined) return null;
  const failed = FAILED.exec(line.text);
  if (failed !== null) {
    const facts: Facts = {
      errorCodes: [],
      question: failed[1] ?? "",
      rcode: refusal(failed[2] ?? "") ?? undefined,
    };
    if (facts.rcode === undefined) return null;
    return {
      kind: "resolve-dnsname",
      side: "client",
      language: "en",
      ...whole(facts, []),
      from: at,
      to: at + 1,
    };
  }
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
