/** Events of activation: viewer text, XML, wevtutil, lists and JSON of Get-WinEvent, or the bare row of fields. */
import type { Line } from "../clean.ts";
import { fieldOf } from "../fields.ts";
import { languageOf } from "../found.ts";
import type { Found, Recogniser } from "../found.ts";
import type { Facts } from "../model.ts";
import * as value from "../values.ts";
import { rowAt } from "./event-rows.ts";
import type { Row } from "./event-rows.ts";
import { conclude } from "./event-says.ts";

const SENTENCES: readonly (readonly [RegExp, number])[] = [
  [/^The client has sent an activation request/i, 12288],
  [/^The client has processed an activation response/i, 12289],
  [/^An activation request has been processed/i, 12290],
  [/^(?:The )?Key Management Service.{0,40}renewal timer.{0,40}failed/i, 12292],
  [
    /^(?:The )?Key Management Service.{0,40}(?:failed to initialize|initialization failed|failed to start)/i,
    12291,
  ],
  [/^Publishing the Key Man\w{0,8}ment Service.{0,200}failed/i, 12293],
  [/^Publishing the Key Man\w{0,8}ment Service.{0,200}success/i, 12294],
  [/^License Activation \(slui\.exe\) failed/i, 8198],
  [/^The rules engine reported a failed VL activation attempt/i, 8233],
  [/^Active Directory Activation has succeeded/i, 12308],
];
const IDS = new Set([12288, 12289, 12290, 12291, 12292, 12293, 12294, 12308, 8198, 8233]);
/** Triggers that are known: a torn word is none of them. */
const TRIGGERS = new Set(["TimerEvent", "NetworkAvailable", "UserLogon", "SessionConnect", "UserIdle"]);
const MOST_LINES = 40;

export const event: Recogniser = (lines, at) => {
  const begun = rowAt(lines, at);
  if (begun === null && !starts(lines, at)) return null;
  const block: Block = { id: null, codes: [], facts: {}, votes: new Map(), message: false, row: false };
  let to = at + 1;
  let headed = false;
  for (let index = at, blanks = 0; index < lines.length && index < at + MOST_LINES; index++) {
    const line = lines[index];
    if (line === undefined) break;
    if (line.text === "") {
      blanks += 1;
      if (blanks > (hasRow(block.id) ? MOST_BLANKS : 2) && block.message) break;
      continue;
    }
    if (index > at && begins(lines, index, block)) break;
    const taken = take(lines, index, block, index === at ? begun : rowAt(lines, index));
    if (taken > 0) {
      headed = true;
      blanks = 0;
      index += taken - 1;
      to = index + 1;
      if (block.row) break;
      if (/<\/Event>/i.test(line.text)) break;
    } else if (block.message && block.codes.length > 0 && blanks > 0) break;
  }
  if (!headed || block.id === null) return null;
  const facts: Facts = {
    ...block.facts,
    eventIds: [block.id],
    errorCodes: [...new Set(block.codes)].filter((code) => code !== "0x00000000"),
  };
  return {
    kind: "event",
    side: sideOf(block.id),
    language: languageOf(block.votes),
    facts,
    ...conclude(block.id, facts, block.codes),
    from: at,
    to,
  };
};

type Block = {
  id: number | null;
  codes: string[];
  facts: Facts;
  votes: Map<string, number>;
  message: boolean;
  /** the row of fields was read, behind which nothing of the event stands */
  row: boolean;
};

/** Web pages put blank lines between the sentence and the row that it is about. */
const MOST_BLANKS = 8;

function hasRow(id: number | null): boolean {
  return id === 12288 || id === 12289 || id === 12290;
}

function sideOf(id: number): Found["side"] {
  return [12290, 12291, 12292, 12293, 12294].includes(id) ? "host" : "client";
}

function starts(lines: readonly Line[], at: number): boolean {
  const line = lines[at];
  if (line === undefined || line.text === "") return false;
  if (sentenceOf(line.text) !== null || tableRow(line.text) !== null) return true;
  if (/^<Event[ >]/i.test(line.text)) return near(lines, at);
  const field = fieldOf(line);
  return (
    (field?.labels.some(({ family, field: name }) => family === "event" && name !== "eventOther") ?? false) &&
    near(lines, at)
  );
}

/** A header is that of one of these events where its number, or its sentence, follows. */
function near(lines: readonly Line[], at: number): boolean {
  for (let index = at; index < Math.min(lines.length, at + 16); index++) {
    const text = lines[index]?.text ?? "";
    if (index > at && /^<Event[ >]|^Event\[\d+\]|^Log ?Name/i.test(text)) return false;
    if (idOf(lines[index]) !== null || sentenceOf(text) !== null) return true;
    // The message of another program's event.
    if (/^(?:Message|Description) {0,20}: ?\S/i.test(text)) return false;
  }
  return false;
}

/** Whether the next event, or something else, begins here. */
function begins(lines: readonly Line[], at: number, { id, message }: Block): boolean {
  const line = lines[at];
  if (line === undefined) return true;
  const listed = tableRow(line.text);
  if (listed !== null && (message || id !== null)) return true;
  const next = idOf(line) ?? sentenceOf(line.text);
  if (id !== null && next !== null && next !== id) return true;
  if (/^<Event[ >]|^Event\[\d+\]|^Log Name\b|^LogName\b/i.test(line.text)) return true;
  if (!message || DETAIL.test(line.text)) return false;
  return (
    fieldOf(line)?.labels.some(
      ({ family, field }) =>
        family !== "error" && (family !== "event" || field === "eventTime" || field === "eventId"),
    ) ?? false
  );
}

function idOf(line: Line | undefined): number | null {
  if (line === undefined) return null;
  const [, xml] = /<EventID[^<>]{0,60}>(\d{4,5})<\/EventID>/i.exec(line.text) ?? [];
  const field = xml === undefined ? fieldOf(line) : null;
  const labelled = field?.labels.some(({ field: name }) => name === "eventId") === true ? field.value : "";
  const id = Number(xml ?? /^\d{4,5}$/.exec(labelled)?.[0]);
  return IDS.has(id) ? id : null;
}

function sentenceOf(text: string): number | null {
  const bare = text.replace(/^(?:Message|Description|<Message>) ?:? ?/i, "");
  if (!/^[TKALP]/i.test(bare)) return null;
  return SENTENCES.find(([sentence]) => sentence.test(bare))?.[1] ?? null;
}

/** `AppId = …`, also where a label of another tool is written so. */
const DETAIL = /^(?:App ?Id|Sku ?Id|AO name|AO DN|Trigger) ?=/i;

/** A row of Format-Table, of Get-EventLog or of the viewer's CSV: number and sentence behind other columns. */
const TABLE = new RegExp(
  `^([^]{0,140}?)(?<![0-9A-Za-z-])(${[...IDS].join("|")})[ |,;"]{1,30}(?:[^ |,;"]{1,30}[ |,;"]{1,30}){0,2}?(?=[TKALP])([^]{10,400})`,
);

function tableRow(text: string): { id: number; before: string; sentence: string } | null {
  if (!WITHIN.test(text.slice(0, 160))) return null;
  const [, before, id, sentence] = TABLE.exec(text.slice(0, 600)) ?? [];
  if (before === undefined || id === undefined || sentence === undefined) return null;
  return sentenceOf(sentence) === Number(id) ? { id: Number(id), before, sentence } : null;
}

const WITHIN = new RegExp(`(?<![0-9A-Za-z-])(?:${[...IDS].join("|")})[ |,;"]`);

/** @returns how many lines were taken: 0 where the line says nothing */
function take(lines: readonly Line[], at: number, block: Block, row: Row | null): number {
  const line = lines[at];
  if (line === undefined) return 0;
  const { text } = line;
  if (row !== null) {
    block.id ??= row.id;
    block.message = true;
    block.row = true;
    block.codes.push(...row.codes);
    Object.assign(block.facts, row.facts);
    return row.lines;
  }
  const id = idOf(line);
  if (id !== null) {
    block.id ??= id;
    for (const { language, family } of fieldOf(line)?.labels ?? [])
      if (family === "event") block.votes.set(language, (block.votes.get(language) ?? 0) + 1);
    return 1;
  }
  const listed = tableRow(text);
  const sentence = listed?.id ?? sentenceOf(text);
  if (sentence !== null) {
    block.id ??= sentence;
    block.message = true;
    const [stamp] = STAMP.exec(listed?.before ?? "") ?? [];
    if (stamp !== undefined) block.facts.eventTime = stamp;
    block.votes.set("en", (block.votes.get("en") ?? 0) + 1);
    const [, zone] = /in the '([^']{1,253})' domain/.exec(text) ?? [];
    if (zone !== undefined) block.facts.zone = zone;
    block.codes.push(...value.codesIn(text));
    return 1;
  }
  const field = fieldOf(line);
  if (field?.labels.some(({ family }) => family === "event") === true) {
    for (const { language, field: name } of field.labels) {
      block.votes.set(language, (block.votes.get(language) ?? 0) + 1);
      if (name === "eventTime" && TIME.test(field.value) && !line.cut) block.facts.eventTime = field.value;
    }
    return 1;
  }
  const [, stamp] = /<TimeCreated SystemTime=["']([^"']{10,40})["']/i.exec(text) ?? [];
  if (stamp !== undefined) block.facts.eventTime = stamp;
  return takeDetails(lines, at, block) || (stamp === undefined ? 0 : 1);
}

const TIME =
  /^\d{1,4}[./-]\d{1,2}[./-]\d{1,4}[ T,]{1,2}\d{1,2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z| [AP]M)?$/i;

/** The same within a row. */
const STAMP = /(?<!\d)\d{1,4}[./-]\d{1,2}[./-]\d{1,4}[ T]\d{1,2}:\d{2}:\d{2}(?: [AP]M)?(?![\d:.])/i;
/** Events whose only field is a code, on a line of its own. */
const BARE = new Set([12291, 12292, 12293]);

/** `hr=0x…`, `Reason:0x…`, and arguments such as `AppId=…;SkuId=…;Trigger=…`. */
function takeDetails(lines: readonly Line[], at: number, block: Block): number {
  const { text } = lines[at] ?? { text: "" };
  const [, code] = /^(?:<Data>)?(?:hr ?= ?|Reason ?: ?)(0x[0-9a-f]{8})(?![0-9a-f])/i.exec(text) ?? [];
  if (code !== undefined) {
    block.message = true;
    block.codes.push(`0x${code.slice(2).toUpperCase()}`);
    return 1;
  }
  const [, bare] = /^(?:Info ?: ?)?(0x[0-9a-f]{8})$/i.exec(text) ?? [];
  if (bare !== undefined && block.id !== null && BARE.has(block.id) && !lines[at]?.cut) {
    block.codes.push(`0x${bare.slice(2).toUpperCase()}`);
    return 1;
  }
  const [, zone] = /^<Data>([a-z0-9_.-]{1,253})<\/Data>$/i.exec(text) ?? [];
  if (zone?.includes(".") === true && (block.id === 12293 || block.id === 12294)) {
    block.facts.zone = zone;
    return 1;
  }
  if (!/(?:RuleId|App ?Id|Sku ?Id|Trigger|Action|AO name|AO DN) ?=/i.test(text)) {
    const data = /^<Data(?: Name=["'][^"']{0,40}["'])?>(0x[0-9a-f]{8})<\/Data>$/i.exec(text)?.[1];
    if (data !== undefined) block.codes.push(`0x${data.slice(2).toUpperCase()}`);
    return data === undefined ? 0 : 1;
  }
  block.message = true;
  let joined = text;
  let used = 1;
  // The row of arguments has no blanks: what a wrap tore is put together without one.
  for (let more = 1; more <= 6; more++) {
    const next = lines[at + more];
    if (next === undefined || next.text === "" || fieldOf(next) !== null || next.text.includes(" ")) break;
    // A name begins the next argument.
    if (/^[A-Za-z]{1,30}=/.test(next.text)) break;
    joined += next.text;
    used += 1;
  }
  const guidOf = (name: RegExp): string | null => value.guid(name.exec(joined)?.[1] ?? "");
  const app = guidOf(/\bApp ?Id ?= ?([0-9a-f-]{36})(?![0-9a-f-])/i);
  const sku = guidOf(/\bSku ?Id ?= ?([0-9a-f-]{36})(?![0-9a-f-])/i);
  const trigger = /\bTrigger ?= ?([A-Za-z]{1,30})/.exec(joined)?.[1];
  if (app !== null) {
    block.facts.applicationId = app;
    block.facts.product = app.startsWith("55c92734")
      ? "Windows"
      : app.startsWith("0ff1ce1")
        ? "Office"
        : block.facts.product;
    if (block.facts.product === undefined) delete block.facts.product;
  }
  if (sku !== null) block.facts.activationId = sku;
  const [, object] = /^AO name ?= ?(.{1,120})$/i.exec(text) ?? [];
  if (object !== undefined && lines[at]?.cut !== true && (lines[at]?.width ?? 0) < 56)
    block.facts.activationObject = object;
  if (trigger !== undefined && TRIGGERS.has(trigger)) block.facts.trigger = trigger;
  return used;
}
