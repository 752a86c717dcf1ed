/**
 * Any report files a comparison may be given. Hosts, addresses, suffixes and codes are few, so that places meet; names
 * are now and then what a peer or a forged file may hold.
 */
import * as fc from "fast-check";
import { verdictCodes } from "../../../src/model/verdict.ts";
import { HOSTILE } from "../verdict/arbitrary.ts";
import type { AttemptFile, DiagnosisFile, EndpointFile, ReportFile, SrvFile } from "./reports.ts";
import { verdict } from "./reports.ts";
import { anyString } from "../any-string.ts";

const rarely = <Value>(usual: fc.Arbitrary<Value>, rare: fc.Arbitrary<Value>): fc.Arbitrary<Value> =>
  fc.oneof({ weight: 8, arbitrary: usual }, { weight: 1, arbitrary: rare });

export const hostile = fc.oneof(
  fc.constantFrom(...HOSTILE),
  fc.constantFrom(
    "a|b",
    "<img src=x>",
    "[x](http://y)",
    "`code`",
    "@all",
    "- x",
    "1. x",
    "www.x.org",
    "__proto__",
  ),
  anyString({ maxLength: 12 }),
);

const host = rarely(
  fc.constantFrom("kms1.corp.example", "KMS1.corp.example.", "kms2", "10.30.0.11"),
  hostile,
);
const address = rarely(
  fc.constantFrom("10.30.0.11", "10.30.0.12", "10.40.0.1", "fd00::1", "fd00::2", "::1", "fe80::1%eth0"),
  hostile,
);
const domain = rarely(fc.constantFrom("corp.example", "Branch.example"), hostile);
const port = fc.constantFrom(1688, 1688, 1700);
const ms = fc.constantFrom(0, 0.4, 3, 30, 100.25, 5_000);

const anyVerdict = rarely<AttemptFile["verdict"]>(
  fc.constantFrom(...verdictCodes).map(verdict),
  fc.record({
    code: fc.oneof(fc.constant("tcp-brand-new"), hostile),
    layer: fc.constantFrom("tcp", "rpc", "quic"),
    severity: fc.constantFrom("ok", "failed", "inconclusive", "alarming"),
    serves: fc.boolean(),
  }),
);

const timed = fc.record({
  outcome: fc.constantFrom("ok", "denied", "no-answer", "not-sent", "skipped", "odd"),
  elapsedMs: fc.option(ms, { nil: undefined }),
});

const attempt: fc.Arbitrary<AttemptFile> = fc.record({
  address,
  via: fc.option(
    fc.record({
      address: rarely(fc.constantFrom("10.1.0.9", "10.8.0.6", "10.30.0.99", "fd08::6", "127.0.0.1"), hostile),
      interface: fc.option(fc.constant("eth0")),
    }),
  ),
  routeErrno: fc.option(fc.constant("ENETUNREACH"), { freq: 2 }),
  tcp: timed,
  rpc: fc.option(
    fc.record({
      bind: fc.record({ answer: timed }),
      plain: fc.option(fc.record({ answer: timed })),
      latency: fc.record({ samplesMs: fc.array(ms, { maxLength: 3 }) }),
    }),
  ),
  verdict: anyVerdict,
});

const endpoint: fc.Arbitrary<EndpointFile> = fc.record({
  endpoint: fc.record({ host, port }),
  address: fc.record({ literal: fc.boolean(), addresses: fc.array(address, { maxLength: 2 }) }),
  attempts: fc.array(attempt, { maxLength: 2 }),
  verdict: anyVerdict,
});

const record = fc.record({
  priority: fc.constantFrom(0, 10),
  weight: fc.constantFrom(0, 100),
  port,
  target: host,
});

const srv: fc.Arbitrary<SrvFile> = fc.record({
  resolver: fc.record({ address: fc.constantFrom("10.0.0.53", "fd00::53"), port: fc.constant(53) }),
  answer: fc.oneof(
    fc.record({
      outcome: fc.constant("ok"),
      facts: fc.record({ records: fc.array(record, { maxLength: 3 }) }),
    }),
    fc.record({
      outcome: fc.constant("denied"),
      denial: fc.record({ rcode: fc.constantFrom("NXDOMAIN", "NOERROR"), nodata: fc.boolean() }),
    }),
    fc.record({ outcome: fc.constant("no-answer"), cause: fc.constantFrom("deadline", "ECONNREFUSED") }),
    fc.record({ outcome: fc.constantFrom("malformed", "not-sent", "skipped", "odd") }),
  ),
});

const diagnosis = (source: string | null): fc.Arbitrary<DiagnosisFile> =>
  fc.record({
    target: fc.oneof(
      { weight: 3, arbitrary: fc.record({ kind: fc.constant("domain"), domain }) },
      { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom("list", "no-suffix", "odd") }) },
    ),
    source: fc.constant(source),
    srv: fc.array(srv, { maxLength: 2 }),
    endpoints: fc.array(endpoint, { maxLength: 3 }),
  });

const reportWith = (diagnoses: fc.Arbitrary<DiagnosisFile[]>, sources: string[]): fc.Arbitrary<ReportFile> =>
  fc.record({
    schemaVersion: fc.constantFrom("1.0", "1.12"),
    tool: fc.record({ version: fc.constantFrom("0.1.0", "0.2.0") }),
    startedAt: fc.constantFrom(
      "2026-10-20T10:00:00.000Z",
      "2026-10-20T10:01:00Z",
      "2026-10-22T23:59:59.999Z",
    ),
    from: fc.record({
      host: rarely(fc.constantFrom("jump01", "laptop"), hostile),
      platform: fc.constant("linux"),
    }),
    sources: fc.constant(sources.map((label) => ({ label }))),
    networks: fc.array(
      fc.constantFrom({ name: "servers", cidr: "10.30.0.0/16" }, { name: "odd", cidr: "10.30.0.0/99" }),
      { maxLength: 1 },
    ),
    interrupted: fc.boolean(),
    diagnoses,
  });

/** A report made without --source. */
export const oneSource = reportWith(fc.array(diagnosis(null), { maxLength: 3 }), []);

/** Of one source or of two. */
export const anyReport = fc.oneof(
  { weight: 3, arbitrary: oneSource },
  {
    weight: 1,
    arbitrary: reportWith(fc.array(fc.oneof(diagnosis("eth0"), diagnosis("wg0")), { maxLength: 4 }), [
      "eth0",
      "wg0",
    ]),
  },
);
