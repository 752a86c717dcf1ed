/** Test-NetConnection, telnet and netstat: whether something takes the port. */
import { claim } from "../claims.ts";
import type { Line } from "../clean.ts";
import { step } from "../found.ts";
import type { Found, Recogniser } from "../found.ts";
import type { Facts } from "../model.ts";
import * as value from "../values.ts";

const PROPERTY =
  /^(ComputerName|RemoteAddress|RemotePort|InterfaceAlias|SourceAddress|PingSucceeded|PingReplyDetails \(RTT\)|TcpTestSucceeded|NameResolutionResults)\s{0,40}: ?(.{0,260})$/;
const WARNING = /^WARNING: TCP connect to (?:\()?([0-9a-z_.:%-]{1,253}?) ?: ?(\d{1,5})\)? failed/i;

export const testNetConnection: Recogniser = (lines, at) => {
  const first = lines[at]?.text ?? "";
  if (!PROPERTY.test(first) && !WARNING.test(first)) return null;
  const facts: Facts = { errorCodes: [] };
  const seen = new Set<string>();
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
    } else {
      gap += 1;
      if (text !== "" && seen.size > 1) break;
      continue;
    }
    gap = 0;
    to = index + 1;
  }
  return {
    kind: "test-netconnection",
    side: "client",
    language: "en",
    facts,
    ...conclude(facts),
    from: at,
    to,
  };
};

function takeProperty(name: string, text: string, { cut }: Line, facts: Facts): void {
  if (cut && name !== "TcpTestSucceeded" && name !== "PingSucceeded") return;
  const yes = text === "True" ? true : text === "False" ? false : undefined;
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

/** `Connecting To kms1...Could not open connection to the host, on port 1688: Connect failed`, in any language. */
export const telnet: Recogniser = (lines, at) => {
  const line = lines[at];
  if (line === undefined || !line.text.includes("...")) return null;
  let text = line.text;
  let to = at + 1;
  for (; to < Math.min(lines.length, at + 3) && !/\d{1,5} ?:/.test(text.slice(text.indexOf("..."))); to++)
    text += ` ${lines[to]?.text ?? ""}`;
  const [, host, port] =
    /^[^.]{2,40} (\S{1,253}?) ?\.\.\. ?[^.:]{5,160}? (\d{1,5}) ?: ?\p{L}/u.exec(text.slice(0, 600)) ?? [];
  const name = host === undefined ? null : (value.hostName(host) ?? value.ipAddress(host));
  if (name === null || !(Number(port) >= 1 && Number(port) <= 65_535)) return null;
  const facts: Facts = { errorCodes: [], kmsHost: name, kmsPort: Number(port), tcpSucceeded: false };
  const language = /Could not open connection/i.test(text)
    ? "en"
    : /keine Verbindung/i.test(text)
      ? "de"
      : null;
  return { kind: "telnet", side: "client", language, facts, ...conclude(facts), from: at, to };
};

const ROW =
  /^TCP\s{1,20}(\S{1,60}):(\d{1,5})\s{1,20}(\S{1,60}:\S{1,6})\s{1,20}(\S{3,20})(?:\s{1,20}(\d{1,7}))?$/i;

/** Whatever the word for LISTENING: nobody is at the other end. */
export const netstat: Recogniser = (lines, at) => {
  // Looked at once from its first row: each row of a listing without the port would be read to its end.
  if (ROW.test(lines[at - 1]?.text ?? "")) return null;
  const found = [];
  let to = at;
  for (let index = at; index < lines.length; index++) {
    const row = ROW.exec(lines[index]?.text ?? "");
    if (row === null) break;
    to = index + 1;
    if (/^(?:0\.0\.0\.0|\[::\]):0$/.test(row[3] ?? "")) found.push(Number(row[2]));
  }
  const port = found.find((each) => each === 1688);
  if (port === undefined) return null;
  return {
    kind: "netstat",
    side: "host",
    language: null,
    facts: { errorCodes: [], listening: true, listeningPort: port },
    cause: "none",
    says: "Something listens on TCP 1688 on this machine.",
    doesNotTell:
      "Whether it is the licensing service (its process number tells), and whether the firewall lets clients in.",
    next: [
      step(
        "kms-host",
        "See whose port it is, and which rule lets clients in",
        "Get-NetFirewallPortFilter | Where-Object LocalPort -eq 1688 | Get-NetFirewallRule",
      ),
    ],
    claims: [claim("kms-host", "ruled-out", "Something listens on TCP 1688 on the host", "listening")],
    from: at,
    to,
  };
};

function conclude({
  tcpSucceeded,
  pingSucceeded,
  kmsHost,
  kmsIp,
  kmsPort,
}: Facts): Pick<Found, "cause" | "says" | "doesNotTell" | "next" | "claims"> {
  const where = `${kmsHost ?? kmsIp ?? "the host"}, TCP ${kmsPort ?? "port unknown"}`;
  if (tcpSucceeded === true)
    return {
      cause: "none",
      says: `The port takes connections: ${where}.`,
      doesNotTell: "Whether KMS answers there: a proxy or another service takes connections, too.",
      next: [
        step(
          "client",
          "Bind the KMS interface, which this does not",
          `kmsprobe check ${kmsHost ?? "<kms host>"}${kmsPort === undefined || kmsPort === 1688 ? "" : `:${kmsPort}`}`,
        ),
      ],
      claims: [claim("connectivity", "ruled-out", `A connection was taken: ${where}`, "tcpSucceeded")],
    };
  if (tcpSucceeded === undefined)
    return {
      cause: "unknown",
      says: "A test of a connection, without its result.",
      doesNotTell: "Whether the port took the connection.",
      next: [],
      claims: [],
    };
  const evidence = `No connection to ${where}`;
  return {
    cause: null,
    says: `${pingSucceeded === true ? "The machine answers ping, but nothing" : "Nothing"} accepts ${where}: filtered on the way or on the host, or the service does not listen there.`,
    doesNotTell: "Which of these it is: silence and a refusal look alike here.",
    next: [
      step("kms-host", "See whether the service runs and listens", "netstat -ano | findstr :1688"),
      step(
        "firewall",
        "The rule Key Management Service (TCP-In) is off until somebody switches it on",
        "Get-NetFirewallPortFilter | Where-Object LocalPort -eq 1688 | Get-NetFirewallRule",
      ),
    ],
    claims: [
      claim("connectivity", "possible", evidence, "tcpSucceeded"),
      claim("kms-host", "fits", evidence, "tcpSucceeded"),
    ],
  };
}
