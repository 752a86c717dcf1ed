/** `slmgr.vbs /dlv` and `/dli`: one product's block, and what follows from it. */
import type { Line } from "../clean.ts";
import { fieldOf, valueAt } from "../fields.ts";
import type { Reader } from "../fields.ts";
import type { Field } from "../labels.ts";
import { languageOf } from "../found.ts";
import type { Found, Recogniser } from "../found.ts";
import type { Facts } from "../model.ts";
import { setupKeyOf } from "../setup-keys.ts";
import { licenceState } from "../states.ts";
import * as value from "../values.ts";
import { beginsOther } from "./begins.ts";
import { conclude } from "./slmgr-says.ts";
import { beginsByValue, byValue } from "./slmgr-values.ts";

/** Blank or foreign lines inside of a block; more end it. */
const MAX_GAP = 4;
/** Where labels are unknown, lines that tell nothing by their value stand in a row. */
const MAX_GAP_UNKNOWN = 9;

const LONG = new Set([
  "serviceVersion",
  "activationId",
  "applicationId",
  "extendedPid",
  "installationId",
  "validationUrl",
  "useLicenseUrl",
  "keyChannel",
  "rearm",
  "trustedTime",
]);
/** A block says one of each at most: a second one begins the next. */
const ONCE = new Set([
  "product",
  "description",
  "partialKey",
  "licenceStatus",
  "cmid",
  "currentCount",
  "requestsTotal",
]);

export const slmgr: Recogniser = (lines, at) => {
  if (!starts(lines, at)) return null;
  const facts: Facts = { errorCodes: [] };
  const votes = new Map<string, number>();
  const seen = new Set<string>();
  let to = at + 1;
  let most = MAX_GAP;
  for (let index = at, gap = 0; index < lines.length && gap <= most; index++) {
    const line = lines[index];
    if (line === undefined) break;
    const known = fieldOf(line);
    const [listed] = namesOf(known, lines, index);
    const told = listed === undefined ? byValue(lines, index, seen) : null;
    const name = listed ?? told?.name;
    const field = known ?? (told === null ? null : { labels: [], value: told.text });
    if (name === undefined || field === null) {
      if (index > at && line.text !== "" && beginsOther(line)) break;
      gap += 1;
      continue;
    }
    if (seen.has(name) && ONCE.has(name)) break;
    if (name === "serviceVersion" && seen.size > 0) break;
    seen.add(name);
    gap = 0;
    to = index + 1;
    for (const { family, field: each, language } of field.labels)
      if (family === "slmgr" && each === name) votes.set(language, (votes.get(language) ?? 0) + 1);
    if (told !== null) {
      most = MAX_GAP_UNKNOWN;
      if (told.language !== null) votes.set(told.language, (votes.get(told.language) ?? 0) + 1);
    }
    take(name, field, (reader) => valueAt(lines, index, field.value, reader) ?? undefined, facts);
  }
  // By itself at the very beginning it may be the rest of "AO activation ID".
  if (seen.size === 1 && seen.has("activationId") && lines[at]?.number === 1) return null;
  const long = [...seen].some((name) => LONG.has(name));
  return whole(facts, { seen, long, language: languageOf(votes), from: at, to });
};

function starts(lines: readonly Line[], at: number): boolean {
  const line = lines[at];
  if (line === undefined) return false;
  const names = namesOf(fieldOf(line), lines, at);
  return names.some((name) => name !== "caching") || beginsByValue(line);
}

/** `Name` and `Description` stand in many texts: here they count with a product or a channel behind them. */
function namesOf(field: Field | null, lines: readonly Line[], at: number): string[] {
  if (field === null) return [];
  return field.labels
    .filter(({ family, field: name }) => family === "slmgr" || name === "caching")
    .map((label) => label.field)
    .filter((name) => {
      if (name === "product") return valueAt(lines, at, field.value, value.product) !== null;
      if (name === "description") return valueAt(lines, at, field.value, value.channel) !== null;
      return true;
    });
}

const NUMBERS: Readonly<Record<string, keyof Facts>> = {
  currentCount: "currentCount",
  requestsTotal: "requestsTotal",
  requestsFailed: "requestsFailed",
  requestsUnlicensed: "requestsUnlicensed",
  requestsLicensed: "requestsLicensed",
  requestsInitialGrace: "requestsInitialGrace",
  requestsExpired: "requestsExpired",
  requestsNonGenuine: "requestsNonGenuine",
  requestsNotification: "requestsNotification",
};

const TYPES: ReadonlyMap<string, Facts["activationType"]> = new Map([
  ["all", "all"],
  ["全部", "all"],
  ["ad", "ad"],
  ["kms", "kms"],
  ["token", "token"],
]);

const time: Reader<string> = (text) =>
  /^\d{1,4}[./-]\d{1,2}[./-]\d{1,4},? \d{1,2}:\d{2}:\d{2}(?: [AP]M)?$/i.test(text) ? text : null;

const port: Reader<number> = (text) => {
  const number = value.count(text);
  return number !== null && number >= 1 && number <= 65_535 ? number : null;
};

function take(
  name: string,
  field: Field,
  read: <Value>(reader: Reader<Value>) => Value | undefined,
  facts: Facts,
): void {
  const set = <Key extends keyof Facts>(key: Key, found: Facts[Key] | undefined): void => {
    if (found !== undefined) facts[key] = found;
  };
  const counted = NUMBERS[name];
  if (counted !== undefined) {
    set(counted, read(value.count));
    return;
  }
  switch (name) {
    case "product":
      return set("product", read(value.product));
    case "description":
      return set("channel", read(value.channel));
    case "activationId":
      return set("activationId", read(value.guid));
    case "applicationId":
      return set("applicationId", read(value.guid));
    case "partialKey":
      return set("partialKey", read(value.fiveCharacters));
    case "licenceStatus":
      return set("licenceStatus", read(licenceState));
    case "notificationReason":
      facts.errorCodes = value.withCodes(facts.errorCodes ?? [], field.value);
      return;
    case "expiration":
      return set("minutesLeft", read(value.minutesLeft));
    case "trustedTime":
      return set("hostTime", read(time));
    case "activationType":
      return set("activationType", TYPES.get(field.value.toLowerCase()));
    case "cmid":
      return set("cmid", read(value.guid));
    case "kmsFromDns":
    case "kmsRegistered": {
      const host = read(value.hostAndPort);
      if (host === undefined || facts.hostFrom === "registry") return;
      facts.kmsHost = host.host;
      facts.kmsPort = host.port;
      facts.hostFrom = name === "kmsFromDns" ? "dns" : "registry";
      return;
    }
    case "kmsLookupDomain":
      return set("lookupDomain", read(value.hostName));
    case "kmsIp":
      return set("kmsIp", read(value.ipAddress));
    case "activationInterval":
      return set("activationIntervalMinutes", read(value.minutes));
    case "renewalInterval":
      return set("renewalIntervalMinutes", read(value.minutes));
    case "cachingOn":
    case "cachingOff":
      return set("hostCaching", name === "cachingOn");
    // As scripts that imitate it write it.
    case "caching":
      if (/^(?:Enabled|Disabled)$/i.test(field.value)) facts.hostCaching = /^Enabled$/i.test(field.value);
      return;
    case "hostBlock":
      return set("isKmsHost", true);
    case "listeningPort":
      return set("listeningPort", read(port));
    case "publishingOn":
    case "publishingOff":
      return set("dnsPublishing", name === "publishingOn");
    case "activationObject":
      facts.hostFrom ??= "ad";
      return set("activationObject", read(value.word));
    default:
      return;
  }
}

type Block = { seen: ReadonlySet<string>; long: boolean; language: string | null; from: number; to: number };

function whole(facts: Facts, { seen, long, language, from, to }: Block): Found {
  // The block that only a host prints, whatever of it was cut off.
  if (
    ["currentCount", "requestsTotal", "requestsBlock", "listeningPort", "kmsPriority"].some((name) =>
      seen.has(name),
    )
  )
    facts.isKmsHost = true;
  if (facts.partialKey !== undefined) facts.setupKey = setupKeyOf(facts.partialKey);
  const isHost =
    facts.isKmsHost === true || (facts.channel !== undefined && /^VOLUME_KMS(?!CLIENT)/.test(facts.channel));
  if (!isHost && facts.hostTime !== undefined) {
    facts.clientTime = facts.hostTime;
    delete facts.hostTime;
  }
  const discovery = seen.has("autoDiscovery") ? "unavailable" : null;
  return {
    kind: long ? "slmgr-dlv" : "slmgr-dli",
    side: isHost ? "host" : "client",
    language,
    facts,
    ...conclude(facts, isHost, discovery),
    from,
    to,
  };
}
