import type { Cause } from "../../model/causes.ts";
import type { Step } from "../../model/verdict.ts";
import { ipFamily } from "../../protocol/ip.ts";
import { isHostName } from "../../protocol/name.ts";
import { fill } from "../words.ts";

/** What to fill in. Names come from the network: what is unfit for a command line is left for the reader to put in. */
export type About = { host?: string; port?: number; domain?: string };

/** For each cause, the command that settles it, and where to run it. */
const STEPS = {
  connectivity: {
    where: "client",
    text: "Try the port from a client's own subnet: its firewall and its path may differ from those seen here",
    command: "Test-NetConnection {host} -Port {port}",
  },
  "kms-host": {
    where: "kms-host",
    text: 'See whether the service (Software Protection) listens; then, with slmgr.vbs /dlv, whether KMS is "enabled on this machine" and licensed',
    command: "netstat -ano | findstr :{port}",
  },
  "client-configuration": {
    where: "client",
    text: "Read the channel (VOLUME_KMSCLIENT), a fixed host and a cached one; slmgr.vbs /ckms goes back to DNS",
    command: "slmgr.vbs /dlv",
  },
  "activation-threshold": {
    where: "kms-host",
    text: 'Read "Current count": 25 for Windows clients, 5 for servers and for Office. Events 12289 on clients and 12290 on the host have it, too',
    command: "slmgr.vbs /dlv",
  },
  clock: {
    where: "client",
    text: "Compare the client's own clock with the host's: the host refuses beyond four hours (0xC004F06C in event 12288)",
    command: "w32tm /stripchart /computer:{host} /samples:3 /dataonly",
  },
  dns: {
    where: "client",
    text: "See what the client gets, and with ipconfig /all under which suffixes it asks; nslookup doesn't ask as the client does",
    command: "Resolve-DnsName -Type SRV _vlmcs._tcp.{domain}",
  },
  "host-key": {
    where: "kms-host",
    text: "See whether the host key is licensed and knows the clients' products; 0xC004F042 in event 12290 says that it doesn't",
    command: "slmgr.vbs /dlv all",
  },
  vpn: {
    where: "client",
    text: "On the client, with the tunnel up and down, see which way it takes; Get-DnsClientNrptPolicy tells whom it asks for names",
    command: "Find-NetRoute -RemoteIPAddress {address}",
  },
} as const satisfies Record<Cause["cause"], Step>;

export function stepFor(cause: Cause["cause"], about: About = {}): Step {
  const { host = "", port = 1688, domain = "" } = about;
  const isAddress = ipFamily(host) !== 0 && /^[0-9a-f.:]+$/i.test(host);
  const { where, text, command } = STEPS[cause];
  const values = {
    host: isAddress || isHostName(host) ? host : "<kms host>",
    address: isAddress ? host : "<address>",
    port: String(port),
    domain: isHostName(domain) ? domain : "<suffix>",
  };
  return { where, text, command: fill(command, values) };
}
