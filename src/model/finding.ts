/** What stands beside a verdict. */
import { z } from "zod";

/** Findings stand beside a verdict and do not decide it. */
export const findingCodes = [
  "run-configuration-unread",
  "srv-resolvers-disagree",
  "srv-alias-target",
  "srv-resolver-failed",
  "srv-answers-ignored",
  "srv-records-dropped",
  "srv-edns-refused",
  "srv-published-elsewhere",
  "srv-unfinished",
  "address-glue-differs",
  "address-resolvers-disagree",
  "address-dropped",
  "address-special",
  "address-by-wildcard",
  "address-synthesised",
  "address-unicode-name",
  "rpc-reads-rpc",
  "rpc-accepts-anything",
  "rpc-control-unanswered",
  "rpc-other-port",
  "tcp-answers-every-port",
  "tcp-taken-here",
  "tcp-user-mode-gateway",
  "ladder-passes",
  "ladder-refuses-syntaxes",
  "ladder-filters-interface",
  "ladder-no-reassembly",
  "ladder-nothing-passes",
  "trace-reached",
  "trace-ends",
  "trace-unavailable",
  "lint-dangling-target",
  "lint-literal-target",
  "lint-doubled-zone",
  "lint-duplicate-record",
  "lint-same-address",
  "lint-other-port",
  "lint-udp-twin",
  "lint-missing-in-domain",
  "lint-missing-at-resolver",
  "lint-mixed-weights",
  "lint-ttl",
  "lint-many-hosts",
  "lint-not-answering",
  "clock-beyond-four-hours",
  "clock-off",
  "clock-no-signal",
  "clock-signals-differ",
  "clock-own-off",
] as const;

/** One line for each kind of DNS server. Null where a name is unfit for a command line, or nothing needs changing. */
const fix = z
  .strictObject({
    windows: z.string().nullable().describe("PowerShell on a DNS server; the zone is taken to be the domain"),
    bind: z.string().nullable().describe("a shell line that hands its changes to nsupdate"),
  })
  .meta({ id: "Fix" });
export type Fix = z.infer<typeof fix>;

export const findingSchema = z
  .strictObject({
    code: z.enum(findingCodes),
    severity: z.enum(["warning", "note"]),
    subject: z.string().describe("RFC 6901 pointer into this diagnosis"),
    observed: z.string(),
    next: z.string(),
    fix: fix.nullable().describe("null for what is not put right in DNS"),
  })
  .meta({ id: "Finding" });
export type Finding = z.infer<typeof findingSchema>;

export type FindingCode = Finding["code"];
