/** What ospp.vbs proves of the volume products of Office. */
import { claim, codeClaims } from "../claims.ts";
import { step } from "../found.ts";
import type { Claim, Found } from "../found.ts";
import type { Facts, Kind, PastedProduct } from "../model.ts";

const HISTORY = step(
  "client",
  "Read the history of activation: it leaves out events with an empty last field, so an empty history proves nothing",
  "cscript //nologo ospp.vbs /dhistorykms",
);
const STATUS = step(
  "client",
  "Read the state and the host of each Office product",
  "cscript //nologo ospp.vbs /dstatus",
);
const STATUS_CIM = step(
  "client",
  "The same from Windows 8 or PowerShell 3 on",
  'Get-CimInstance SoftwareLicensingProduct -Filter "PartialProductKey IS NOT NULL" | Format-List Name, Description, LicenseStatus, LicenseStatusReason',
);

/** It printed that no key is installed. */
export function withoutKey(from: number, to: number): Found {
  return {
    kind: "ospp-dstatus",
    side: "client",
    language: "en",
    facts: { errorCodes: [] },
    cause: null,
    says: "No product key of Office is installed that this script knows: nothing of Office asks a KMS host.",
    doesNotTell:
      "Whether Office is one that this script does not manage (Microsoft 365 Apps), or stands in another folder.",
    next: [STATUS, STATUS_CIM],
    claims: [
      claim("client-configuration", "possible", "No product key of Office is installed that ospp.vbs knows"),
    ],
    from,
    to,
  };
}

/** @param products those that a key, a code or a state was read of; at least one */
export function conclude(
  products: readonly PastedProduct[],
  facts: Facts,
  kind: Kind,
): Pick<Found, "cause" | "says" | "doesNotTell" | "next" | "claims"> {
  const volume = products.filter(({ channel }) => channel === undefined || channel === "VOLUME_KMSCLIENT");
  const failed = codeClaims(facts.errorCodes ?? []);
  const claims: Claim[] = [...failed];
  const open = products.some(
    ({ licenceStatus, errorCodes }) =>
      (licenceStatus !== undefined && licenceStatus !== "licensed") ||
      (errorCodes ?? []).some((code) => code.startsWith("0xC") || code.startsWith("0x8")),
  );
  const other = products.find(({ channel }) => channel !== undefined && channel !== "VOLUME_KMSCLIENT");
  if (other !== undefined) {
    const certain = volume.length === 0 && open;
    claims.unshift(
      claim(
        "client-configuration",
        certain ? "confirmed" : "possible",
        `${other.product ?? "A product"} has a key of channel ${other.channel ?? ""}: it never asks a KMS host`,
        products.length > 1 ? "products" : "channel",
      ),
    );
  }
  const doesNotTell = open
    ? "Why no host could be used, where the code is 0xC004F074; Office's host is set apart from Windows' own."
    : "Whether the next renewal will find the host as the last one did.";
  if (volume.length === 0)
    return {
      cause: null,
      says: `A key of channel ${other?.channel ?? "?"}: nothing to do with KMS.`,
      doesNotTell,
      next: [
        step(
          "client",
          "Only where KMS is meant: take that key out, and install the volume edition",
          other?.partialKey === undefined ? null : `cscript //nologo ospp.vbs /unpkey:${other.partialKey}`,
        ),
      ],
      claims,
    };
  if (!open) {
    const fixed =
      facts.hostFrom === "registry"
        ? " A host is fixed in the registry, so what DNS gives does not matter."
        : "";
    return {
      cause: other === undefined ? "none" : null,
      says: `Activated.${fixed}`,
      doesNotTell,
      next: [],
      claims,
    };
  }
  const named = claims.some(({ state }) => state === "confirmed" || state === "possible");
  const count =
    volume.length > 1 ? `${volume.length} volume products of Office` : "A volume product of Office";
  return {
    cause: named ? null : "unknown",
    says: `${count}, not activated; the code does not say why.`,
    doesNotTell,
    next: kind === "ospp-act" ? [STATUS, HISTORY, STATUS_CIM] : [HISTORY, STATUS_CIM],
    claims,
  };
}
