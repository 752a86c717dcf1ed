/** telnet: whether something takes the port, in the words of whichever system. */
import type { Line } from "../clean.ts";
import type { Found, Recogniser } from "../found.ts";
import type { Facts } from "../model.ts";
import * as value from "../values.ts";
import { concludePort, triedPort } from "./port-says.ts";

export const telnet: Recogniser = (lines, at) => windows(lines, at) ?? other(lines, at);

/** `Connecting To kms1...Could not open connection to the host, on port 1688: Connect failed`, in any language. */
function windows(lines: readonly Line[], at: number): Found | null {
  const line = lines[at];
  if (line === undefined || !line.text.includes("...")) return null;
  let glued = line.text;
  let text = line.text;
  let to = at + 1;
  for (; to < Math.min(lines.length, at + 3) && !/\d{1,5} ?:/.test(text.slice(text.indexOf("..."))); to++) {
    text += ` ${lines[to]?.text ?? ""}`;
    glued += lines[to]?.text ?? "";
  }
  const found = attempt(text) ?? attempt(glued);
  if (found === null) return null;
  const facts: Facts = { errorCodes: [], kmsHost: found.host, tcpSucceeded: false };
  // A port that a line's end has torn has two readings, and none is believed.
  if ((attempt(glued) ?? found).port === found.port) facts.kmsPort = found.port;
  const language = /Could not open connection/i.test(text)
    ? "en"
    : /keine Verbindung/i.test(text)
      ? "de"
      : null;
  return { kind: "telnet", side: "client", language, facts, ...concludePort(facts), from: at, to };
}

function attempt(text: string): { host: string; port: number } | null {
  const [, name, port] =
    /^[^.]{2,40} (\S{1,253}?) ?\.\.\. ?[^.:]{5,160}? (\d{1,5}) ?: ?\p{L}/u.exec(text.slice(0, 600)) ?? [];
  const host = name === undefined ? null : (value.hostName(name) ?? value.ipAddress(name));
  return host === null || !value.isPort(Number(port)) ? null : { host, port: Number(port) };
}

const TRYING = /^Trying ([0-9a-f:.]{2,45})\.\.\.$/i;
const MADE = /^Connected to (\S{1,253}?)\.?$/i;
const NOT_MADE = /^telnet: .{0,80}(?:refused|timed out|unreachable|No route)/i;

/** Of other systems: the address, then how it went. The port stands in the command alone. */
function other(lines: readonly Line[], at: number): Found | null {
  const [, address = ""] = TRYING.exec(lines[at]?.text ?? "") ?? [];
  const ip = value.ipAddress(address);
  if (ip === null) return null;
  const [, port] = /\btelnet \S{1,253} (\d{1,5})$/.exec(lines[at - 1]?.text ?? "") ?? [];
  const facts: Facts = { errorCodes: [], kmsIp: ip };
  if (value.isPort(Number(port))) facts.kmsPort = Number(port);
  for (let index = at + 1; index < Math.min(lines.length, at + 4); index++) {
    const text = lines[index]?.text ?? "";
    const [, name = ""] = MADE.exec(text) ?? [];
    const failed = NOT_MADE.test(text);
    if (name === "" && !failed) continue;
    facts.tcpSucceeded = !failed;
    const host = value.hostName(name);
    if (host !== null && value.ipAddress(host) === null) facts.kmsHost = host;
    return triedPort("telnet", facts, { from: at, to: index + 1 });
  }
  return null;
}
