/** What a DNS server's answer about `_vlmcs._tcp` proves, whichever tool asked. */
import { claim } from "../claims.ts";
import { step } from "../found.ts";
import type { Claim, Found } from "../found.ts";
import type { Facts, PastedSrv } from "../model.ts";
import * as value from "../values.ts";

/** @param srv the records that were given; without any, `facts.rcode` says how it was refused */
export function concludeDns(
  facts: Facts,
  srv: readonly PastedSrv[],
): Omit<Found, "kind" | "side" | "language" | "from" | "to"> {
  const [first] = srv;
  if (first !== undefined) {
    const zones = srv.map(({ name }) => name.replace(/^_vlmcs\._tcp\.?/i, "")).filter((zone) => zone !== "");
    const all: Facts = {
      ...facts,
      srv: [...srv],
      kmsHost: first.target,
      // A record of port 0 offers nothing.
      ...(value.isPort(first.port) ? { kmsPort: first.port } : {}),
      hostFrom: "dns",
      suffixes: [...new Set(zones)],
    };
    const bare = zones.length === 0;
    return {
      facts: all,
      cause: bare ? null : "none",
      says: bare
        ? "A record is published under the bare name, without a suffix: clients never ask for that."
        : `${srv.length === 1 ? "A record is" : `${srv.length} records are`} published: ${srv
            .map(({ target, port }) => `${target}:${port}`)
            .slice(0, 4)
            .join(", ")}.`,
      doesNotTell:
        "Whether the client asks this server under this suffix, whether the target resolves, and whether anything listens there.",
      next: [
        step(
          "client",
          "Resolve the target, then try its port",
          `Test-NetConnection ${value.hostName(first.target) ?? "<kms host>"} -Port ${first.port}`,
        ),
      ],
      claims: bare
        ? [
            claim(
              "dns",
              "possible",
              "The record stands under the bare name _vlmcs._tcp, which clients never ask for",
              "srv",
            ),
          ]
        : [claim("dns", "ruled-out", `A DNS server lists ${first.target}`, "srv")],
    };
  }
  const evidence = `A DNS server answered ${facts.rcode ?? "nothing"} to ${facts.question ?? "_vlmcs._tcp"}`;
  const claims: Claim[] = [
    claim("dns", "possible", evidence, "rcode"),
    claim("client-configuration", "fits", evidence, "rcode"),
    claim("vpn", "fits", evidence, "rcode"),
  ];
  return {
    facts,
    cause: null,
    says: `${evidence}.`,
    doesNotTell: "Whether the client asks the same server, and under which suffix.",
    next: [
      step(
        "client",
        "Ask as the client does, for each suffix that ipconfig /all lists",
        "Resolve-DnsName -Type SRV _vlmcs._tcp.<suffix>",
      ),
    ],
    claims,
  };
}
