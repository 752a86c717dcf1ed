/** The licensing service's settings in the registry, as `reg query`, an exported file or Get-ItemProperty show them. */
import { claim } from "../claims.ts";
import type { Line } from "../clean.ts";
import { valueAt } from "../fields.ts";
import { step } from "../found.ts";
import type { Claim, Recogniser, Said } from "../found.ts";
import type { Facts } from "../model.ts";
import * as value from "../values.ts";

const NAMES =
  "KeyManagementServiceName|KeyManagementServicePort|KeyManagementServiceLookupDomain|DiscoveredKeyManagementServiceName|DiscoveredKeyManagementServicePort|DiscoveredKeyManagementServiceIpAddress|DisableDnsPublishing|DnsDomainPublishList|KeyManagementServiceListeningPort|DisableKeyManagementServiceHostCaching|EnableKmsLowPriority";
/** `Name    REG_SZ    value` */
const QUERY = new RegExp(`^(${NAMES})\\s{1,40}REG_[A-Z_]{2,20}(?:\\s{1,40}(\\S.{0,600}))?$`, "i");
/** `"Name"="value"`, `"Name"=dword:00000001`, as far as its quotes are still there; a line's own were taken off. */
const FILE = new RegExp(`^"?(${NAMES})"?=(.{0,2000})$`, "i");
/** `Name : value` */
const LIST = new RegExp(`^(${NAMES})\\s{0,40}: ?(.{0,600})$`, "i");
/** Names that belong to a KMS host alone. */
const OF_HOST = new Set([
  "disablednspublishing",
  "dnsdomainpublishlist",
  "keymanagementservicelisteningport",
  "enablekmslowpriority",
]);
const MOST_LINES = 40;

/** Each form with what else stands between its values. Those of a list are properties of Windows Management, too. */
const FORMS: readonly { readonly row: RegExp; readonly between: RegExp }[] = [
  { row: QUERY, between: /\bREG_/ },
  { row: FILE, between: /^"?[\w-]{1,60}"?=|^[0-9a-f]{2}[,\\]/i },
  { row: LIST, between: /^PS\w{4,20}\s{0,40}: |^\w{1,60}\s{0,40}: ?\{?[\d., ]{0,80}/ },
];
const LISTED = FORMS.length - 1;
const SHARED = new Set([
  "keymanagementserviceport",
  "keymanagementservicelookupdomain",
  "keymanagementservicelisteningport",
]);

type Entry = { readonly name: string; readonly text: string; readonly form: number };

function entryOf(text: string): Entry | null {
  if (text.length > 2_200) return null;
  for (const [form, { row }] of FORMS.entries()) {
    const [, name, held = ""] = row.exec(text) ?? [];
    if (name !== undefined) return { name: name.toLowerCase(), text: plain(held), form };
  }
  return null;
}

/** Without quotes; `dword:` in hexadecimal as a number. Lists in hexadecimal are not read. */
function plain(held: string): string {
  const [, word] = /^dword:([0-9a-f]{8})$/i.exec(held) ?? [];
  if (word !== undefined) return String(Number.parseInt(word, 16));
  return held.replace(/^"/, "").replace(/"$/, "").trim();
}

/** One key's values: another key, or another machine's, begins another piece. */
export const registry: Recogniser = (lines, at) => {
  const first = entryOf(lines[at]?.text ?? "");
  if (first === null) return null;
  const between = FORMS[first.form]?.between;
  const facts: Facts = { errorCodes: [] };
  const seen = new Set<string>();
  let to = at;
  for (let index = at; index < Math.min(lines.length, at + MOST_LINES); index++) {
    const text = lines[index]?.text ?? "";
    const entry = entryOf(text);
    if (entry === null) {
      if (/^\[?HKEY_/.test(text) || (text !== "" && between?.test(text) !== true)) break;
      continue;
    }
    if (seen.has(entry.name) || entry.form !== first.form) break;
    seen.add(entry.name);
    to = index + 1;
    take(entry, lines, index, facts);
  }
  if (first.form === LISTED && [...seen].every((name) => SHARED.has(name))) return null;
  const isHost = [...seen].every((name) => OF_HOST.has(name));
  return {
    kind: "registry",
    side: isHost ? "host" : "client",
    language: null,
    facts,
    ...(isHost ? hostSays(facts) : clientSays(facts)),
    from: at,
    to,
  };
};

function take({ name, text }: Entry, lines: readonly Line[], index: number, facts: Facts): void {
  const cut = lines[index]?.cut === true;
  const host = (): string | null =>
    valueAt(lines, index, text, value.hostName) ?? valueAt(lines, index, text, value.ipAddress);
  const number = cut ? Number.NaN : Number(text);
  switch (name) {
    case "keymanagementservicename": {
      const fixed = host();
      if (fixed !== null) Object.assign(facts, { kmsHost: fixed, hostFrom: "registry" });
      return;
    }
    case "discoveredkeymanagementservicename": {
      const cached = host();
      if (cached !== null && facts.kmsHost === undefined)
        Object.assign(facts, { kmsHost: cached, hostFrom: "cache" });
      return;
    }
    case "keymanagementserviceport":
    case "discoveredkeymanagementserviceport":
      if (value.isPort(number)) facts.kmsPort = number;
      return;
    case "discoveredkeymanagementserviceipaddress": {
      const address = valueAt(lines, index, text, value.ipAddress);
      if (address !== null) facts.kmsIp = address;
      return;
    }
    case "keymanagementservicelookupdomain": {
      const domain = host();
      if (domain !== null) facts.lookupDomain = domain;
      return;
    }
    case "keymanagementservicelisteningport":
      if (value.isPort(number)) facts.listeningPort = number;
      return;
    case "disablednspublishing":
      if (Number.isInteger(number) && text !== "") facts.dnsPublishing = number === 0;
      return;
    case "disablekeymanagementservicehostcaching":
      if (Number.isInteger(number) && text !== "") facts.hostCaching = number === 0;
      return;
    default:
  }
}

function clientSays({ hostFrom, kmsHost }: Facts): Said {
  const fixed = hostFrom === "registry";
  const claims: Claim[] = fixed
    ? [
        claim(
          "client-configuration",
          "fits",
          `The client is fixed to ${kmsHost ?? ""} in the registry`,
          "kmsHost",
        ),
      ]
    : [];
  return {
    cause: "unknown",
    says: fixed
      ? `The client is fixed to ${kmsHost ?? ""}: it asks no DNS, and no other host.`
      : "Settings of KMS in the registry.",
    doesNotTell: "Whether that host serves.",
    next: fixed
      ? [
          step(
            "client",
            "Test that host; /ckms goes back to DNS where it is gone",
            `kmsprobe check ${kmsHost ?? "<kms host>"}`,
          ),
        ]
      : [],
    claims,
  };
}

function hostSays({ dnsPublishing }: Facts): Said {
  const off = dnsPublishing === false;
  return {
    cause: off ? null : "unknown",
    says: off
      ? "This host does not publish itself in DNS: clients need a record made by hand, or a fixed host."
      : "Settings of a KMS host in the registry.",
    doesNotTell: "Whether a record made by hand stands in DNS, and whether the host serves.",
    next: off
      ? [
          step(
            "kms-host",
            "Publish again, where that is meant (then restart the service)",
            "cscript //nologo slmgr.vbs /sdns",
          ),
        ]
      : [],
    claims: off ? [claim("dns", "possible", "The host does not publish itself in DNS", "dnsPublishing")] : [],
  };
}
