/** The words for what becomes of a listed host's name. */
import type { VerdictCode } from "../../model/verdict.ts";
import { DEFAULTS } from "./entry.ts";
import type { Entry } from "./entry.ts";

export const addressCatalog = {
  "address-none": {
    ...DEFAULTS,
    layer: "address",
    severity: "failed",
    certainty: "certain",
    title: "host has no address",
    observed: "{host} has no address: {detail}.",
    causes: [
      {
        text: "the host was retired and its SRV record stayed behind (dangling)",
        unless: ["named-elsewhere"],
      },
      { text: "its A or AAAA record is missing, or in another zone", unless: ["named-elsewhere"] },
      {
        text: "the name is misspelt in the record, or the zone name is doubled",
        unless: ["named-elsewhere"],
      },
      {
        text: "split DNS: what this source is told lacks the host's address, or hides it",
        only: ["named-elsewhere"],
      },
    ],
    next: [
      {
        where: "dns",
        text: "Remove the SRV record of a retired host; add the address of a living one",
        command: "dig {host} A; dig {host} AAAA",
        unless: ["named-elsewhere"],
      },
      {
        where: "dns",
        text: "Another source is told an address: see what the resolver of this one says, and bring the zones in line",
        command: "dig {host} A; dig {host} AAAA",
        only: ["named-elsewhere"],
      },
      { where: "client", text: "See what a client gets", command: "Resolve-DnsName {host}" },
    ],
    clientError: "0x800706BA",
  },
  "address-lookup-failed": {
    ...DEFAULTS,
    layer: "address",
    severity: "inconclusive",
    certainty: "ambiguous",
    title: "address lookup failed",
    observed: "The address of {host} could not be had: {detail}.",
    causes: [
      { text: "the resolver doesn't answer for that zone" },
      { text: "the zone's own servers can't be reached" },
      { text: "no resolver is known here" },
    ],
    next: [{ where: "here", text: "Ask by hand", command: "dig {host} A" }],
    clientError: "0x800706BA",
  },
  "address-invalid-target": {
    ...DEFAULTS,
    layer: "address",
    severity: "failed",
    certainty: "likely",
    title: "SRV target is no host name",
    observed: "The SRV record's target is no host name.",
    causes: [
      { text: "an IP address was entered as the target: RFC 2782 wants a name with address records" },
      { text: "a typing mistake in the record" },
    ],
    next: [{ where: "dns", text: "Put the host's fully qualified name into the record" }],
    clientError: "0x800706BA",
  },
} as const satisfies Record<Extract<VerdictCode, `address-${string}`>, Entry>;
