/** For each cause the command that settles it, as a line to type and as the cmdlet that replaces it. */
import { step } from "./found.ts";
import type { CauseName } from "./found.ts";
import type { Step } from "../model/verdict.ts";

const STEPS: Readonly<Record<CauseName, Step>> = {
  connectivity: step(
    "client",
    "Try the port from the client's own subnet (from Windows 8 on; before that, telnet)",
    "Test-NetConnection <kms host> -Port 1688",
  ),
  "kms-host": step(
    "kms-host",
    'See whether KMS is "enabled on this machine" and licensed, and whether its service runs',
    "cscript //nologo slmgr.vbs /dlv & sc query sppsvc",
  ),
  "client-configuration": step(
    "client",
    "Read the channel, a fixed host and a cached one (from Windows 8 or PowerShell 3 on: Get-CimInstance SoftwareLicensingProduct)",
    "cscript //nologo slmgr.vbs /dlv",
  ),
  "activation-threshold": step(
    "kms-host",
    "Read the current count: 25 for Windows clients, 5 for servers and for Office (from Windows 8 or PowerShell 3 on: Get-CimInstance SoftwareLicensingService)",
    "cscript //nologo slmgr.vbs /dli",
  ),
  clock: step(
    "client",
    "Compare the client's clock with the host's: the host refuses beyond four hours",
    "w32tm /stripchart /computer:<kms host> /samples:3 /dataonly",
  ),
  dns: step(
    "client",
    "Ask for the record under each suffix that ipconfig /all lists (from Windows 8 on; before that, nslookup -type=srv)",
    "Resolve-DnsName -Type SRV _vlmcs._tcp.<suffix>",
  ),
  "host-key": step(
    "kms-host",
    "See which products the host's keys know; 0xC004F042 in event 12290 says that they don't know the client's",
    "cscript //nologo slmgr.vbs /dlv all",
  ),
  vpn: step(
    "client",
    "With the tunnel up and down, see which way it takes, and whom it asks for names (from Windows 8 on)",
    "Find-NetRoute -RemoteIPAddress <address>; Get-DnsClientNrptPolicy",
  ),
};

/** The one step that tells whether this cause is the one. */
export function settles(cause: CauseName): Step {
  return STEPS[cause];
}
