/** The words for an endpoint, a domain and a run as wholes. */
import type { VerdictCode } from "../../model/verdict.ts";
import { DEFAULTS } from "./entry.ts";
import type { Entry } from "./entry.ts";
import { LOOK_UP } from "./steps.ts";

export const wholeCatalog = {
  "endpoint-partly-serves": {
    ...DEFAULTS,
    layer: "endpoint",
    severity: "degraded",
    certainty: "certain",
    title: "serves, not at every address",
    observed: "{host} port {port} serves at some of its addresses: {detail}.",
    causes: [
      { text: "the service listens on {servingFamily} only", only: ["serves-by-other-family"] },
      { text: "the path treats IPv4 and IPv6 differently", only: ["serves-by-other-family"] },
      { text: "the service listens on some of its addresses only", only: ["serves-beside"] },
      { text: "an address in DNS is old, or another machine's" },
    ],
    next: [
      {
        where: "dns",
        text: "See the verdict of the address that doesn't serve: a client may take it first, and the service is to listen on each address in DNS",
        command: LOOK_UP,
      },
    ],
  },
  "domain-partly-serves": {
    ...DEFAULTS,
    layer: "domain",
    severity: "degraded",
    certainty: "certain",
    title: "some listed hosts serve",
    observed: "{detail}",
    causes: [],
    next: [],
  },
  "run-partly-serves": {
    ...DEFAULTS,
    layer: "run",
    severity: "degraded",
    certainty: "certain",
    title: "some hosts serve",
    observed: "{detail}",
    causes: [],
    next: [],
  },
  "run-cut-short": {
    ...DEFAULTS,
    layer: "run",
    severity: "inconclusive",
    certainty: "certain",
    title: "not finished",
    observed: "Not finished: {detail}.",
    causes: [
      { text: "the run was interrupted (Ctrl-C, or a signal)", only: ["interrupted"] },
      { text: "the deadline for one address passed", only: ["deadline-passed"] },
      {
        text: "the run was interrupted, or the deadline for one address passed",
        unless: ["interrupted", "deadline-passed"],
      },
    ],
    next: [
      { where: "here", text: "Run it again", command: "kmsprobe check {target}", only: ["interrupted"] },
      {
        where: "here",
        unless: ["interrupted"],
        text: "Run it again, with a later deadline where it was cut",
        command: "kmsprobe check {target} --deadline 2m",
      },
    ],
    ours: true,
  },
} as const satisfies Record<
  Extract<VerdictCode, `endpoint-${string}` | `domain-${string}` | `run-${string}`>,
  Entry
>;
