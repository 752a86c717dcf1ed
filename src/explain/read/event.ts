/** Events of activation: viewer text, XML, wevtutil, lists and JSON of Get-WinEvent, or the bare row of fields. */
import { claim, codeClaims } from "../claims.ts";
import type { Line } from "../clean.ts";
import { fieldOf } from "../fields.ts";
import { languageOf, step } from "../found.ts";
import type { Claim, Found, Recogniser } from "../found.ts";
import type { Facts } from "../model.ts";
import { stateByNumber } from "../states.ts";
import * as value from "../values.ts";

const SENTENCES: readonly (readonly [RegExp, number])[] = [
  [/^The client has sent an activation request/i, 12288],
  [/^The client has processed an activation response/i, 12289],
  [/^An activation request has been processed/i, 12290],
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
  if (!starts(lines, at)) return null;
  const block: Block = { id: null, codes: [], facts: {}, votes: new Map(), message: false };
  let to = at + 1;
  let headed = false;
  for (let index = at, blanks = 0; index < lines.length && index < at + MOST_LINES; index++) {
    const line = lines[index];
    if (line === undefined) break;
    if (line.text === "") {
      blanks += 1;
      if (blanks > 2 && block.message) break;
      continue;
    }
    if (index > at && begins(lines, index, block)) break;
    const taken = take(lines, index, block);
    if (taken > 0) {
      headed = true;
      blanks = 0;
      index += taken - 1;
      to = index + 1;
      if (block.id === 12288 || block.id === 12289 || block.id === 12290)
        if (block.facts.cmid !== undefined || block.facts.currentCount !== undefined) break;
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
};

function sideOf(id: number): Found["side"] {
  return [12290, 12291, 12292, 12293, 12294].includes(id) ? "host" : "client";
}

function starts(lines: readonly Line[], at: number): boolean {
  const line = lines[at];
  if (line === undefined || line.text === "") return false;
  if (sentenceOf(line.text) !== null || rowAt(lines, at) !== null) return true;
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
    if (index > at && /^<Event[ >]|^Event\[\d+\]|^Log Name/i.test(text)) return false;
    if (idOf(lines[index]) !== null || sentenceOf(text) !== null) return true;
  }
  return false;
}

/** Whether the next event, or something else, begins here. */
function begins(lines: readonly Line[], at: number, { id, message }: Block): boolean {
  const line = lines[at];
  if (line === undefined) return true;
  const next = idOf(line) ?? sentenceOf(line.text);
  if (id !== null && next !== null && next !== id) return true;
  if (/^<Event[ >]|^Event\[\d+\]|^Log Name\b|^LogName\b/i.test(line.text)) return true;
  if (!message) return false;
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

/** @returns how many lines were taken: 0 where the line says nothing */
function take(lines: readonly Line[], at: number, block: Block): number {
  const line = lines[at];
  if (line === undefined) return 0;
  const { text } = line;
  const row = rowAt(lines, at);
  if (row !== null) {
    block.id ??= row.id;
    block.message = true;
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
  const sentence = sentenceOf(text);
  if (sentence !== null) {
    block.id ??= sentence;
    block.message = true;
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

/** `hr=0x…`, `Reason:0x…`, and arguments such as `AppId=…;SkuId=…;Trigger=…`. */
function takeDetails(lines: readonly Line[], at: number, block: Block): number {
  const { text } = lines[at] ?? { text: "" };
  const [, code] = /^(?:<Data>)?(?:hr ?= ?|Reason ?: ?)(0x[0-9a-f]{8})(?![0-9a-f])/i.exec(text) ?? [];
  if (code !== undefined) {
    block.message = true;
    block.codes.push(`0x${code.slice(2).toUpperCase()}`);
    return 1;
  }
  if (block.id === 12293 && block.message && !lines[at]?.cut && /^0x[0-9a-f]{8}$/i.test(text)) {
    block.codes.push(`0x${text.slice(2).toUpperCase()}`);
    return 1;
  }
  if (!/(?:RuleId|AppId|SkuId|Sku Id|Trigger|Action|AO name) ?=/i.test(text)) {
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
  const app = guidOf(/\bAppId ?= ?([0-9a-f-]{36})(?![0-9a-f-])/i);
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
  if (trigger !== undefined && TRIGGERS.has(trigger)) block.facts.trigger = trigger;
  return used;
}

type Row = { id: number; codes: string[]; facts: Facts; lines: number };

const HEX = "0x[0-9a-f]{1,8}";
const GUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
const WHEN = "\\d{1,4}/\\d{1,2}/\\d{1,4} \\d{1,2}:\\d{2}(?: [AP]M)?";
const ROW_12288 = new RegExp(
  `^(${HEX}), ?(${HEX}), ?([^\\s,]{0,260}), ?(${GUID}), ?(${WHEN}), ?(\\d{0,2}), ?(\\d), ?(\\d{1,9}), ?(${GUID})(?:, ?(\\d{0,5}))?$`,
  "i",
);
const ROW_12289 = new RegExp(
  `^(${HEX}), ?(${HEX}), ?([01]), ?(\\d{0,5}), ?(\\d{1,5}), ?(\\d{1,7}), ?(\\d{1,7}), ?(${WHEN})$`,
  "i",
);
const ROW_12290 = new RegExp(
  `^(${HEX}), ?(\\d{1,5}), ?([^\\s,]{1,253}), ?(${GUID}), ?(${WHEN}), ?([01]), ?(\\d), ?(\\d{1,9}), ?(${GUID})$`,
  "i",
);
const MOST_TORN = 4;

/** The row of fields that begins here, over as many lines as it was torn into. The longest reading is taken. */
function rowAt(lines: readonly Line[], at: number): Row | null {
  const first = lines[at];
  if (first === undefined) return null;
  const start = first.text.replace(/^(?:<Data>|Info ?:? ?|Message ?:? ?)/i, "").replace(/<\/Data>$/i, "");
  // A whole row has some hundred signs, and no wrap leaves less than its first fields.
  if (start.length < 40 || !/^0x[0-9a-f]{1,8},/i.test(start)) return null;
  let readings = [start];
  let best: Row | null = null;
  for (let more = 0; more <= MOST_TORN; more++) {
    const last = lines[at + more];
    const found = readings.map((text) => readRow(text, last?.cut === true)).find((row) => row !== null);
    if (found !== undefined) best = { ...found, lines: more + 1 };
    const next = lines[at + more + 1];
    if (
      next === undefined ||
      next.text === "" ||
      fieldOf(next) !== null ||
      readings.every((text) => text.length > 600)
    )
      break;
    readings = readings.flatMap((text) => [text + next.text, `${text} ${next.text}`]);
  }
  return best;
}

function readRow(text: string, cut: boolean): Omit<Row, "lines"> | null {
  const sent = ROW_12288.exec(text);
  if (sent !== null) {
    const [, code = "", flags = "", target = "", cmid = "", when = "", , state, left, sku = "", policy] =
      sent;
    const host = value.hostAndPort(target);
    const facts: Facts = {
      statusFlags: padded(flags),
      cmid: cmid.toLowerCase(),
      clientTime: when,
      minutesLeft: Number(left),
      activationId: sku.toLowerCase(),
      ...stateFact(state),
      ...policyFact(policy),
    };
    if (host !== null) Object.assign(facts, { kmsHost: host.host, kmsPort: host.port });
    return { id: 12288, codes: [padded(code)], facts };
  }
  const asked = ROW_12290.exec(text);
  if (asked !== null) {
    const [, code = "", policy, name = "", cmid = "", when = "", , state, left, sku = ""] = asked;
    return {
      id: 12290,
      codes: [padded(code)],
      facts: {
        ...policyFact(policy),
        clientName: name,
        cmid: cmid.toLowerCase(),
        clientTime: when,
        ...stateFact(state),
        minutesLeft: Number(left),
        activationId: sku.toLowerCase(),
      },
    };
  }
  const answered = ROW_12289.exec(text);
  if (answered === null || cut) return null;
  const [, code = "", flags = "", activated, , current, activation, renewal, when = ""] = answered;
  return {
    id: 12289,
    codes: [padded(code)],
    facts: {
      statusFlags: padded(flags),
      activated: activated === "1",
      currentCount: Number(current),
      activationIntervalMinutes: Number(activation),
      renewalIntervalMinutes: Number(renewal),
      clientTime: when,
    },
  };
}

function padded(hex: string): string {
  return value.hresult(hex) ?? "0x00000000";
}

function stateFact(digit: string | undefined): Facts {
  const state = stateByNumber(Number(digit));
  return state === null ? {} : { licenceStatus: state };
}

/** 5 or 25: anything else is not documented, and may be half of a number. */
function policyFact(digits: string | undefined): Facts {
  return digits === "5" || digits === "25" ? { nPolicy: Number(digits) } : {};
}

const LOOK_12288 = step(
  "client",
  "Read event 12288 of the same minute: its first field is the real code, its third the host that was tried",
  "Get-WinEvent -FilterHashtable @{LogName='Application'; ProviderName='Microsoft-Windows-Security-SPP'; Id=12288} -MaxEvents 5 | Format-List TimeCreated, Message",
);
const LOOK_12289 = step(
  "client",
  "Event 12289 of the same minute has the host's answer; where there is none, no answer came",
  "Get-WinEvent -FilterHashtable @{LogName='Application'; ProviderName='Microsoft-Windows-Security-SPP'; Id=12289} -MaxEvents 5 | Format-List TimeCreated, Message",
);
const LOOK_12290 = step(
  "kms-host",
  "Where there is no event 12290 for a client, its request never arrived",
  "Get-WinEvent -FilterHashtable @{LogName='Key Management Service'; Id=12290} -MaxEvents 5 | Format-List TimeCreated, Message",
);
const LOOK_CLOCK = step(
  "client",
  "Compare the client's clock with the host's",
  "w32tm /stripchart /computer:<kms host> /samples:3 /dataonly",
);
const LOOK_ZONE = step(
  "dns",
  "See who may write the record, and who owns it; then restart the service on the host and read event 12293 or 12294",
  "Get-DnsServerResourceRecord -ZoneName <zone> -Name _vlmcs._tcp -RRType Srv",
);

type Said = Pick<Found, "cause" | "says" | "doesNotTell" | "next" | "claims">;

function conclude(id: number, facts: Facts, all: readonly string[]): Said {
  const codes = facts.errorCodes ?? [];
  const claims: Claim[] = [...codeClaims(codes)];
  const clock = codes.includes("0xC004F06C");
  const worked = all.length > 0 && codes.length === 0;
  const said = (
    says: string,
    doesNotTell: string,
    next: Said["next"],
    cause: Said["cause"] = null,
  ): Said => ({
    says,
    doesNotTell,
    next,
    claims,
    cause:
      cause ?? (claims.some(({ state }) => state === "confirmed" || state === "possible") ? null : "unknown"),
  });
  switch (id) {
    case 12288:
      return said(
        clock
          ? "The host was reached and refused the time stamp."
          : worked
            ? "A request was sent."
            : `The client tried ${facts.kmsHost ?? "a host"}, and got ${codes[0] ?? "an answer that is not here"}.`,
        "The host's answer, which is in event 12289; and the time zone of its time.",
        clock ? [LOOK_CLOCK] : [LOOK_12289, LOOK_12290],
      );
    case 12289:
      return answerSays(facts, claims, said);
    case 12290: {
      claims.push(
        claim(
          "connectivity",
          "ruled-out",
          `A request of ${facts.clientName ?? "a client"} arrived at the host`,
          "clientName",
        ),
      );
      const fine = worked ? "none" : null;
      return said(
        clock
          ? "The request arrived, so path and discovery are fine; the host refuses its time stamp."
          : worked
            ? "The request arrived and was processed."
            : `The request arrived, and the host answered ${codes[0] ?? "something"}.`,
        "Whether the count was enough: that is in event 12289 on the client.",
        clock
          ? [step("client", "Read the time source of client and host", "w32tm /query /status"), LOOK_CLOCK]
          : [LOOK_12289],
        fine,
      );
    }
    case 12291:
    case 12292:
      claims.push(
        claim("kms-host", "confirmed", "The Key Management Service did not start on the host", "eventIds"),
      );
      return said("The Key Management Service did not start on the host.", "Why, beyond its code.", [
        step("kms-host", "Restart the service, then read the log again", "Restart-Service sppsvc"),
      ]);
    case 12293:
      claims.push(
        claim(
          "dns",
          "possible",
          `The host could not publish itself${facts.zone === undefined ? "" : ` in ${facts.zone}`}`,
          "eventIds",
        ),
      );
      return said(
        `The host could not publish its record${facts.zone === undefined ? "" : ` in ${facts.zone}`}.`,
        "Whether an older record stands there, or one made by hand.",
        [LOOK_ZONE],
      );
    case 12294:
      return said("The host published its record.", "Whether clients ask under that zone.", [], "none");
    case 12308:
      return said("Activated by Active Directory: KMS was not asked.", "Anything about KMS.", [], "none");
    default:
      return said(
        `Windows tried to activate by itself, and failed${codes[0] === undefined ? "" : ` with ${codes[0]}`}.`,
        "Which host was tried, and the code behind an umbrella code.",
        [LOOK_12288],
      );
  }
}

function answerSays(
  { currentCount, activated, statusFlags }: Facts,
  claims: Claim[],
  said: (says: string, doesNotTell: string, next: Said["next"], cause?: Said["cause"]) => Said,
): Said {
  claims.push(claim("connectivity", "ruled-out", "The host's answer arrived", "statusFlags"));
  const few = statusFlags !== undefined && (Number(statusFlags) & 0x04_00_00_00) !== 0;
  if (few && !claims.some(({ cause }) => cause === "activation-threshold"))
    claims.push(
      claim(
        "activation-threshold",
        "confirmed",
        `The host says that its count of ${currentCount ?? "?"} is too low`,
        "currentCount",
      ),
    );
  const rest = "How many the product needs: that is the last field of event 12288.";
  return said(
    `The host answered with a count of ${currentCount ?? "?"}; ${activated === true ? "the client is activated" : "the client is not activated"}.`,
    rest,
    few ? [step("kms-host", "Read the current count", "cscript //nologo slmgr.vbs /dli")] : [],
    activated === true ? "none" : null,
  );
}
