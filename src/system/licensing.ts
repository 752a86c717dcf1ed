/** What Windows itself says of its activation: read, never changed, and nothing is sent. */

/** A command that only reads; `name` is how a person would type it. */
export type Reading = { readonly name: string; readonly program: string; readonly args: readonly string[] };

const KEY = "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SoftwareProtectionPlatform";
const OFFICE_KEY = "HKLM\\SOFTWARE\\Microsoft\\OfficeSoftwareProtectionPlatform";

/** Properties have the same names in every language of Windows. */
const PRODUCT =
  "Name,Description,ID,ApplicationID,PartialProductKey,LicenseStatus,LicenseStatusReason,GracePeriodRemaining,KeyManagementServiceMachine,KeyManagementServicePort,KeyManagementServiceLookupDomain,DiscoveredKeyManagementServiceMachineName,DiscoveredKeyManagementServiceMachinePort,DiscoveredKeyManagementServiceMachineIpAddress";
const SERVICE =
  "IsKeyManagementServiceMachine,KeyManagementServiceCurrentCount,RequiredClientCount,KeyManagementServiceListeningPort,KeyManagementServiceDnsPublishing,KeyManagementServiceTotalRequests,KeyManagementServiceFailedRequests,ClientMachineID";

const CLIENT_EVENTS =
  "@{LogName='Application';ProviderName='Microsoft-Windows-Security-SPP';Id=12288,12289,12308,8198,8233}";
const HOST_EVENTS = "@{LogName='Key Management Service';Id=12290,12291,12293,12294}";

export const READINGS: readonly Reading[] = [
  reg(KEY),
  reg(OFFICE_KEY),
  powershell(
    `Get-CimInstance SoftwareLicensingProduct -Filter 'PartialProductKey IS NOT NULL' | Select-Object ${PRODUCT} | Format-List`,
  ),
  powershell(`Get-CimInstance SoftwareLicensingService | Select-Object ${SERVICE} | Format-List`),
  powershell(events(CLIENT_EVENTS)),
  powershell(events(HOST_EVENTS)),
  { name: "sc query sppsvc", program: "sc", args: ["query", "sppsvc"] },
  { name: "ipconfig /all", program: "ipconfig", args: ["/all"] },
];

function reg(key: string): Reading {
  return { name: `reg query "${key}"`, program: "reg", args: ["query", key] };
}

function events(filter: string): string {
  return `Get-WinEvent -FilterHashtable ${filter} -MaxEvents 10 | Format-List TimeCreated, Id, Message`;
}

/** Wide enough that no line is broken, and in UTF-8 whatever the console's code page. */
function powershell(line: string): Reading {
  const whole = `[Console]::OutputEncoding = [Text.Encoding]::UTF8; ${line} | Out-String -Width 4000`;
  return { name: line, program: "powershell", args: ["-NoProfile", "-NonInteractive", "-Command", whole] };
}

const TIMEOUT_MS = 30_000;
const MOST_BYTES = 4 << 20;

/** What it prints, whatever it ends with: `reg` ends with 1 where a key is not there. Empty where it can't be run. */
export async function outputOf({ program, args }: Reading, signal: AbortSignal): Promise<Uint8Array> {
  const { execFile } = await import("node:child_process");
  return await new Promise((resolve) => {
    execFile(
      program,
      args,
      { encoding: "buffer", timeout: TIMEOUT_MS, maxBuffer: MOST_BYTES, windowsHide: true, signal },
      (_, stdout) => resolve(stdout),
    );
  });
}
