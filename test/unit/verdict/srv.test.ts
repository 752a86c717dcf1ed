import { describe, expect, it } from "vitest";
import { contentOf, describeIgnored, disagreement, judgeSrvAnswer } from "../../../src/verdict/srv.ts";
import type { SrvAnswer, SrvEvidence } from "../../../src/model/dns.ts";
import type { Verdict } from "../../../src/model/verdict.ts";
import { denies, DOMAIN, exchange, ignored, lists, record, resolver, says, unanswered } from "./builders.ts";

function judged(answer: SrvEvidence, over: Partial<SrvAnswer> = {}): Verdict | null {
  return judgeSrvAnswer(says(answer, over), DOMAIN, "/srv/3");
}

const MALFORMED = {
  outcome: "malformed",
  fault: { at: 12, what: "QNAME: a label of unknown type" },
  elapsedMs: 5_000,
} as const;

describe("one resolver's answer", () => {
  it("has no verdict of its own where it lists hosts", () => {
    expect(judged(lists([record("kms1.corp.example")]))).toBeNull();
  });

  it.each([
    [
      denies("NXDOMAIN"),
      "srv-nxdomain",
      "10.0.0.53:53 says NXDOMAIN: _vlmcs._tcp.corp.example does not exist.",
    ],
    [
      denies("NOERROR", { nodata: true }),
      "srv-nodata",
      "10.0.0.53:53 says that _vlmcs._tcp.corp.example exists and has no SRV record (NODATA).",
    ],
    [denies("SERVFAIL"), "srv-servfail", "10.0.0.53:53 says SERVFAIL for _vlmcs._tcp.corp.example."],
    [denies("REFUSED"), "srv-refused", "10.0.0.53:53 says REFUSED for _vlmcs._tcp.corp.example."],
    [denies("NOTIMP"), "srv-other-rcode", "10.0.0.53:53 says NOTIMP for _vlmcs._tcp.corp.example."],
    [denies("RCODE16"), "srv-other-rcode", "10.0.0.53:53 says RCODE16 for _vlmcs._tcp.corp.example."],
    [
      denies("NOERROR", { notOffered: true }),
      "srv-not-offered",
      '10.0.0.53:53 says that KMS is decidedly not offered in corp.example: the one SRV record has Target ".".',
    ],
    [
      lists([]),
      "srv-no-records",
      "10.0.0.53:53 has SRV records for _vlmcs._tcp.corp.example, and none can be used.",
    ],
    [
      unanswered("deadline"),
      "srv-no-answer",
      "10.0.0.53:53 did not answer in 5 s (1 try) when asked for _vlmcs._tcp.corp.example.",
    ],
    [
      unanswered("closed"),
      "srv-no-answer",
      "10.0.0.53:53 did not answer in 5 s (1 try) when asked for _vlmcs._tcp.corp.example.",
    ],
    [unanswered("ECONNREFUSED"), "srv-resolver-unreachable", "10.0.0.53:53 can't be reached: ECONNREFUSED."],
    [unanswered("ENETUNREACH"), "srv-resolver-unreachable", "10.0.0.53:53 can't be reached: ENETUNREACH."],
    [MALFORMED, "srv-malformed", "What 10.0.0.53:53 sent is no DNS answer: QNAME: a label of unknown type."],
    [
      { outcome: "not-sent", errno: "EMFILE" },
      "srv-local-failure",
      "This machine could not ask 10.0.0.53:53: EMFILE. Nothing was sent.",
    ],
    [
      { outcome: "skipped", reason: "interrupted" },
      "run-cut-short",
      "Not finished: the run was interrupted.",
    ],
  ] as const)("case %# is %s", (answer, code, observed) => {
    expect(judged(answer)).toMatchObject({ code, observed, because: "/srv/3" });
  });

  it.each([
    ["deadline", "no answer"],
    ["ECONNREFUSED", "ECONNREFUSED"],
    ["closed", "closed"],
  ] as const)("is truncated where TC was set and TCP came to %s", (cause, words) => {
    const verdict = judged(unanswered(cause), { exchange: exchange({ truncated: true, transport: "tcp" }) });
    expect(verdict).toMatchObject({
      code: "srv-truncated",
      observed: `10.0.0.53:53 truncates its answer for _vlmcs._tcp.corp.example (TC), and over TCP it can't be had: ${words}.`,
    });
  });

  it.each([
    [unanswered("ECONNREFUSED"), "permit tcp from this machine to 10.0.0.53 port 53"],
    [MALFORMED, "dig +tcp @10.0.0.53 -p 53 _vlmcs._tcp.corp.example SRV"],
  ] as const)("has a step for what is left of the causes of truncation (case %#)", (answer, command) => {
    const cut = judged(answer, { exchange: exchange({ truncated: true, transport: "tcp" }) });
    expect(cut?.code).toBe("srv-truncated");
    expect(cut?.next.map((step) => step.command)).toEqual([command, null]);
  });

  it.each([
    [{ source: 2 }, "srv-mismatched", "2 from elsewhere"],
    [{ id: 1 }, "srv-mismatched", "1 with another id"],
    [{ question: 1, malformed: 2 }, "srv-mismatched", "1 to another question, 2 that are no DNS"],
    [{ malformed: 2 }, "srv-malformed", "QNAME: a label of unknown type"],
  ] as const)("with only %j in reply is %s", (counts, code, detail) => {
    const verdict = judged(MALFORMED, { exchange: exchange({ ignored: ignored(counts) }) });
    expect(verdict?.code).toBe(code);
    expect(verdict?.observed).toContain(`: ${detail}.`);
  });

  it("names the resolver's own address and port in the commands to run", () => {
    const verdict = judged(denies("SERVFAIL"), { resolver: { address: "fd00::53", port: 5353 } });
    expect(verdict?.observed).toContain("[fd00::53]:5353 says SERVFAIL");
    expect(verdict?.next.map(({ command }) => command)).toContain(
      "dig @fd00::53 -p 5353 _vlmcs._tcp.corp.example SRV",
    );
  });

  it("says how to go on with this domain where it was cut short", () => {
    const verdict = judged({ outcome: "skipped", reason: "deadline" });
    expect(verdict?.next.map(({ command }) => command)).toEqual([
      "kmsprobe check --domain corp.example --deadline 2m",
    ]);
  });
});

describe("ignored answers in words", () => {
  it("are none where none came", () => {
    expect(describeIgnored(ignored())).toBe("");
  });

  it("are counted by kind", () => {
    expect(describeIgnored({ source: 1, id: 2, question: 3, malformed: 4 })).toBe(
      "1 from elsewhere, 2 with another id, 3 to another question, 4 that are no DNS",
    );
  });
});

describe("whether resolvers disagree", () => {
  const other = { resolver: resolver(54) };
  const one = lists([record("kms1.corp.example"), record("kms2.corp.example", { port: 1700 })]);

  it.each([
    ["the same list", says(one), says(one, other)],
    [
      "the same list in another order and with another TTL",
      says(one),
      says(
        lists([record("kms2.corp.example", { port: 1700, ttlSeconds: 1 }), record("kms1.corp.example")]),
        other,
      ),
    ],
    ["a list and silence", says(one), says(unanswered("deadline"), other)],
    ["a list and garbage", says(one), says(MALFORMED, other)],
    ["NXDOMAIN twice", says(denies("NXDOMAIN")), says(denies("NXDOMAIN"), other)],
  ])("they do not with %s", (_, first, second) => {
    expect(disagreement([first, second])).toBeNull();
  });

  it.each([
    [
      denies("NXDOMAIN"),
      "10.0.0.53:53 lists kms1.corp.example:1688, kms2.corp.example:1700; 10.0.0.54:53 says NXDOMAIN",
    ],
    [
      denies("NOERROR", { nodata: true }),
      "10.0.0.53:53 lists kms1.corp.example:1688, kms2.corp.example:1700; 10.0.0.54:53 says NODATA",
    ],
    [
      denies("NOERROR", { notOffered: true }),
      '10.0.0.53:53 lists kms1.corp.example:1688, kms2.corp.example:1700; 10.0.0.54:53 says "not offered" (Target ".")',
    ],
    [
      lists([]),
      "10.0.0.53:53 lists kms1.corp.example:1688, kms2.corp.example:1700; 10.0.0.54:53 lists nothing usable",
    ],
    [
      lists([record("kms3.corp.example")]),
      "10.0.0.53:53 lists kms1.corp.example:1688, kms2.corp.example:1700; 10.0.0.54:53 lists kms3.corp.example:1688",
    ],
  ] as const)("they do in case %#", (second, words) => {
    expect(disagreement([says(one), says(second, other)])).toBe(words);
  });

  it.each([{ priority: 1 }, { weight: 1 }, { port: 1689 }])(
    "they do where one record differs in %j",
    (over) => {
      const changed = lists([record("kms1.corp.example", over), record("kms2.corp.example", { port: 1700 })]);
      expect(disagreement([says(one), says(changed, other)])).toContain("10.0.0.54:53 lists ");
    },
  );

  it("names together the resolvers that say the same", () => {
    const answers = [
      says(denies("NXDOMAIN")),
      says(denies("SERVFAIL"), other),
      says(denies("NXDOMAIN"), { resolver: resolver(55) }),
    ];
    expect(disagreement(answers)).toBe(
      "10.0.0.53:53 and 10.0.0.55:53 says NXDOMAIN; 10.0.0.54:53 says SERVFAIL",
    );
  });
});

function hosts(count: number): SrvEvidence {
  return lists(Array.from({ length: count }, (_, index) => record(`kms${index + 1}.corp.example`)));
}

describe("what an answer says, in words", () => {
  it.each([
    [
      4,
      "lists kms1.corp.example:1688, kms2.corp.example:1688, kms3.corp.example:1688, kms4.corp.example:1688",
    ],
    [5, "lists kms1.corp.example:1688, kms2.corp.example:1688, kms3.corp.example:1688 and 2 more"],
  ])("%d hosts", (count, words) => {
    expect(contentOf(says(hosts(count)))?.words).toBe(words);
  });

  it("is nothing where nothing was said", () => {
    expect(contentOf(says(unanswered("deadline")))).toBeNull();
  });
});
