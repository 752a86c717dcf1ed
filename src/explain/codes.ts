import type { Cause } from "../model/causes.ts";

type CauseName = Cause["cause"];

/**
 * What a code of Windows activation says. `proves`: the one usual cause that the code itself carries. `fits`: those it
 * leaves open. Both are empty where it is a state, a success, or no matter of KMS.
 */
export type CodeEntry = {
  readonly name: string | null;
  readonly says: string;
  readonly proves: CauseName | null;
  readonly fits: readonly CauseName[];
  /** of those, the one that it speaks for; null for an umbrella */
  readonly leads: CauseName | null;
  /** the host itself said so: it was reached */
  readonly reached: boolean;
  readonly next: string;
  readonly success?: true;
};

const EVENT_12288 =
  "read event 12288 of the same minute in the client's Application log: its first field is the real code, its third the host that was tried";
const PROBE = "kmsprobe check from the client's network";
const SRV = "Resolve-DnsName -Type SRV _vlmcs._tcp.<suffix> for each suffix that ipconfig /all lists";
const HOST_DLV =
  "on the host: cscript slmgr.vbs /dlv (or, from Windows 8 or PowerShell 3 on, Get-CimInstance SoftwareLicensingService)";
const CLIENT_DLV =
  "on the client: cscript slmgr.vbs /dlv (or, from Windows 8 or PowerShell 3 on, Get-CimInstance SoftwareLicensingProduct)";
const ONLINE =
  "this is activation at Microsoft, not at a KMS host: check the way to the Internet and the proxy";

/** Names from slerror.h and winerror.h, meanings from Microsoft's list of activation error codes, read 2026-11-27. */
const CODES = {
  "0xC004F074": entry(
    "SL_E_VL_BINDING_SERVICE_UNAVAILABLE",
    "No KMS host could be used. It is an umbrella code that hides the reason: DNS, the path, clocks and the host all end in it.",
    [null, "connectivity", "kms-host", "clock", "dns", "vpn"],
    EVENT_12288,
  ),
  "0xC004F038": entry(
    "SL_E_VL_NOT_ENOUGH_COUNT",
    "The host was reached, but has not counted enough machines: 25 for Windows clients, 5 for Windows Server and Office.",
    ["activation-threshold"],
    `${HOST_DLV}, Current count`,
  ),
  "0xC004F039": entry(
    "SL_E_VL_BINDING_SERVICE_NOT_ENABLED",
    'Named "KMS not enabled", documented as "did not respond".',
    [null, "connectivity", "kms-host", "host-key"],
    PROBE,
  ),
  "0xC004F041": entry(
    "SL_E_VL_KEY_MANAGEMENT_SERVICE_NOT_ACTIVATED",
    "The host answered, and is itself not activated.",
    ["kms-host"],
    "activate the host, then read its state: cscript slmgr.vbs /dlv",
  ),
  "0xC004F042": entry(
    "SL_E_VL_KEY_MANAGEMENT_SERVICE_ID_MISMATCH",
    "The host answered, and has no host key for this product or version.",
    ["host-key"],
    "on the host: cscript slmgr.vbs /dlv all, and compare its product group with the client's version",
  ),
  "0xC004F06C": entry(
    "SL_E_VL_INVALID_TIMESTAMP",
    "The host was reached and refused the time stamp: the clocks are more than four hours apart in UTC. An old host says so, too, to a client of a version that it does not know.",
    [null, "clock", "kms-host"],
    "on the client: w32tm /stripchart /computer:<host> /samples:3 /dataonly",
  ),
  "0xC004F015": entry(
    "SL_E_PRODUCT_SKU_NOT_INSTALLED",
    "The licence is not installed; also seen where the host is too old for the client's version.",
    [null, "client-configuration", "host-key"],
    HOST_DLV,
  ),
  "0xC004F056": entry(
    "SL_E_VL_MACHINE_NOT_BOUND",
    "The product has not been activated by KMS. That is a state, not a reason.",
    [null],
    EVENT_12288,
  ),
  "0xC004F069": entry(
    "SL_E_MISMATCHED_PRODUCT_SKU",
    "Key and edition do not belong together.",
    ["client-configuration"],
    CLIENT_DLV,
  ),
  "0xC004F050": entry(
    "SL_E_INVALID_PRODUCT_KEY",
    "The product key is not valid for this version or edition.",
    [null, "client-configuration", "host-key"],
    CLIENT_DLV,
  ),
  "0xC004F014": entry(
    "SL_E_PKEY_NOT_INSTALLED",
    "No product key is installed.",
    ["client-configuration"],
    CLIENT_DLV,
  ),
  "0xC004F009": entry(
    "SL_E_GRACE_TIME_EXPIRED",
    "The grace period is over. That is a state, not a reason.",
    [null],
    EVENT_12288,
  ),
  "0xC004F00F": entry(
    "SL_E_OUT_OF_TOLERANCE",
    "The hardware changed beyond what the licence allows: it has to be activated again.",
    [null],
    CLIENT_DLV,
  ),
  "0xC004F025": entry(
    "SL_E_LUA_ACCESSDENIED",
    "The command needs an elevated prompt.",
    [null],
    "run it again from an elevated prompt",
  ),
  "0xC004F035": entry(
    "SL_E_VL_NOT_WINDOWS_SLP",
    "The firmware carries no marker of a qualifying operating system.",
    [null, "client-configuration"],
    CLIENT_DLV,
  ),
  "0xC004F06B": entry(
    "SL_E_VL_KEY_MANAGEMENT_SERVICE_VM_NOT_SUPPORTED",
    "This release is no KMS host in a virtual machine.",
    ["kms-host"],
    "use another machine as the host",
  ),
  "0xC004F075": entry(
    "SL_E_SERVICE_STOPPING",
    "The licensing service was stopping.",
    [null],
    "start it again: Restart-Service sppsvc",
  ),
  "0xC004F081": entry(
    "SL_E_VL_AD_AO_NOT_FOUND",
    "Active Directory holds no activation object for it; a client goes on to KMS.",
    [null],
    "nothing to do where KMS is meant",
  ),
  "0xC004C008": entry(
    null,
    "The host key has been activated as often as it may.",
    ["host-key"],
    "ask the Microsoft activation centre for more activations",
  ),
  "0xC004C003": entry(null, "Microsoft's activation server says that the key is blocked.", [null], ONLINE),
  "0x4004F00C": entry("SL_I_OOB_GRACE_PERIOD", "In its initial grace period.", [null], "nothing yet"),
  "0x4004F00D": entry(
    "SL_I_OOT_GRACE_PERIOD",
    "In the grace period after a change of hardware or an expired activation.",
    [null],
    EVENT_12288,
  ),
  "0x4004F040": {
    ...entry(
      "SL_E_VL_INFO_PRODUCT_USER_RIGHT",
      "Success: activated, with the reminder to check the product use rights. Usual for Office by KMS.",
      [null],
      "nothing to do",
    ),
    success: true,
  },
  "0x8007007B": entry(
    "ERROR_INVALID_NAME",
    "No SRV record was found, the client has no DNS suffix, or the configured host name is malformed.",
    [null, "client-configuration", "dns", "vpn"],
    SRV,
  ),
  "0x8007232A": entry(
    "DNS_ERROR_RCODE_SERVER_FAILURE",
    "The DNS server failed, could not be reached, or the question was dropped.",
    [null, "connectivity", "dns", "vpn"],
    SRV,
  ),
  "0x8007232B": entry(
    "DNS_ERROR_RCODE_NAME_ERROR",
    "NXDOMAIN: the resolver that was asked has no _vlmcs._tcp under the client's suffix.",
    [null, "client-configuration", "dns", "vpn"],
    SRV,
  ),
  "0x8007251D": entry(
    "DNS_INFO_NO_RECORDS",
    "The name exists, but not with an SRV record.",
    [null, "client-configuration", "dns", "vpn"],
    SRV,
  ),
  "0x8007267C": entry(
    "DNS_ERROR_NO_DNS_SERVERS",
    "The client has no DNS server configured.",
    ["client-configuration"],
    "on the client: Get-DnsClientServerAddress (since Windows 8), or ipconfig /all",
  ),
  "0x80072338": entry(
    "DNS_ERROR_RCODE_BADSIG",
    "The DNS server refused the host's update, most often of a record set that another host made: a matter of the zone's rights, or of how the host signs.",
    [null, "dns", "kms-host"],
    "on the DNS server: who may write _vlmcs._tcp; then restart sppsvc on the host, and read event 12293 or 12294",
  ),
  "0x80092328": entry(
    null,
    'Documented as "DNS name does not exist".',
    [null, "client-configuration", "dns", "vpn"],
    SRV,
  ),
  "0x800706BA": entry(
    "RPC_S_SERVER_UNAVAILABLE",
    "The host could not be reached on its port: filtered, closed, or a record of a host that is gone.",
    [null, "connectivity", "kms-host", "dns", "vpn"],
    PROBE,
  ),
  "0x800706BB": entry(
    "RPC_S_SERVER_TOO_BUSY",
    "The host answered that it is too busy.",
    ["kms-host"],
    "ask again later, and look at the load of the host",
  ),
  "0x800706B5": entry(
    "RPC_S_UNKNOWN_IF",
    "Something answered RPC there and does not know the KMS interface.",
    [null, "connectivity", "kms-host", "client-configuration", "dns"],
    PROBE,
  ),
  "0xC0020017": entry(
    "RPC_NT_SERVER_UNAVAILABLE",
    "The KMS host could not be contacted; a forced tunnel is one documented reason.",
    [null, "connectivity", "kms-host", "dns", "vpn"],
    PROBE,
  ),
  "0x8007139F": entry(
    "ERROR_INVALID_STATE",
    "The licensing service is in a state in which it can't contact a host.",
    [null, "connectivity", "client-configuration", "vpn"],
    "restart it: Restart-Service sppsvc",
  ),
  "0x80070005": entry(
    "ERROR_ACCESS_DENIED",
    "Access was denied; most often the prompt was not elevated.",
    [null],
    "run it again from an elevated prompt",
  ),
  "0x8007000D": entry(
    "ERROR_INVALID_DATA",
    "Data is malformed, or rights in the registry are broken.",
    [null],
    CLIENT_DLV,
  ),
  "0x80070490": entry(
    "ERROR_NOT_FOUND",
    "The key that was entered does not fit.",
    [null, "client-configuration"],
    CLIENT_DLV,
  ),
  "0x80072EE7": entry(null, "An Internet name was not resolved.", [null], ONLINE),
  "0x80072EE2": entry(null, "A connection to the Internet timed out.", [null], ONLINE),
  "0x80072EFE": entry(null, "A connection to the Internet was cut.", [null], ONLINE),
  "0xC004F051": entry("SL_E_BLOCKED_PRODUCT_KEY", "The product key is blocked.", [null], ONLINE),
  "0xC004F02C": entry(
    "SL_E_CIDIID_INVALID_DATA",
    "The confirmation ID from the telephone is wrong.",
    [null],
    ONLINE,
  ),
  "0xC004F064": entry(
    "SL_E_NONGENUINE_GRACE_TIME_EXPIRED",
    "The non-genuine grace period is over.",
    [null],
    CLIENT_DLV,
  ),
  "0xC004F200": entry("SL_E_NOT_GENUINE", "Windows counts as not genuine.", [null], CLIENT_DLV),
  "0xC004F034": entry(
    null,
    "A licence was not found, or is not valid; met as the reason of a notification state on a retail key.",
    [null],
    CLIENT_DLV,
  ),
  "0xC004F017": entry(
    null,
    "The licence is not installed; met with retail grace licences of Office.",
    [null],
    CLIENT_DLV,
  ),
  "0xC004F012": entry(null, "Met in public pastes; nothing is documented of it here.", [null], CLIENT_DLV),
  "0x803F7001": entry(
    null,
    "Neither a key nor a digital licence was found: no matter of KMS.",
    [null],
    CLIENT_DLV,
  ),
  "0x4004F401": info(null, "Information: a digital licence of the store."),
  "0x4004FC04": info(null, "Information: a licence whose validity is bound to time, as subscriptions are."),
  "0x80004005": entry("E_FAIL", "An unspecified failure; met in event 8198.", [null], EVENT_12288),
  "0x8007232D": entry(
    "DNS_ERROR_RCODE_REFUSED",
    "The DNS server refused the question or the update.",
    [null, "dns", "client-configuration", "vpn"],
    SRV,
  ),
  "0x800706D1": entry(
    "RPC_S_PROCNUM_OUT_OF_RANGE",
    "Something answered RPC there and does not know the call: another service, or a device between.",
    [null, "connectivity", "kms-host", "dns"],
    PROBE,
  ),
  "0x800706C0": entry(
    "RPC_S_PROTOCOL_ERROR",
    "The RPC answer was against the protocol: another service, or a device between.",
    [null, "connectivity", "kms-host"],
    PROBE,
  ),
  "0x800706BE": entry(
    "RPC_S_CALL_FAILED",
    "The connection was cut during the call.",
    [null, "connectivity", "kms-host", "vpn"],
    PROBE,
  ),
  "0x800706BF": entry(
    "RPC_S_CALL_FAILED_DNE",
    "The connection was cut before the call was carried out.",
    [null, "connectivity", "kms-host", "vpn"],
    PROBE,
  ),
  "0x800705B4": entry(
    "ERROR_TIMEOUT",
    "A time limit was reached. Not documented for KMS; w32tm prints it, too, and means the clock's host.",
    [null],
    PROBE,
  ),
  "0xC004C001": entry(null, "Microsoft's activation server says that the key is not valid.", [null], ONLINE),
  "0xC004C020": entry(null, "The MAK has been used as often as it may.", [null], ONLINE),
  "0xC004C021": entry(null, "The MAK's extension has been used up.", [null], ONLINE),
  "0xC004B100": entry(null, "The MAK was not accepted.", [null], ONLINE),
  "0x8004FE21": entry(
    null,
    "This computer does not run genuine Windows, or language packs are in the way.",
    [null],
    CLIENT_DLV,
  ),
} as const satisfies Record<string, CodeEntry>;

/** The cause that a code speaks for, though others fit: never for those under which everything ends. */
const LEADS: Readonly<Record<string, CauseName>> = {
  "0xC004F039": "connectivity",
  "0xC004F06C": "clock",
  "0xC004F050": "client-configuration",
  "0xC004F035": "client-configuration",
  "0x8007007B": "dns",
  "0x8007232A": "dns",
  "0x8007232B": "dns",
  "0x8007232D": "dns",
  "0x8007251D": "dns",
  "0x80092328": "dns",
  "0x80072338": "dns",
  "0x800706BA": "connectivity",
  "0x800706BE": "connectivity",
  "0x800706BF": "connectivity",
  "0x800706B5": "kms-host",
  "0x800706D1": "kms-host",
  "0x800706C0": "connectivity",
  "0xC0020017": "connectivity",
  "0x8007139F": "client-configuration",
  "0x80070490": "client-configuration",
};

/** What only a host that was reached says. */
const REACHED = new Set(["0xC004F038", "0xC004F041", "0xC004F042", "0xC004F06C", "0x800706BB"]);

function info(name: string | null, says: string): CodeEntry {
  return { ...entry(name, says, [null], "nothing to do"), success: true };
}

/** @param causes what the code proves, then what else it fits */
function entry(
  name: string | null,
  says: string,
  [proves, ...fits]: readonly [CauseName | null, ...CauseName[]],
  next: string,
): CodeEntry {
  return { name, says, proves, fits, leads: null, reached: false, next };
}

const TABLE: ReadonlyMap<string, CodeEntry> = new Map(
  Object.entries<CodeEntry>(CODES).map(([code, each]) => [
    code,
    { ...each, leads: LEADS[code] ?? null, reached: REACHED.has(code) },
  ]),
);

/** @param code as `hresultOf` writes it */
export function codeEntry(code: string): CodeEntry | undefined {
  return TABLE.get(code);
}

export function knownCodes(): readonly (readonly [string, CodeEntry])[] {
  return [...TABLE];
}

/** Met in public text, and in no list of Microsoft's. */
const IN_PASTES = new Set([
  "0xC004F034",
  "0xC004F017",
  "0xC004F012",
  "0x803F7001",
  "0x4004F401",
  "0x80004005",
]);

/** Where a row of the table was read, and when. */
export function sourceOf(code: string): string {
  if (IN_PASTES.has(code)) return "public pastes, 2026-11-27";
  const header = code.startsWith("0xC004") || code.startsWith("0x4004") ? "slerror.h" : "winerror.h";
  return `${header}; Microsoft, "Resolving common activation error codes", 2026-11-27`;
}
