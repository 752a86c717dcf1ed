/** Windows Management: properties whose names are the same in every language. */
import type { Line } from "../clean.ts";
import { valueAt } from "../fields.ts";
import { step } from "../found.ts";
import type { Found, Recogniser } from "../found.ts";
import type { Facts } from "../model.ts";
import { setupKeyOf } from "../setup-keys.ts";
import { licenceState, stateByNumber } from "../states.ts";
import * as value from "../values.ts";
import { conclude } from "./slmgr-says.ts";

const PROPERTY = /^([A-Za-z][A-Za-z0-9]{1,59})\s{0,60}[:=] ?(.{0,600})$/;
const TELLING = new Set([
  "LicenseStatus",
  "LicenseStatusReason",
  "PartialProductKey",
  "GracePeriodRemaining",
  "KeyManagementServiceMachine",
  "KeyManagementServicePort",
  "DiscoveredKeyManagementServiceMachineName",
  "DiscoveredKeyManagementServiceMachinePort",
  "DiscoveredKeyManagementServiceMachineIpAddress",
  "KeyManagementServiceLookupDomain",
  "IsKeyManagementServiceMachine",
  "KeyManagementServiceCurrentCount",
  "RequiredClientCount",
  "KeyManagementServiceListeningPort",
  "KeyManagementServiceDnsPublishing",
  "KeyManagementServiceHostCaching",
  "VLActivationInterval",
  "VLRenewalInterval",
  "ClientMachineID",
  "KeyManagementServiceTotalRequests",
  "KeyManagementServiceFailedRequests",
  "LicenseFamily",
]);
const BEFORE = new Set(["ID", "Name", "Description", "ApplicationID", "ProductKeyChannel", ...TELLING]);
/** All ones: it does not apply. */
const NOT_SET = new Set(["4294967295", "-1", ""]);

export const cim: Recogniser = (lines, at) => {
  const held = properties(lines, at);
  return held === null ? null : cimPiece(held.found, lines, { from: at, to: held.to });
};

/** What the properties of one object say, however they were written. */
export function cimPiece(
  found: Held,
  lines: readonly Line[],
  { from, to }: { from: number; to: number },
): Found {
  const facts: Facts = { errorCodes: [] };
  for (const [name, { text, index }] of found) take(name, text, { lines, index }, facts);
  fillHost(found, lines, facts);
  if (facts.partialKey !== undefined) facts.setupKey = setupKeyOf(facts.partialKey);
  const isHost =
    facts.isKmsHost === true || (facts.channel !== undefined && /^VOLUME_KMS(?!CLIENT)/.test(facts.channel));
  const said = conclude(facts, isHost, null);
  const next = isHost
    ? []
    : [
        step(
          "client",
          "The same, whatever the language (Windows 8, or PowerShell 3, and later)",
          'Get-CimInstance SoftwareLicensingProduct -Filter "PartialProductKey IS NOT NULL" | Format-List *',
        ),
      ];
  return {
    kind: "cim",
    side: isHost ? "host" : "client",
    language: null,
    facts,
    ...said,
    next: [...said.next, ...next],
    from,
    to,
  };
}

export type Held = Map<string, { text: string; index: number }>;

/** Properties in a row, from the first to the one that stands twice. */
function properties(lines: readonly Line[], at: number): { found: Held; to: number } | null {
  const [, first] = PROPERTY.exec(lines[at]?.text ?? "") ?? [];
  if (first === undefined || !BEFORE.has(first)) return null;
  const found: Held = new Map();
  let telling = 0;
  let to = at + 1;
  for (let index = at, gap = 0; index < lines.length && gap < 5 && index < at + 400; index++) {
    const [, name, text = ""] = PROPERTY.exec(lines[index]?.text ?? "") ?? [];
    if (name === undefined) {
      gap += 1;
      continue;
    }
    if (found.has(name)) break;
    found.set(name, { text: text.trim(), index });
    gap = 0;
    to = index + 1;
    if (TELLING.has(name)) telling += 1;
  }
  const strong = [
    "LicenseStatus",
    "LicenseStatusReason",
    "PartialProductKey",
    "IsKeyManagementServiceMachine",
    "KeyManagementServiceCurrentCount",
    "DiscoveredKeyManagementServiceMachineName",
    "KeyManagementServiceMachine",
  ].some((name) => found.has(name));
  return telling >= 2 && strong ? { found, to } : null;
}

export function isTelling(name: string): boolean {
  return TELLING.has(name);
}

const COUNTS: Readonly<Record<string, keyof Facts>> = {
  GracePeriodRemaining: "minutesLeft",
  KeyManagementServiceCurrentCount: "currentCount",
  RequiredClientCount: "requiredCount",
  VLActivationInterval: "activationIntervalMinutes",
  VLRenewalInterval: "renewalIntervalMinutes",
  KeyManagementServiceTotalRequests: "requestsTotal",
  KeyManagementServiceFailedRequests: "requestsFailed",
  KeyManagementServiceUnlicensedRequests: "requestsUnlicensed",
  KeyManagementServiceLicensedRequests: "requestsLicensed",
  KeyManagementServiceOOBGraceRequests: "requestsInitialGrace",
  KeyManagementServiceOOTGraceRequests: "requestsExpired",
  KeyManagementServiceNonGenuineGraceRequests: "requestsNonGenuine",
  KeyManagementServiceNotificationRequests: "requestsNotification",
};

function take(
  name: string,
  text: string,
  { lines, index }: { lines: readonly Line[]; index: number },
  facts: Facts,
): void {
  const put = <Key extends keyof Facts>(key: Key, found: Facts[Key] | null | undefined): void => {
    if (found !== null && found !== undefined) facts[key] = found;
  };
  const counted = COUNTS[name];
  if (counted !== undefined) {
    if (!NOT_SET.has(text)) put(counted, valueAt(lines, index, text, value.count));
    return;
  }
  switch (name) {
    case "Name":
      return put("product", value.product(text));
    case "Description":
      return put("channel", value.channel(text));
    case "ID":
      // An application's: the rest of "ApplicationID", whose beginning was cut off.
      return put(
        /^(?:55c92734|0ff1ce1[56])-/i.test(text) ? "applicationId" : "activationId",
        value.guid(text),
      );
    case "ApplicationID":
      return put("applicationId", value.guid(text));
    case "PartialProductKey":
      return put("partialKey", value.fiveCharacters(text));
    case "LicenseStatus":
      return put("licenceStatus", /^[0-6]$/.test(text) ? stateByNumber(Number(text)) : licenceState(text));
    case "LicenseStatusReason": {
      const number =
        /^-?\d{9,10}$/.test(text) && lines[index]?.cut !== true
          ? Number(text) >>> 0
          : Number(value.hresult(text) ?? 0);
      const code = `0x${number.toString(16).toUpperCase().padStart(8, "0")}`;
      if (value.codesIn(code).length > 0) facts.errorCodes = [code];
      if (code.startsWith("0x4")) facts.errorIsInformational = true;
      return;
    }
    case "VLActivationTypeEnabled":
      return put(
        "activationType",
        (["all", "ad", "kms", "token"] as const)[/^[0-3]$/.test(text) ? Number(text) : -1],
      );
    case "ADActivationObjectName":
      return put(
        "activationObject",
        text === "" || lines[index]?.cut === true
          ? null
          : value.word(text.replaceAll(" ", "_")) === null
            ? null
            : text,
      );
    case "ClientMachineID":
      return put("cmid", value.guid(text));
    case "KeyManagementServiceLookupDomain":
      return put("lookupDomain", text === "" ? null : valueAt(lines, index, text, value.hostName));
    case "DiscoveredKeyManagementServiceMachineIpAddress":
      return put("kmsIp", valueAt(lines, index, text, value.ipAddress));
    case "IsKeyManagementServiceMachine":
      return put("isKmsHost", /^(?:1|True)$/i.test(text) ? true : /^(?:0|False)$/i.test(text) ? false : null);
    case "KeyManagementServiceHostCaching":
      return put("hostCaching", flag(text));
    case "KeyManagementServiceDnsPublishing":
      return put("dnsPublishing", flag(text));
    case "KeyManagementServiceListeningPort":
      return put("listeningPort", text === "0" ? 1688 : portOf(text, lines[index]));
    default:
  }
}

function flag(text: string): boolean | null {
  return /^True$/i.test(text) ? true : /^False$/i.test(text) ? false : null;
}

function portOf(text: string, line: Line | undefined): number | null {
  const number = line?.cut === true ? null : value.count(text);
  return number !== null && number >= 1 && number <= 65_535 ? number : null;
}

/** A fixed host goes before one that was discovered. */
function fillHost(found: Held, lines: readonly Line[], facts: Facts): void {
  for (const [name, port, from] of [
    ["KeyManagementServiceMachine", "KeyManagementServicePort", "registry"],
    ["DiscoveredKeyManagementServiceMachineName", "DiscoveredKeyManagementServiceMachinePort", "dns"],
  ] as const) {
    const held = found.get(name);
    const host = held === undefined ? null : valueAt(lines, held.index, held.text, value.hostName);
    // A number is the rest of another property, whose name was cut.
    if (host === null || /^\d+$/.test(host)) continue;
    facts.kmsHost = host;
    facts.hostFrom = from;
    const given = found.get(port);
    const text = given?.text ?? "0";
    const number = text === "0" || text === "" ? 1688 : portOf(text, lines[given?.index ?? 0]);
    if (number !== null) facts.kmsPort = number;
    return;
  }
  if (facts.activationObject !== undefined) facts.hostFrom = "ad";
}
