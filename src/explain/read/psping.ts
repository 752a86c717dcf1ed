/** psping of Sysinternals with a port: whether something takes it. */
import type { Recogniser } from "../found.ts";
import type { Facts } from "../model.ts";
import * as value from "../values.ts";
import { triedPort } from "./port-says.ts";

const PSPING = /^TCP connect to ([0-9a-z_.-]{1,253}|\[[0-9a-f:]{2,45}\]):(\d{1,5}):$/i;
const PSPING_MADE = /^Connecting to \S{1,300}(?: \(warmup\))?: from \S{1,100}: \d{1,9}\.\d{1,4} ?ms/i;
const PSPING_NOT =
  /refused the network connection|timeout period expired|timed out|not reachable|unreachable/i;

export const psping: Recogniser = (lines, at) => {
  const [, name = "", port] = PSPING.exec(lines[at]?.text ?? "") ?? [];
  if (name === "" || !value.isPort(Number(port))) return null;
  const facts: Facts = { errorCodes: [], kmsPort: Number(port) };
  const ip = value.ipAddress(name.replace(/[[\]]/g, ""));
  const host = ip === null ? value.hostName(name) : null;
  if (ip !== null) facts.kmsIp = ip;
  if (host !== null) facts.kmsHost = host;
  let to = at;
  for (let index = at + 1; index < Math.min(lines.length, at + 14); index++) {
    const text = lines[index]?.text ?? "";
    const made = PSPING_MADE.test(text);
    if (!made && !PSPING_NOT.test(text)) continue;
    // One connection that was made shows that the port takes some.
    if (facts.tcpSucceeded !== true) facts.tcpSucceeded = made;
    to = index + 1;
  }
  return to === at ? null : triedPort("psping", facts, { from: at, to });
};
