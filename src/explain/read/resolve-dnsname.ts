/** Resolve-DnsName: what a DNS server said of `_vlmcs._tcp`, as a table, a list or an error. */
import type { Line } from "../clean.ts";
import type { Found, Recogniser } from "../found.ts";
import type { Facts, PastedSrv } from "../model.ts";
import * as value from "../values.ts";
import { refusal } from "./dns-refusals.ts";
import { concludeDns } from "./dns-says.ts";

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
      ...concludeDns(facts, []),
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
    return { kind: "resolve-dnsname", side: "client", language, ...concludeDns(facts, []), from: at, to };
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
    ...concludeDns({ errorCodes: [] }, srv),
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
