/** What one product's licence shows: pure, from facts alone, so that Windows Management says the same. */
import { claim, codeClaims } from "../claims.ts";
import { step } from "../found.ts";
import type { Claim, Said } from "../found.ts";
import type { Facts } from "../model.ts";

const OFFICE = /^0ff1ce1[56]-/;
const SERVED = { windows: 25, other: 5 } as const;

const READ_COUNT = step(
  "kms-host",
  "Read the current count again after more machines have asked, and compare the CMIDs of several clients",
  "cscript //nologo slmgr.vbs /dli",
);
const COUNT_CIM = step(
  "kms-host",
  "The same from Windows 8 or PowerShell 3 on",
  "Get-CimInstance SoftwareLicensingService | Select-Object KeyManagementServiceCurrentCount, RequiredClientCount",
);
const EVENT_12288 = step(
  "client",
  "Read event 12288 of the same minute: its first field is the real code, its third the host that was tried",
  "Get-WinEvent -FilterHashtable @{LogName='Application'; ProviderName='Microsoft-Windows-Security-SPP'; Id=12288} -MaxEvents 5 | Format-List TimeCreated, Message",
);
const TO_KMS = step(
  "client",
  "Only where this machine is meant to use KMS: install a volume edition's public client setup key, then activate",
  "cscript //nologo slmgr.vbs /ipk <setup key>",
);

export function conclude(facts: Facts, isHost: boolean, discovery: "unavailable" | null): Said {
  return isHost ? hostSays(facts) : clientSays(facts, discovery);
}

function hostSays(facts: Facts): Said {
  const { licenceStatus, currentCount, requestsTotal, dnsPublishing } = facts;
  const claims: Claim[] = [...codeClaims(facts.errorCodes ?? [])];
  const words: string[] = [];
  if (licenceStatus !== undefined && licenceStatus !== "licensed") {
    claims.push(
      claim(
        "kms-host",
        "confirmed",
        `The KMS host itself is not activated (${licenceStatus})`,
        "licenceStatus",
      ),
    );
    words.push("The host itself is not activated, so it serves nobody.");
  } else if (licenceStatus === "licensed") words.push("The host is activated.");
  claims.push(...countClaims(facts, words));
  if (dnsPublishing === false) {
    claims.push(claim("dns", "possible", "The host does not publish itself in DNS", "dnsPublishing"));
    words.push("It does not publish itself in DNS: clients need a record made by hand, or a fixed host.");
  }
  const next = currentCount !== undefined && currentCount < SERVED.windows ? [READ_COUNT, COUNT_CIM] : [];
  if (requestsTotal === 0)
    next.unshift(
      step(
        "client",
        "Let a client ask, then read the total of requests here again: still 0 means discovery or path",
        "cscript //nologo slmgr.vbs /ato",
      ),
    );
  const sound = licenceStatus === "licensed" && claims.some(({ state }) => state === "ruled-out");
  const trouble = claims.some(({ state }) => state !== "ruled-out");
  return {
    cause: sound && !trouble ? "none" : null,
    says: words.join(" ") || "A KMS host's key and state.",
    doesNotTell: "Whether clients find this host, reach it, and are of a product that its key knows.",
    next,
    claims,
  };
}

function about(state: Claim["state"], evidence: string): Claim {
  return claim("activation-threshold", state, evidence, "currentCount");
}

function countClaims(
  { currentCount, requiredCount, requestsTotal, applicationId, product }: Facts,
  words: string[],
): Claim[] {
  if (currentCount === undefined) return [];
  const office =
    (applicationId !== undefined && OFFICE.test(applicationId)) || product?.startsWith("Office") === true;
  if (requiredCount !== undefined && requiredCount > 0 && currentCount < requiredCount) {
    words.push(
      `A count of ${currentCount} is below the ${requiredCount} that are required: new machines are refused with 0xC004F038.`,
    );
    return [about("confirmed", `The host's count is ${currentCount}; ${requiredCount} are required`)];
  }
  if (currentCount < SERVED.other) {
    if (currentCount === 0 && (requestsTotal ?? 0) === 0) {
      words.push("No client has been counted here: either none has asked, or none gets here.");
      return [
        about(
          "possible",
          "The host has counted no machine, and needs 5 (servers, Office) or 25 (Windows clients)",
        ),
        claim("connectivity", "possible", "No request has reached the host", "requestsTotal"),
        claim("dns", "possible", "No request has reached the host", "requestsTotal"),
      ];
    }
    words.push(
      `A count of ${currentCount} is below 5 (servers, Office) and 25 (Windows clients): new machines are refused with 0xC004F038.`,
    );
    return [
      about(
        "confirmed",
        `The host's count is ${currentCount}; it serves from 5 on (servers, Office) or 25 (Windows clients)`,
      ),
    ];
  }
  if (office || currentCount >= SERVED.windows) {
    words.push(`A count of ${currentCount} is enough.`);
    return [about("ruled-out", `The host's count is ${currentCount}`)];
  }
  words.push(
    `A count of ${currentCount} is enough for servers and Office, and too low for Windows clients (25).`,
  );
  return [about("possible", `The host's count is ${currentCount}: Windows clients need 25`)];
}

function clientSays(facts: Facts, discovery: "unavailable" | null): Said {
  const { channel, licenceStatus, activationType, hostFrom, minutesLeft } = facts;
  const claims: Claim[] = [...codeClaims(facts.errorCodes ?? [])];
  const licensed = licenceStatus === "licensed";
  if (channel !== undefined && channel !== "VOLUME_KMSCLIENT") {
    const evidence = `The key is of channel ${channel}: it never asks a KMS host`;
    const unfit = claim(
      "client-configuration",
      licensed || licenceStatus === undefined ? "possible" : "confirmed",
      evidence,
      "channel",
    );
    return {
      cause: null,
      says: licensed
        ? `Licensed by a key of channel ${channel}: it never asks a KMS host, so it is neither broken nor counted.`
        : `A key of channel ${channel}, not a volume client key: no KMS host will ever activate it.`,
      doesNotTell: "Whether this machine is meant to use KMS.",
      next: [TO_KMS],
      claims: [unfit, ...claims],
    };
  }
  if (activationType === "ad" || activationType === "token")
    claims.push(
      claim(
        "client-configuration",
        "possible",
        `The activation type is fixed to ${activationType}: KMS is never asked`,
        "activationType",
      ),
    );
  if (licensed) {
    const how =
      hostFrom === "ad"
        ? "by Active Directory"
        : hostFrom === "registry"
          ? "by a host that is fixed in the registry"
          : hostFrom === "dns"
            ? "by a host that DNS gave"
            : "by KMS";
    const left = minutesLeft === undefined ? "" : `; ${Math.floor(minutesLeft / 1440)} of 180 days are left`;
    if (channel === "VOLUME_KMSCLIENT" && hostFrom !== undefined)
      claims.push(
        claim("client-configuration", "ruled-out", `The client is activated ${how}`, "licenceStatus"),
      );
    return {
      cause: claims.some(({ state }) => state === "possible") ? null : "none",
      says: channel === undefined ? "Licensed." : `Activated ${how}${left}.`,
      doesNotTell: "Whether the next renewal will find the host as the last one did.",
      next: [],
      claims,
    };
  }
  if (discovery !== null && hostFrom === undefined) {
    const evidence = "The client has found no KMS host by DNS, and none is fixed";
    claims.push(
      claim("dns", "possible", evidence),
      claim("client-configuration", "fits", evidence),
      claim("vpn", "fits", evidence),
    );
  }
  return {
    cause: claims.some(({ state }) => state === "confirmed" || state === "possible") ? null : "unknown",
    says:
      licenceStatus === undefined
        ? "The licence of one product, without its state."
        : `Not activated (${licenceStatus})${discovery === null ? "" : ", and DNS gave no host"}.`,
    doesNotTell: "Why it is not activated, where no error code stands beside it.",
    next: [EVENT_12288],
    claims,
  };
}
