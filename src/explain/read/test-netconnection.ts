/** Test-NetConnection, and Test-Connection with a port: whether something takes it. */
import { claim } from "../claims.ts";
import type { Line } from "../clean.ts";
import { step } from "../found.ts";
import type { Found, Recogniser, Said } from "../found.ts";
import type { Facts } from "../model.ts";
import * as value from "../values.ts";
import { concludePort } from "./port-says.ts";

const PROPERTY =
  /^(ComputerName|RemoteAddress|RemotePort|InterfaceAlias|SourceAddress|PingSucceeded|PingReplyDetails \(RTT\)|TcpTestSucceeded|NameResolutionResults|NameResolutionSucceeded|MatchingIPsecRules|NetworkIsolationContext|NetRoute \(NextHop\)|IsAdmin)\s{0,40}: ?(.{0,260})$/;
const WARNING = /^\p{L}{2,16} ?: TCP connect to (?:\()?([0-9a-z_.:%-]{1,253}?) ?: ?(\d{1,5})\)? failed/iu;
const UNRESOLVED = /^\p{L}{2,16} ?: Name resolution of (\S{1,253}) failed/iu;
/** The question in one line, and True or False in the next. */
const QUIET =
  /\b(?:Test-NetConnection|tnc|Test-Connection)\s(?=.{0,160}?-(?:Tcp)?Port:? {1,3}(\d{1,5})\b).{0,100}?(?:-(?:ComputerName|TargetName) {1,3})?(?<![-\w.])([a-z0-9][a-z0-9_.-]{0,252})(?=\s|$)/i;

export const testNetConnection: Recogniser = (lines, at) => {
  const first = lines[at]?.text ?? "";
  if (!PROPERTY.test(first) && !WARNING.test(first) && !UNRESOLVED.test(first)) return quiet(lines, at);
  const facts: Facts = { errorCodes: [] };
  const seen = new Set<string>();
  let unresolved = false;
  const language: string | null = first.startsWith("WARNING") || PROPERTY.test(first) ? "en" : null;
  let to = at;
  for (let index = at, gap = 0; index < lines.length && gap < 4; index++) {
    const line = lines[index];
    const text = line?.text ?? "";
    const [, name, held = ""] = PROPERTY.exec(text) ?? [];
    const warning = WARNING.exec(text);
    if (name !== undefined && line !== undefined) {
      if (seen.has(name)) break;
      seen.add(name);
      takeProperty(name, held, line, facts);
    } else if (warning !== null && seen.size === 0) {
      facts.tcpSucceeded = false;
      if (value.isPort(Number(warning[2]))) facts.kmsPort = Number(warning[2]);
      const address = value.ipAddress(warning[1] ?? "");
      if (address !== null) facts.kmsIp = address;
    } else if (UNRESOLVED.test(text) && seen.size === 0) unresolved = true;
    else {
      gap += 1;
      if (text !== "" && seen.size > 1) break;
      continue;
    }
    gap = 0;
    to = index + 1;
  }
  // A name alone stands in many objects.
  if (seen.size === 1 && seen.has("ComputerName") && !unresolved && facts.tcpSucceeded === undefined)
    return null;
  return {
    kind: "test-netconnection",
    side: "client",
    language,
    facts,
    ...(unresolved && facts.tcpSucceeded === undefined ? noAddress(facts) : concludePort(facts)),
    from: at,
    to,
  };
};

/** `-InformationLevel Quiet`, and `Test-Connection -TcpPort`. */
function quiet(lines: readonly Line[], at: number): Found | null {
  const text = lines[at]?.text ?? "";
  if (text.length > 400) return null;
  const [, port, name = ""] = QUIET.exec(text) ?? [];
  const next = lines[at + 1]?.text === "" ? at + 2 : at + 1;
  const [answer] = /^(?:True|False)$/.exec(lines[next]?.text ?? "") ?? [];
  const host = value.hostName(name) ?? value.ipAddress(name);
  if (answer === undefined || host === null || !value.isPort(Number(port))) return null;
  const facts: Facts = {
    errorCodes: [],
    kmsHost: host,
    kmsPort: Number(port),
    tcpSucceeded: answer === "True",
  };
  return {
    kind: "test-netconnection",
    side: "client",
    language: "en",
    facts,
    ...concludePort(facts),
    from: at,
    to: next + 1,
  };
}

function noAddress({ kmsHost }: Facts): Said {
  const evidence = `${kmsHost ?? "The host"} has no address here`;
  return {
    cause: null,
    says: `${evidence}: its port was never tried.`,
    doesNotTell: "Whether the name is wrong, or this machine asks the wrong DNS server.",
    next: [step("client", "Ask for its address", `Resolve-DnsName ${kmsHost ?? "<kms host>"}`)],
    claims: [claim("dns", "possible", evidence, kmsHost === undefined ? null : "kmsHost")],
  };
}

function takeProperty(name: string, text: string, { cut }: Line, facts: Facts): void {
  if (cut && name !== "TcpTestSucceeded" && name !== "PingSucceeded") return;
  const yes = /^true$/i.test(text) ? true : /^false$/i.test(text) ? false : undefined;
  switch (name) {
    case "ComputerName":
      facts.kmsHost = value.hostName(text) ?? value.ipAddress(text) ?? facts.kmsHost;
      break;
    case "RemoteAddress":
      facts.kmsIp = value.ipAddress(text) ?? facts.kmsIp;
      break;
    case "RemotePort":
      if (/^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535) facts.kmsPort = Number(text);
      break;
    case "InterfaceAlias":
      if (text !== "") facts.interfaceAlias = text;
      break;
    case "SourceAddress":
      facts.sourceAddress = value.ipAddress(text) ?? facts.sourceAddress;
      break;
    case "PingSucceeded":
      if (yes !== undefined) facts.pingSucceeded = yes;
      break;
    case "TcpTestSucceeded":
      if (yes !== undefined) facts.tcpSucceeded = yes;
      break;
    default:
  }
  for (const key of ["kmsHost", "kmsIp", "sourceAddress"] as const)
    if (facts[key] === undefined) delete facts[key];
}
