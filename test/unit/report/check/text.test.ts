import { describe, expect, it } from "vitest";
import type { Evidence } from "../../../../src/model/evidence.ts";
import type { Report } from "../../../../src/model/report.ts";
import { renderMarkdown } from "../../../../src/report/check/markdown.ts";
import { renderHtml } from "../../../../src/report/page/check-page.tsx";
import { renderText } from "../../../../src/report/check/text.ts";
import {
  connected,
  controlled,
  denies,
  domain,
  endpoint,
  exchange,
  host,
  isRefused,
  isServing,
  isSilent,
  listed,
  lists,
  record,
  resolver,
  says,
  serving,
  unanswered,
  unconnected,
  zone,
} from "../../verdict/builders.ts";
import { reportOf, scenes } from "./scenes.ts";

function textOf(report: Report, over: { verbose?: boolean; width?: number } = {}): string {
  return renderText(report, { color: false, verbose: false, width: 100, ...over });
}

/** The lines of a report that begin like this, without their blanks around. */
function linesWith(text: string, begin: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line.startsWith(begin));
}

/** The sentences about what a client would experience, each in one line. */
function outlookOf(targets: readonly Evidence[]): string {
  const sentence = /^A client (?:that believes \S+ (?:the first that answers, )?)?(?:meets|finds) /;
  const paragraph = textOf(reportOf(targets))
    .split("\n\n")
    .flatMap((each) => /^ *A client [\s\S]*/m.exec(each) ?? [])
    .join(" ");
  return paragraph
    .replaceAll(/\s+/g, " ")
    .trim()
    .split(/ (?=A client )/)
    .filter((each) => sentence.test(each))
    .join("\n");
}

describe("what -4 leaves out", () => {
  it("is listed beside what was probed, and told once in words", () => {
    const first = listed(1, isServing);
    const both = { ...first, address: { ...first.address, leftOut: ["fd00::1"] } };
    const report = reportOf([zone([both])]);
    const text = textOf({ ...report, settings: { ...report.settings, family: 4 } });
    expect(linesWith(text, "fd00::1")).toEqual([expect.stringMatching(/^fd00::1 .*not asked \(-4\)$/)]);
    expect(text.replaceAll(/\s+/g, " ")).toContain("Addresses of IPv6 (-4) were left out.");
    const page = renderHtml(report)
      .replaceAll(/<[^>]+>/g, " ")
      .replaceAll(/\s+/g, " ");
    expect(page).toMatch(/ fd00::1 \S* ?not asked \(-4\) /);
    expect(renderMarkdown(report).split("\n")).toContainEqual(
      expect.stringMatching(/^\| {2}\| kms1\S+ \| fd00::1 \| – \| – \| – \| not asked \(-4\) \|$/),
    );
    expect(textOf(reportOf([zone([first])]))).not.toContain("left out");
  });
});

/** `count` hosts of equal weight, of which the last `silent` are silent. */
function equals(count: number, silent: number): Evidence {
  return zone(
    Array.from({ length: count }, (_, n) => listed(n + 1, n < count - silent ? isServing : isSilent)),
  );
}

/** The line of the one resolver. */
function lineOf(...[answer, over]: Parameters<typeof says>): string[] {
  return linesWith(textOf(reportOf([domain([says(answer, over)], [])])), "10.0.0.53:53");
}

/** What stands before the two last lines. */
function conclusion(report: Report): string | undefined {
  return textOf(report).trimEnd().split("\n").at(-4);
}

/** The numbered lines of what to do. */
function titles(report: Report): string[] {
  return textOf(report)
    .split("\n")
    .filter((line) => /^[ \d]\d [✓!✗?] /.test(line));
}

function codes(report: Report): (string | undefined)[] {
  return titles(report).map((title) => /\[([a-z-]+),/.exec(title)?.[1]);
}

/** The table of hosts, its head first. */
function tableOf(report: Report, width = 120): string[] {
  const lines = textOf(report, { width }).split("\n");
  const table = lines.findIndex((line) => line.startsWith("  HOST"));
  return lines.slice(table, lines.indexOf("", table));
}

describe("the width", () => {
  /** A command is for copying, and stays in one line. */
  const COMMAND = /^ {9}\S/;
  /** A resolver's line, and the name that is asked for hold names of any length. */
  const NAMES = /^(?: {2}\S+:\d+ {2}|_vlmcs\._tcp\.)/;

  it.each(Object.entries(scenes))(
    "of 60 columns is kept in %s, but for commands, tables and names",
    (_, report) => {
      const lines = textOf(report, { width: 60 }).split("\n");
      const table = lines.findIndex((line) => line.startsWith("  HOST"));
      const end = table === -1 ? -1 : lines.indexOf("", table);
      const prose = lines.filter((line, index) => {
        return !(index >= table && index < end) && !COMMAND.test(line) && !NAMES.test(line);
      });
      expect(prose.filter((line) => line.length > 60 && line.trim().includes(" "))).toEqual([]);
    },
  );

  it("of 100 columns holds the table of hosts with names of usual length", () => {
    const lines = textOf(scenes.mixed).split("\n");
    const table = lines.findIndex((line) => line.startsWith("  HOST"));
    expect(lines.slice(table, lines.indexOf("", table)).filter((line) => line.length > 100)).toEqual([]);
  });
});

describe("a resolver's line", () => {
  it.each([
    [denies("NXDOMAIN"), "10.0.0.53:53  says NXDOMAIN  1.5 ms udp"],
    [denies("NOERROR", { nodata: true }), "10.0.0.53:53  says NODATA  1.5 ms udp"],
    [denies("NOERROR", { notOffered: true }), '10.0.0.53:53  says "not offered" (Target ".")  1.5 ms udp'],
    [unanswered("deadline"), "10.0.0.53:53  no answer  5000.0 ms udp"],
    [unanswered("ECONNREFUSED", 0.25), "10.0.0.53:53  ECONNREFUSED  0.3 ms udp"],
    [
      { outcome: "malformed", fault: { at: 2, what: "too short" }, elapsedMs: 1 },
      "10.0.0.53:53  no usable answer: too short  1.0 ms udp",
    ],
    [{ outcome: "not-sent", errno: "EMFILE" }, "10.0.0.53:53  could not be asked from here: EMFILE"],
    [{ outcome: "skipped", reason: "interrupted" }, "10.0.0.53:53  not asked to the end (interrupted)"],
    [lists([]), "10.0.0.53:53  0 hosts  1.5 ms udp"],
  ] as const)("says what it said (case %#)", (answer, line) => {
    expect(lineOf(answer)).toEqual([line]);
  });

  it("tells the transport, and tries beyond the first", () => {
    const over = { exchange: exchange({ transport: "tcp", tries: 3 }) } as const;
    expect(lineOf(denies("NXDOMAIN"), over)).toEqual(["10.0.0.53:53  says NXDOMAIN  1.5 ms tcp, 3 tries"]);
  });

  it("counts the hosts, and names aliases on the way", () => {
    const text = textOf(
      reportOf([
        domain(
          [says(lists([record("kms1.corp.example")], { aliases: ["_vlmcs._tcp.hq.example"] }))],
          [listed(1, isServing)],
        ),
      ]),
    );
    expect(linesWith(text, "10.0.0.53:53")).toEqual([
      "10.0.0.53:53  1 host via alias _vlmcs._tcp.hq.example  1.5 ms udp",
    ]);
  });

  it("is missing where no resolver is known, and the report says so", () => {
    expect(textOf(reportOf([domain([], [])]))).toContain(
      "  no resolver is known to this machine: name one with --resolver\n",
    );
  });
});

describe("what a client would experience", () => {
  it("is said in one sentence", () => {
    expect(outlookOf([equals(2, 1)])).toBe(
      "A client meets a host that serves at its first try with 50 %; it loses 10.5 s on average, at worst 21 s, on silent hosts before one serves (21 s assumed for each silent host).",
    );
  });

  it("loses no time where no host is silent", () => {
    expect(outlookOf([zone([listed(1, isServing), listed(2, isRefused)])])).toBe(
      "A client meets a host that serves at its first try with 50 %; it loses no time on silent hosts.",
    );
  });

  it.each([
    [equals(2, 2), ", after 42 s"],
    [zone([listed(1, isRefused)]), ""],
  ])("is giving up where no host serves (case %#)", (evidence, after) => {
    expect(outlookOf([evidence])).toBe(
      `A client finds no host that serves: it gives up with 0xC004F074${after} (21 s assumed for each silent host).`,
    );
  });

  it("is told for both models where they differ", () => {
    const hosts = [listed(1, isServing), listed(2, isSilent)];
    const records = [
      record("kms1.corp.example", { weight: 90 }),
      record("kms2.corp.example", { weight: 10 }),
    ];
    expect(outlookOf([domain([says(lists(records))], hosts)])).toBe(
      "A client meets a host that serves at its first try with 90 % (by priority and weight) or 50 % (picking at random); it loses 2.2 s or 10.5 s on average, at worst 21 s, on silent hosts before one serves (21 s assumed for each silent host).",
    );
  });

  it("says a loss once where the models differ in the first try only", () => {
    const hosts = [listed(1, isServing), listed(2, isRefused), listed(3, isSilent)];
    const records = [
      record("kms1.corp.example", { weight: 50 }),
      record("kms2.corp.example", { priority: 10 }),
      record("kms3.corp.example", { weight: 50 }),
    ];
    expect(outlookOf([domain([says(lists(records))], hosts)])).toBe(
      "A client meets a host that serves at its first try with 50 % (by priority and weight) or 33 % (picking at random); it loses 10.5 s on average, at worst 21 s, on silent hosts before one serves (21 s assumed for each silent host).",
    );
  });

  it.each([
    [5, 2, "60 %; it loses 10.5 s on average"],
    [6, 1, "83 %; it loses 3.5 s on average"],
    [7, 2, "71 %; it loses 7 s on average"],
    [10, 8, "20 %; it loses 56 s on average"],
  ])("says a figure once where both models print the same: %d hosts, %d silent", (count, silent, words) => {
    expect(outlookOf([equals(count, silent)])).toContain(words);
  });

  it("is told for each list that resolvers give", () => {
    const evidence = domain(
      [
        says(lists([record("kms1.corp.example")])),
        says(lists([record("kms2.corp.example")]), { resolver: resolver(54) }),
      ],
      [listed(1, isServing), listed(2, isRefused)],
    );
    expect(outlookOf([evidence]).split("\n")).toEqual([
      "A client that believes 10.0.0.53:53, the first that answers, meets a host that serves at its first try with 100 %; it loses no time on silent hosts.",
      "A client that believes 10.0.0.54:53 finds no host that serves: it gives up with 0xC004F074 (21 s assumed for each silent host).",
    ]);
  });

  it("is not told of a given list", () => {
    expect(outlookOf([host(connected(serving()))])).toBe("");
  });
});

describe("the first line, and the last but one", () => {
  it.each([
    [reportOf([equals(2, 0)]), "✓ 2 of 2 hosts would serve a client from here"],
    [reportOf([equals(2, 1)]), "! 1 of 2 hosts would serve a client from here"],
    [reportOf([equals(2, 2)]), "✗ 0 of 2 hosts would serve a client from here"],
    [
      reportOf([equals(2, 1)], { require: "all" }),
      "✗ 1 of 2 hosts would serve a client from here (all required: not met)",
    ],
    [
      reportOf([equals(2, 1)], { require: 1 }),
      "! 1 of 2 hosts would serve a client from here (1 required: met)",
    ],
    [
      reportOf([equals(2, 1)], { interrupted: true }),
      "! Interrupted. 1 of 2 hosts would serve a client from here",
    ],
    [reportOf([host(connected(controlled("accepted")))]), "? 0 of 1 host would serve a client from here"],
    [
      reportOf([domain([says(denies("NXDOMAIN"))], [])]),
      "✗ 10.0.0.53:53 says NXDOMAIN: _vlmcs._tcp.corp.example does not exist.",
    ],
  ])("sums up (case %#)", (report, line) => {
    expect(conclusion(report)).toBe(line);
    expect(textOf(report).split("\n")[0]).toBe(line);
  });
});

describe("the last lines", () => {
  it("state the timeouts that were used, and what Windows has", () => {
    expect(
      textOf(reportOf([equals(1, 0)]))
        .trimEnd()
        .split("\n")
        .slice(-2)
        .join(" "),
    ).toBe(
      "Timeouts: up to 2 times 4 s for a connect, 5 s for an RPC answer, 5 s for DNS; Windows waits about 21 s for a connect. Seen from jump1 in 4.3 s; no activation request was sent.",
    );
  });

  it("state them without retries, and below a second", () => {
    const report = reportOf([equals(1, 0)]);
    const settings = { ...report.settings, retries: 0, timeoutMs: 750, rpcTimeoutMs: 1_250 };
    expect(textOf({ ...report, settings }, { width: 10_000 })).toContain(
      "Timeouts: 750 ms for a connect, 1.3 s for an RPC answer, 5 s for DNS;",
    );
  });
});

describe("what to do", () => {
  it("is nothing where all serve", () => {
    expect(textOf(reportOf([equals(2, 0)]))).not.toContain("What to do");
  });

  it("names a kind of trouble once, with three of the places where it was met", () => {
    expect(titles(reportOf([equals(5, 5)]))).toEqual([
      " 1 ✗ no answer: 10.1.0.1:1688, 10.1.0.2:1688, 10.1.0.3:1688 and 2 more [tcp-no-answer, ambiguous]",
    ]);
  });

  it("begins with the trouble that most clients would meet", () => {
    const hosts = [listed(1, isRefused), listed(2, isSilent)];
    const weighed = (first: number, second: number): Evidence => {
      const records = [
        record("kms1.corp.example", { weight: first }),
        record("kms2.corp.example", { weight: second }),
      ];
      return domain([says(lists(records))], hosts);
    };
    expect(codes(reportOf([weighed(90, 10)]))).toEqual(["tcp-refused", "tcp-no-answer"]);
    expect(codes(reportOf([weighed(10, 90)]))).toEqual(["tcp-no-answer", "tcp-refused"]);
  });

  it("does not speak of a suffix of this machine without hosts, where another has hosts that serve", () => {
    const empty = domain([says(denies("NXDOMAIN"))], [], {
      named: "home.example",
      suffixFrom: "/etc/resolv.conf",
    });
    expect(titles(reportOf([empty, equals(1, 0)]))).toEqual([]);
    expect(codes(reportOf([empty, equals(1, 1)]))).toEqual(["srv-nxdomain", "tcp-no-answer"]);
  });

  it("does not speak of a family that this machine has not, where the host serves by the other", () => {
    const over = { address: "fd00::1", family: 6, via: null, routeErrno: "ENETUNREACH" } as const;
    const both = endpoint([connected(serving()), unconnected("ENETUNREACH", 0.2, over)]);
    expect(titles(reportOf([zone([both])]))).toEqual([]);
  });

  it("puts together only what has the same causes", () => {
    const here = { via: null, routeErrno: "ENETUNREACH" };
    const hosts = [
      listed(1, (over) => unconnected("ENETUNREACH", 0.1, { ...over, ...here })),
      listed(2, (over) => unconnected("ENETUNREACH", 12, over)),
    ];
    expect(titles(reportOf([zone(hosts)]))).toEqual([
      " 1 ✗ network unreachable: 10.1.0.1:1688 [tcp-net-unreachable, certain]",
      " 2 ✗ network unreachable: 10.1.0.2:1688 [tcp-net-unreachable, ambiguous]",
    ]);
  });

  it("shows two steps for each and a further option, and all of them with --verbose", () => {
    const report = reportOf([host(unconnected("deadline", 4_000))]);
    const [short = "", long = ""] = [false, true].map((verbose) => {
      const text = textOf(report, { verbose });
      return text.slice(text.indexOf("What to do")).split("\n\n")[0];
    });
    expect([linesWith(short, "→ "), linesWith(long, "→ ")].map(({ length }) => length)).toEqual([3, 5]);
    expect(short).toContain("kmsprobe check 10.1.0.1:1688 --trace");
  });

  it("keeps a command in one line, fit to be copied", () => {
    const text = textOf(reportOf([domain([says(denies("NXDOMAIN"))], [])]), { width: 60 });
    expect(linesWith(text, "Add-DnsServerResourceRecord")).toEqual([
      "Add-DnsServerResourceRecord -Srv -ZoneName corp.example -Name _vlmcs._tcp -DomainName <kms host> -Priority 0 -Weight 0 -Port 1688",
    ]);
  });
});

describe("the table of hosts", () => {
  it("has a line for each address, with figures, chance and verdict", () => {
    expect(tableOf(reportOf([equals(2, 1)]))).toEqual([
      "  HOST                    ADDRESS   VIA            TCP ms  RPC ms  FIRST  VERDICT",
      "✓ kms1.corp.example:1688  10.1.0.1  tun0 10.8.0.6     2.3     1.0   50 %  serves",
      "✗ kms2.corp.example:1688  10.1.0.2  tun0 10.8.0.6       –       –   50 %  no answer (several causes fit)",
    ]);
  });

  it("has no column of chances for a given list", () => {
    expect(tableOf(reportOf([host(connected(serving()))]))[0]).toBe(
      "  HOST                    ADDRESS   VIA            TCP ms  RPC ms  VERDICT",
    );
  });

  it("gives up details, and no verdict, where the terminal is narrow", () => {
    const [head = "", ...rows] = tableOf(reportOf([equals(2, 1)]), 60);
    expect(head).not.toContain("VIA");
    expect(rows.map((row) => row.split("  ").at(-1))).toEqual([
      "serves",
      "no answer *",
      "* several causes fit",
    ]);
  });

  it.each([80, 60])("says once that several causes fit, where %i columns have no room for it", (width) => {
    const lines = textOf(reportOf([equals(2, 1)]), { width }).split("\n");
    const last = lines.findIndex((line) => line.endsWith("no answer *"));
    expect(lines[last + 1]).toBe("  * several causes fit");
    const certain = textOf(reportOf([host(connected(serving()))]), { width });
    expect(certain).not.toContain("*");
  });
});
