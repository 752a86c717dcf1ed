/** netstat of a host: whether something listens on TCP 1688. */
import { claim } from "../claims.ts";
import { step } from "../found.ts";
import type { Recogniser } from "../found.ts";

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
