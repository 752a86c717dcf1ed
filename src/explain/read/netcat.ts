/** `nc -vz`, of OpenBSD and of ncat's kin: whether something takes the port. */
import type { Recogniser } from "../found.ts";
import type { Facts } from "../model.ts";
import * as value from "../values.ts";
import { triedPort } from "./port-says.ts";

const NETCAT =
  /^(?:nc: connect to|Connection to) (\S{1,253}) (?:\([0-9a-f.:]{2,45}\) )?(?:port )?(\d{1,5}) (?:port )?[([].{0,40}[)\]] (succeeded|failed)/i;

export const netcat: Recogniser = (lines, at) => {
  const [, name = "", port, how = ""] = NETCAT.exec(lines[at]?.text ?? "") ?? [];
  const host = value.hostName(name) ?? value.ipAddress(name);
  if (host === null || !value.isPort(Number(port))) return null;
  const facts: Facts = {
    errorCodes: [],
    kmsHost: host,
    kmsPort: Number(port),
    tcpSucceeded: /^succeeded$/i.test(how),
  };
  return triedPort("telnet", facts, { from: at, to: at + 1 });
};
