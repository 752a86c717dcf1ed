/** Whole verifications for the golden reports of `verify`: judged evidence, and what a policy said of it. */
import type { Report } from "../../../../src/model/report.ts";
import type { Source } from "../../../../src/model/source.ts";
import type { Step } from "../../../../src/model/verdict.ts";
import type {
  Change,
  ClosedEvidence,
  Detail,
  ExpectationResult,
  Verification,
} from "../../../../src/verify/model.ts";
import {
  addresses,
  connected,
  domain,
  isRefused,
  isServing,
  isSilent,
  listed,
  lists,
  record,
  resolver,
  says,
  unconnected,
} from "../../verdict/builders.ts";
import { reportOf, scenes } from "../check/scenes.ts";

const PERMIT: Step = {
  where: "firewall",
  text: "Ask for this rule on every firewall of the path and on the host, with the answers allowed back",
  command: "permit tcp from 10.9.0.1 to 10.1.0.2 port 1688",
};

export function detail(over: Partial<Detail> = {}): Detail {
  return {
    about: "kms2.corp.example:1688 at 10.1.0.2",
    holds: false,
    observed: "10.1.0.2:1688 did not answer in 4.0 s (2 tries).",
    code: "tcp-no-answer",
    certainty: "ambiguous",
    causes: ["filtered on the path, without an answer", "filtered on the host, without an answer"],
    next: [PERMIT],
    pointer: "/report/diagnoses/0/endpoints/1/attempts/0/tcp",
    ...over,
  };
}

export function result(over: Partial<ExpectationResult> = {}): ExpectationResult {
  return {
    id: "serve-1",
    kind: "serve",
    name: "all hosts that corp.example lists serve",
    level: "error",
    at: { line: 7, column: 5 },
    source: null,
    status: "met",
    expected: "all listed hosts serve",
    observed: "3 of 3 hosts serve",
    details: [],
    detailsDropped: 0,
    ...over,
  };
}

export function change(over: Partial<Change> = {}): Change {
  return {
    what: "host",
    about: "kms2.corp.example:1688 at 10.1.0.2",
    source: null,
    direction: "worse",
    before: "serves",
    after: "no answer",
    looks: { worse: 2, of: 2 },
    next: [PERMIT],
    pointer: "/report/diagnoses/0/endpoints/1/attempts/0",
    ...over,
  };
}

function countsOf(results: readonly ExpectationResult[]): Verification["counts"] {
  const having = (status: ExpectationResult["status"]): ExpectationResult[] =>
    results.filter((each) => each.status === status);
  const failed = having("failed");
  return {
    met: having("met").length,
    failed: failed.filter(({ level }) => level === "error").length,
    warned: failed.filter(({ level }) => level === "warning").length,
    error: having("error").length,
    skipped: having("skipped").length,
  };
}

/** The verification of these results, with a header that never changes. */
export function verificationOf(
  report: Report,
  results: readonly ExpectationResult[],
  over: Partial<Pick<Verification, "baseline" | "closed" | "interrupted" | "policy">> = {},
): Verification {
  const counts = countsOf(results);
  const worse = over.baseline?.changes.some(({ direction }) => direction === "worse") ?? false;
  const outcome =
    counts.failed > 0 || worse ? "failed" : counts.error > 0 ? "error" : counts.warned > 0 ? "warned" : "met";
  return {
    schemaVersion: "1.0",
    kind: "verification",
    tool: { name: "kmsprobe", version: "0.0.0" },
    policy: { file: "policy.yaml", name: "KMS after the change", place: "jump" },
    startedAt: "2026-01-02T03:04:05.678Z",
    elapsedMs: 4_400.25,
    interrupted: false,
    outcome,
    counts,
    results: [...results],
    baseline: null,
    closed: [],
    report,
    ...over,
  };
}

function closedAt(last: number, cause: string | null, source: string | null = null): ClosedEvidence {
  const { address, family, via, routeErrno, tcp, controlPort } =
    cause === null
      ? connected(null, { address: `10.30.0.${last}` })
      : unconnected(cause, cause === "deadline" ? 4_000 : 0.8, { address: `10.30.0.${last}` });
  return {
    source,
    host: `10.30.0.${last}`,
    port: 445,
    address: addresses([`10.30.0.${last}`], { literal: true }),
    attempts: [{ address, family, via, routeErrno, tcp, controlPort, verdict: null }],
  };
}

const everything: ExpectationResult[] = [
  result({
    status: "failed",
    observed: "2 of 12 hosts serve",
    details: [
      detail(),
      detail({
        about: "kms1.corp.example:1688 at 10.1.0.1",
        holds: true,
        observed: "10.1.0.1:1688 accepted the KMS interface, and an unknown interface UUID was rejected.",
        code: "rpc-serves",
        certainty: "certain",
        causes: [],
        next: [],
        pointer: "/report/diagnoses/0/endpoints/0/attempts/0/rpc/bind",
      }),
    ],
  }),
  result({
    id: "segment",
    kind: "closed",
    name: "10.30.0.0/30 stays closed on 445",
    at: { line: 12, column: 5 },
    status: "failed",
    expected: "no address answers, or each refuses",
    observed: "1 of 4 addresses connects",
    details: [
      detail({
        about: "10.30.0.1:445",
        observed: "10.30.0.1:445 accepts connections.",
        code: null,
        certainty: "certain",
        causes: [],
        next: [
          {
            where: "firewall",
            text: "Close it, where it is to stay closed",
            command: "deny tcp from 10.9.0.1 to 10.30.0.1 port 445",
          },
        ],
        pointer: "/closed/0/attempts/0",
      }),
    ],
  }),
  result({
    id: "latency-1",
    kind: "latency",
    name: "kms1.corp.example answers RPC in 50 ms (median of 20)",
    at: { line: 18, column: 5 },
    expected: "median at most 50 ms, p95 at most 200 ms",
    observed: "median 2.1 ms, p95 3.0 ms over 20 samples",
  }),
  result({
    id: "listed-1",
    kind: "listed",
    name: "corp.example lists kms1 and kms2 only",
    at: { line: 22, column: 5 },
    status: "failed",
    expected: "no other host is listed",
    observed: "10.0.0.53:53 lists 10 other hosts",
    details: [
      detail({
        about: "kms3.corp.example:1688 at 10.0.0.53:53",
        observed: "10.0.0.53:53 lists kms3.corp.example:1688, which may not be listed.",
        code: null,
        certainty: "certain",
        causes: [],
        next: [
          { where: "dns", text: "Remove the record, if the host is not meant to be one", command: null },
        ],
        pointer: "/report/diagnoses/0/srv/0",
      }),
    ],
  }),
  result({
    id: "agree-1",
    kind: "agree",
    name: "the resolvers agree about corp.example",
    at: { line: 26, column: 5 },
    status: "failed",
    level: "warning",
    expected: "every resolver says the same",
    observed: "10.0.0.54:53 does not answer",
    details: [
      detail({
        about: "10.0.0.54:53",
        observed: "10.0.0.54:53 did not answer in 5.0 s (3 tries) when asked for _vlmcs._tcp.corp.example.",
        code: "srv-no-answer",
        pointer: "/report/diagnoses/0/srv/1",
      }),
    ],
  }),
  result({
    id: "clock-1",
    kind: "clock",
    name: "the clocks are within 5 minutes",
    at: { line: 29, column: 5 },
    status: "error",
    expected: "at most 300 s apart",
    observed: "no host shows its clock",
    details: [
      detail({
        about: "kms1.corp.example:1688 at 10.1.0.1",
        observed: "10.1.0.1 shows no clock on 445, 123, 80 and 5985.",
        code: null,
        certainty: null,
        causes: [],
        next: [],
        pointer: null,
      }),
    ],
  }),
  result({
    id: "permitted-1",
    kind: "permitted",
    name: "only permitted hosts serve",
    at: { line: 32, column: 5 },
    status: "failed",
    expected: "every host that serves or is listed is permitted",
    observed: "1 host is not permitted",
    details: [
      detail({
        about: "kms9.corp.example:1688 at 10.1.0.9",
        observed: "kms9.corp.example:1688 is listed and not permitted.",
        code: null,
        certainty: "certain",
        causes: [],
        next: [
          {
            where: "kms-host",
            text: "See whose machine it is, and take its host key off",
            command: "slmgr.vbs /upk",
          },
        ],
        pointer: "/report/diagnoses/0/endpoints/8",
      }),
    ],
  }),
  result({
    id: "lint-1",
    kind: "lint",
    name: "the zone of corp.example is clean",
    at: { line: 36, column: 5 },
    status: "failed",
    level: "warning",
    expected: "no lint finding but lint-other-port",
    observed: "2 findings",
    details: [
      detail({
        about: "corp.example",
        observed: "old-kms.corp.example has no address.",
        code: "lint-dangling-target",
        certainty: "certain",
        causes: [],
        next: [{ where: "dns", text: "Remove the record of a retired host", command: null }],
        pointer: "/report/diagnoses/0/findings/0",
      }),
    ],
  }),
  result({
    id: "branch-serves",
    name: "the branch is served",
    at: { line: 40, column: 5 },
    status: "skipped",
    observed: "for the places branch and vpn",
  }),
];

/** Hostile through and through: what a name server, a host or a policy may hold. */
export const HOSTILE = [
  "\u001b[2J\u001b]0;pwned\u0007",
  "]]><!--<script>alert(1)</script>&amp;<![CDATA[",
  "::error file=a,line=1::owned%0A::set-output name=x::y",
  "=cmd|' /C calc'!A0",
  "\u202emoc.elgoog\u202c \u2066isolate\u2069",
  "nul\u0000byte and \u200b invisible",
  "lone \ud800 surrogate \udfff",
  "quote\" back\\slash ' and `tick`",
  "line\r\nbreak\n## heading\n| a | b |",
  "a | b ; c=1;2;3 'x'=9",
  "${{ secrets.TOKEN }} $(touch /tmp/pwned) %{x}",
  "[link](javascript:alert(1)) ![i](http://x.invalid/a.png) @everyone #1",
  "\ufffe\uffff \u{1f41f} \u0085 \u2028 \u2029",
  `${"a".repeat(1 << 20)}.example`,
] as const;

function hostile(): Verification {
  const results = HOSTILE.map((text, index) =>
    result({
      id: index % 3 === 0 ? text : `x-${index}`,
      name: text,
      status: (["failed", "error", "failed", "met"] as const)[index % 4] ?? "failed",
      level: index % 5 === 0 ? "warning" : "error",
      expected: text,
      observed: text,
      source: index % 2 === 0 ? text : null,
      details: [
        detail({
          about: text,
          observed: text,
          causes: [text],
          next: [{ where: "firewall", text, command: text }],
        }),
      ],
    }),
  );
  return verificationOf(scenes["hostile-names"], results, {
    policy: { file: `pol${HOSTILE[1]}.yaml`, name: HOSTILE[0], place: HOSTILE[9] },
    baseline: {
      file: HOSTILE[3],
      writtenAt: "2026-01-01T00:00:00.000Z",
      changes: HOSTILE.map((text) => change({ about: text, before: text, after: text, source: text })),
      unchanged: 1,
      notCompared: 0,
    },
  });
}

const SOURCES: Source[] = [
  { label: "eth0", ipv4: "10.9.0.1", ipv6: null, interface: "eth0", link: "ethernet" },
  { label: "wg0", ipv4: "10.8.0.2", ipv6: null, interface: "wg0", link: "tunnel" },
];

/** The same two hosts from two sources, of which the tunnel reaches one. */
function twoSources(): Verification {
  const records = [record("kms1.corp.example"), record("kms2.corp.example")];
  const from = (source: string, second: typeof isServing) => ({
    ...domain([says(lists(records), { resolver: resolver() })], [listed(1, isServing), listed(2, second)]),
    source,
  });
  const report: Report = {
    ...reportOf([from("eth0", isServing), from("wg0", isSilent)]),
    sources: SOURCES,
    networks: [{ name: "servers", cidr: "10.1.0.0/24" }],
  };
  return verificationOf(report, [
    result({ source: "eth0", observed: "2 of 2 hosts serve" }),
    result({
      source: "wg0",
      status: "failed",
      observed: "1 of 2 hosts serves",
      details: [detail({ pointer: "/report/diagnoses/1/endpoints/1/attempts/0/tcp" })],
    }),
  ]);
}

export const verifyScenes = {
  "all-met": verificationOf(scenes["all-serving"], [
    result(),
    result({
      id: "agree-1",
      kind: "agree",
      name: "the resolvers agree about corp.example",
      expected: "every resolver says the same",
      observed: "both list the same 3 hosts",
      at: { line: 9, column: 5 },
    }),
  ]),
  everything: verificationOf(scenes.mixed, everything, {
    closed: [
      closedAt(0, "deadline"),
      closedAt(1, null),
      closedAt(2, "ECONNREFUSED"),
      closedAt(3, "deadline"),
    ],
  }),
  baseline: verificationOf(
    reportOf([
      domain(
        [says(lists([record("kms1.corp.example"), record("kms2.corp.example")]))],
        [listed(1, isServing), listed(2, isRefused)],
      ),
    ]),
    [result({ observed: "1 of 2 hosts serves" })],
    {
      baseline: {
        file: "baseline.json",
        writtenAt: "2026-01-01T00:00:00.000Z",
        changes: [
          change(),
          change({
            direction: "better",
            about: "kms1.corp.example:1688 at 10.1.0.1",
            before: "refused",
            after: "serves",
            next: [],
            looks: { worse: 0, of: 1 },
          }),
          change({
            what: "latency",
            direction: "flapping",
            before: "median 2.0 ms",
            after: "median 80.1 ms",
            looks: { worse: 1, of: 3 },
            next: [],
          }),
          change({
            what: "listing",
            direction: "changed",
            about: "corp.example at 10.0.0.53:53",
            before: "lists kms1.corp.example:1688",
            after: "lists kms1.corp.example:1688, kms2.corp.example:1688",
            next: [],
            looks: { worse: 0, of: 1 },
          }),
        ],
        unchanged: 5,
        notCompared: 1,
      },
    },
  ),
  "two-sources": twoSources(),
  interrupted: verificationOf(
    scenes.interrupted,
    [result({ status: "error", observed: "the run was interrupted before it was looked at" })],
    { interrupted: true },
  ),
  hostile: hostile(),
} as const satisfies Record<string, Verification>;
