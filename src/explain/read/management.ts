/** Windows Management and the registry: properties whose names are the same in every language. */
import { claim } from "../claims.ts";
import type { Line } from "../clean.ts";
import { valueAt } from "../fields.ts";
import { step } from "../found.ts";
import type { Claim, Found, Recogniser } from "../found.ts";
import type { Facts } from "../model.ts";
import { setupKeyOf } from "../setup-keys.ts";
import { stateByNumber } from "../states.ts";
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
  if (held === null) return null;
  const facts: Facts = { errorCodes: [] };
  for (const [name, { text, index }] of held.found) take(name, text, { lines, index }, facts);
  fillHost(held.found, lines, facts);
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
    from: at,
    to: held.to,
  };
};

type Held = Map<string, { text: string; index: number }>;

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

const COUNTS: Readonly<Record<string, keyof Facts>> = {
  GracePeriodRemaining: "minutesLeft",
  KeyManagementServiceCurrentCount: "currentCount",
  RequiredClientCount: "requiredCount",
  VLActivationInterval: "activationIntervalMinutes",
  VLRenewalInterval: "renewalIntervalMinutes",
  KeyManagementServiceTotalRequests: "requestsTotal",
  KeyManagementServiceFailedRequests: "requestsFailed",
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
      return put("activationId", value.guid(text));
    case "ApplicationID":
      return put("applicationId", value.guid(text));
    case "PartialProductKey":
      return put("partialKey", value.fiveCharacters(text));
    case "LicenseStatus":
      return put("licenceStatus", /^[0-6]$/.test(text) ? stateByNumber(Number(text)) : null);
    case "LicenseStatusReason": {
      const number =
        /^-?\d{9,10}$/.test(text) && lines[index]?.cut !== true
          ? Number(text) >>> 0
          : Number(value.hresult(text) ?? 0);
      const code = `0x${number.toString(16).toUpperCase().padStart(8, "0")}`;
      if (value.codesIn(code).length > 0) facts.errorCodes = [code];
      if (code === "0x4004F040") facts.errorIsInformational = true;
      return;
    }
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
    if (host === null) continue;
    facts.kmsHost = host;
    facts.hostFrom = from;
    const given = found.get(port);
    const text = given?.text ?? "0";
    const number = text === "0" || text === "" ? 1688 : portOf(text, lines[given?.index ?? 0]);
    if (number !== null) facts.kmsPort = number;
    return;
  }
}

const REGISTRY =
  /^(KeyManagementServiceName|KeyManagementServicePort|KeyManagementServiceLookupDomain|DiscoveredKeyManagementServiceName|DiscoveredKeyManagementServicePort|DisableDnsPublishing|KeyManagementServiceListeningPort)\s{1,20}REG_(?:SZ|DWORD)\s{1,20}(\S{1,253})$/;

/** `reg query` of the licensing service's key. */
export const registry: Recogniser = (lines, at) => {
  const facts: Facts = { errorCodes: [] };
  const seen = new Set<string>();
  let to = at;
  for (let index = at; index < Math.min(lines.length, at + 40); index++) {
    const [, name, text = ""] = REGISTRY.exec(lines[index]?.text ?? "") ?? [];
    // Another key, or another machine's: its values are no part of this one.
    if (name !== undefined && seen.has(name)) break;
    if (name === undefined) {
      if (to === at) return null;
      if (lines[index]?.text.startsWith("HKEY_") === true) break;
      if (lines[index]?.text === "" || /REG_/.test(lines[index]?.text ?? "")) continue;
      break;
    }
    seen.add(name);
    to = index + 1;
    const host = valueAt(lines, index, text, value.hostName) ?? valueAt(lines, index, text, value.ipAddress);
    const number = Number(text);
    if (name === "KeyManagementServiceName" && host !== null)
      Object.assign(facts, { kmsHost: host, hostFrom: "registry" });
    if (name === "DiscoveredKeyManagementServiceName" && host !== null && facts.kmsHost === undefined)
      Object.assign(facts, { kmsHost: host, hostFrom: "cache" });
    if (/Service(?:Name)?Port$/.test(name) && number >= 1 && number <= 65_535 && lines[index]?.cut !== true)
      facts.kmsPort = number;
    if (name === "KeyManagementServiceLookupDomain" && host !== null) facts.lookupDomain = host;
    if (name === "DisableDnsPublishing") facts.dnsPublishing = number === 0;
  }
  if (to === at) return null;
  const fixed = facts.hostFrom === "registry";
  const claims: Claim[] = fixed
    ? [
        claim(
          "client-configuration",
          "fits",
          `The client is fixed to ${facts.kmsHost ?? ""} in the registry`,
          "kmsHost",
        ),
      ]
    : [];
  const found: Found = {
    kind: "registry",
    side: "client",
    language: null,
    facts,
    cause: "unknown",
    says: fixed
      ? `The client is fixed to ${facts.kmsHost ?? ""}: it asks no DNS, and no other host.`
      : "Settings of KMS in the registry.",
    doesNotTell: "Whether that host serves.",
    next: fixed
      ? [
          step(
            "client",
            "Test that host; /ckms goes back to DNS where it is gone",
            `kmsprobe check ${facts.kmsHost ?? "<kms host>"}`,
          ),
        ]
      : [],
    claims,
    from: at,
    to,
  };
  return found;
};
