/** What a connection that was tried proves, whichever tool tried it. */
import { claim } from "../claims.ts";
import { step } from "../found.ts";
import type { Found, Said } from "../found.ts";
import type { Facts, Kind } from "../model.ts";

export function concludePort({ tcpSucceeded, pingSucceeded, kmsHost, kmsIp, kmsPort }: Facts): Said {
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

/** A piece in English, from a client, that is about one connection. */
export function triedPort(kind: Kind, facts: Facts, { from, to }: { from: number; to: number }): Found {
  return { kind, side: "client", language: "en", facts, ...concludePort(facts), from, to };
}
