/** Published × answering × permitted: every combination, what narrows the steps down, and any mixture at all. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { reconcileCodes, sweepReportSchema } from "../../../../src/sweep/model.ts";
import type {
  EndpointLine,
  PermittedEntry,
  PublishedDomain,
  Reconcile,
  ReconcileCode,
  ReconcileRow,
} from "../../../../src/sweep/model.ts";
import { reconcile } from "../../../../src/sweep/reconcile.ts";
import { HOSTILE } from "../../verdict/arbitrary.ts";
import { line, lineWithout, MADE, permit, published, told, unlisted, ZONE } from "./builders.ts";
import { runs } from "../../runs.ts";

const A = "10.0.0.1";
const KMS1 = "kms1.corp.example";

function joined(
  lines: EndpointLine[],
  listed: PublishedDomain[] | null,
  permitted: PermittedEntry[] | null,
): Reconcile {
  const found = sweepReportSchema.shape.reconcile.parse(reconcile(lines, listed, permitted));
  if (found === null) throw new Error("nothing to compare with");
  return found;
}

function rows(...args: Parameters<typeof joined>): string[] {
  return joined(...args).rows.map(told);
}

function rowAt(found: Reconcile, address: string | null): ReconcileRow {
  const row = found.rows.find((each) => each.address === address);
  if (row === undefined) throw new Error(`no row for ${address}`);
  return row;
}

function commandsOf(row: ReconcileRow, code: ReconcileCode): string[] {
  const finding = row.findings.find((each) => each.code === code);
  return (finding?.next ?? []).flatMap(({ command }) => command ?? []);
}

const LISTED = [published({ [KMS1]: [A] })];
const UNLISTED = [published({})];
const PERMITTED = [permit(A)];
/** Permits, in a way that makes no row of its own. */
const OTHERS = [permit("192.0.2.0/24")];

describe("the combinations", () => {
  it.each<[string, EndpointLine[], PublishedDomain[] | null, PermittedEntry[] | null, string[]]>([
    // Published, answering, permitted: eight of them.
    ["111", [line(A, "serves")], LISTED, PERMITTED, [`${A}:1688 published serves permitted: `]],
    [
      "110",
      [line(A, "serves")],
      LISTED,
      OTHERS,
      [`${A}:1688 published serves unpermitted: not-permitted-answering, not-permitted-published`],
    ],
    [
      "101",
      [line(A, "refused")],
      LISTED,
      PERMITTED,
      [`${A}:1688 published does-not-serve permitted: published-dead`],
    ],
    [
      "100",
      [line(A, "refused")],
      LISTED,
      OTHERS,
      [`${A}:1688 published does-not-serve unpermitted: published-dead, not-permitted-published`],
    ],
    [
      "011",
      [line(A, "serves")],
      UNLISTED,
      PERMITTED,
      [`${A}:1688 unpublished serves permitted: permitted-unpublished`],
    ],
    [
      "010",
      [line(A, "serves")],
      UNLISTED,
      OTHERS,
      [`${A}:1688 unpublished serves unpermitted: unpublished-answering, not-permitted-answering`],
    ],
    [
      "001",
      [line(A, "refused")],
      UNLISTED,
      PERMITTED,
      [`${A}:1688 unpublished does-not-serve permitted: permitted-dead`],
    ],
    ["000", [line(A, "refused")], UNLISTED, OTHERS, []],
    // Not swept.
    ["1-1", [], LISTED, PERMITTED, [`${A}:1688 published not-swept permitted: published-not-swept`]],
    [
      "1-0",
      [],
      LISTED,
      OTHERS,
      [`${A}:1688 published not-swept unpermitted: published-not-swept, not-permitted-published`],
    ],
    ["0-1", [], UNLISTED, PERMITTED, [`${A}:any unpublished not-swept permitted: permitted-not-swept`]],
    // DNS not asked.
    ["?11", [line(A, "serves")], null, PERMITTED, [`${A}:1688 published? serves permitted: `]],
    [
      "?10",
      [line(A, "serves")],
      null,
      OTHERS,
      [`${A}:1688 published? serves unpermitted: not-permitted-answering`],
    ],
    [
      "?01",
      [line(A, "refused")],
      null,
      PERMITTED,
      [`${A}:1688 published? does-not-serve permitted: permitted-dead`],
    ],
    ["?-1", [], null, PERMITTED, [`${A}:any published? not-swept permitted: permitted-not-swept`]],
    // Nobody said who is permitted.
    ["11?", [line(A, "serves")], LISTED, null, [`${A}:1688 published serves permitted?: `]],
    [
      "10?",
      [line(A, "refused")],
      LISTED,
      null,
      [`${A}:1688 published does-not-serve permitted?: published-dead`],
    ],
    ["1-?", [], LISTED, null, [`${A}:1688 published not-swept permitted?: published-not-swept`]],
    [
      "01?",
      [line(A, "serves")],
      UNLISTED,
      null,
      [`${A}:1688 unpublished serves permitted?: unpublished-answering`],
    ],
    ["00?", [line(A, "refused")], UNLISTED, null, []],
  ])("%s", (_, lines, listed, permitted, expected) => {
    expect(rows(lines, listed, permitted)).toEqual(expected);
  });

  it("are not looked at where there is nothing to compare with", () => {
    expect(reconcile([line(A, "serves")], null, null)).toBeNull();
  });
});

describe("what answers", () => {
  it.each<[keyof typeof MADE, string]>([
    ["http", "does-not-serve"],
    // Whoever looks for hosts that should not be there wants these as well.
    ["anything", "serves"],
    ["plain-only", "serves"],
    // This machine's trouble is not the host's.
    ["untold", "not-swept"],
  ])("%s: %s", (what, answers) => {
    const row = rowAt(joined([line(A, what)], LISTED, null), A);
    expect(row.answers).toBe(answers);
    expect(row.code).toBe(line(A, what).attempts[0]?.verdict.code);
  });

  it("is the best of several lines for one address, with all names", () => {
    const lines = [
      line(A, "refused", { host: "old.corp.example" }),
      line(A, "serves", { names: ["alias.corp.example"] }),
      line(A, "untold"),
    ];
    expect(rowAt(joined(lines, LISTED, null), A)).toMatchObject({
      answers: "serves",
      code: "rpc-serves",
      names: ["alias.corp.example", KMS1, "old.corp.example"],
    });
  });
});

describe("an address", () => {
  it.each([
    ["2001:DB8:0::1", "2001:db8::1"],
    ["::ffff:10.0.0.1", "10.0.0.1"],
  ])("%s and %s are the same", (one, other) => {
    const same = [`${other}:1688 published serves permitted: `];
    expect(rows([line(one, "serves")], [published({ [KMS1]: [other] })], [permit(one)])).toEqual(same);
    expect(rows([line(other, "serves")], [published({ [KMS1]: [one] })], [permit(other)])).toEqual(same);
  });

  it("is another host at another port", () => {
    const lines = [line(A, "serves", { port: 1700 }), line(A, "refused")];
    expect(rows(lines, LISTED, [permit(A, [], 1688)])).toEqual([
      `${A}:1688 published does-not-serve permitted: published-dead`,
      `${A}:1700 unpublished serves unpermitted: unpublished-answering, not-permitted-answering`,
    ]);
  });

  it("comes in the order of numbers, IPv4 before IPv6 before names", () => {
    const at = ["10.0.0.10", "fd00::2", "10.0.0.9", "9.255.0.1", "fd00::1"].map((each) =>
      line(each, "serves"),
    );
    const found = joined(at, [published({ "gone.corp.example": [] })], null);
    expect(found.rows.map(({ address }) => address)).toEqual([
      "9.255.0.1",
      "10.0.0.9",
      "10.0.0.10",
      "fd00::1",
      "fd00::2",
      null,
    ]);
  });
});

describe("a permission", () => {
  it("by CIDR takes what is within, at its port, and makes no row", () => {
    const lines = [line(A, "serves"), line("10.0.1.1", "serves"), line("fd00::1", "serves")];
    const found = joined(lines, null, [permit("10.0.0.0/24", [], 1688), permit("10.0.1.0/24", [], 1700)]);
    expect(found.rows.map(told)).toEqual([
      `${A}:1688 published? serves permitted: `,
      "10.0.1.1:1688 published? serves unpermitted: not-permitted-answering",
      "fd00::1:1688 published? serves unpermitted: not-permitted-answering",
    ]);
  });

  it("by name stands for its addresses, and for nothing that DNS lists under that name beside them", () => {
    const lines = [line(A, "serves"), line("10.0.0.66", "serves")];
    const listed = [published({ [KMS1]: [A, "10.0.0.66"] })];
    expect(rows(lines, listed, [permit(KMS1, [A])])).toEqual([
      `${A}:1688 published serves permitted: `,
      "10.0.0.66:1688 published serves unpermitted: not-permitted-answering, not-permitted-published",
    ]);
  });

  it("by a name without an address stands for what carries the name", () => {
    expect(rows([line(A, "serves")], LISTED, [permit("KMS1.corp.example")])).toEqual([
      `${A}:1688 published serves permitted: `,
    ]);
    expect(rows([line(A, "refused", { host: KMS1 })], UNLISTED, [permit(KMS1)])).toEqual([
      `${A}:1688 unpublished does-not-serve permitted: permitted-dead`,
    ]);
    expect(rows([lineWithout(KMS1)], UNLISTED, [permit(KMS1)])).toEqual([
      `${KMS1}:1688 unpublished does-not-serve permitted: permitted-dead`,
    ]);
    expect(rows([], UNLISTED, [permit(KMS1, [], 1700)])).toEqual([
      `${KMS1}:1700 unpublished not-swept permitted: permitted-dead`,
    ]);
  });

  it("at any port is met by one port that serves, and missed at each that was tried", () => {
    const lines = [line(A, "serves", { port: 1700 }), line(A, "refused")];
    expect(rows(lines, null, PERMITTED)).toEqual([`${A}:1700 published? serves permitted: `]);
    const dead = [line(A, "refused", { port: 1700 }), line(A, "refused")];
    expect(rows(dead, null, PERMITTED)).toEqual([
      `${A}:1688 published? does-not-serve permitted: permitted-dead`,
      `${A}:1700 published? does-not-serve permitted: permitted-dead`,
    ]);
  });
});

describe("what DNS lists", () => {
  it("is a name without an address, too: nobody reaches that", () => {
    const row = rowAt(joined([], [published({ "gone.corp.example": [] })], null), null);
    expect(told(row)).toBe("gone.corp.example:1688 published not-swept permitted?: published-dead");
    expect(row.findings[0]?.observed).toBe(
      "corp.example lists gone.corp.example, and no address was found for it",
    );
    expect(commandsOf(row, "published-dead")).toEqual([
      "dig @10.0.0.53 -p 53 gone.corp.example A; dig @10.0.0.53 -p 53 gone.corp.example AAAA",
      "dnscmd /RecordDelete corp.example _vlmcs._tcp SRV 0 0 1688 gone.corp.example. /f",
      "printf '%s\\n' 'update delete _vlmcs._tcp.corp.example. SRV 0 0 1688 gone.corp.example.' send | nsupdate -l",
    ]);
  });

  it("is known by name where only the sweep found an address", () => {
    expect(rows([line(A, "serves", { host: KMS1 })], [published({ [KMS1]: [] })], null)).toEqual([
      `${A}:1688 published serves permitted?: `,
    ]);
  });

  it("is an address in place of a name, as some zones have it", () => {
    expect(rows([line(A, "serves")], [published({ [A]: [] })], null)).toEqual([
      `${A}:1688 published serves permitted?: `,
    ]);
  });

  it("is not known to lack a host where it was not seen whole", () => {
    const serving = [line(A, "serves")];
    const answer = (known: PublishedDomain): string[] =>
      rows(serving, [known, published({}, { domain: "b.example" })], null);
    const missing = [`${A}:1688 unpublished serves permitted?: unpublished-answering`];
    const unknown = [`${A}:1688 published? serves permitted?: `];
    expect(answer(unlisted("NXDOMAIN"))).toEqual(missing);
    expect(answer(unlisted("SERVFAIL"))).toEqual(unknown);
    expect(answer(unlisted("REFUSED"))).toEqual(unknown);
    const whole = published({ "kms2.corp.example": ["10.0.0.2"] });
    expect(answer({ ...whole, hosts: [] })).toEqual(unknown);
  });
});

describe("the steps", () => {
  it.each<[string, Parameters<typeof line>[1]]>([
    ["refuses", "refused"],
    ["speaks HTTP", "http"],
  ])("take no record away of a host that %s: what another cause fits is not certain", (_, answer) => {
    const row = rowAt(joined([line(A, answer)], LISTED, null), A);
    expect(told(row)).toBe(`${A}:1688 published does-not-serve permitted?: published-dead`);
    expect(commandsOf(row, "published-dead")).toEqual([`kmsprobe check ${A}:1688`]);
    expect(row.findings[0]?.next[1]?.text).toMatch(/^Leave its record alone/);
  });

  it("take none away of a name whose addresses nobody could be asked for", () => {
    const [known] = [published({ [KMS1]: [] })];
    const hosts = known.hosts.map((host) => ({ ...host, gone: false }));
    const row = rowAt(joined([], [{ ...known, hosts }], null), null);
    expect(commandsOf(row, "published-dead").join()).not.toMatch(/RecordDelete|update delete/);
  });

  it("ask whom the sweep asked for the name of a permitted host", () => {
    const entry = { ...permit(KMS1), resolver: { address: "127.0.0.1", port: 5353 } };
    const row = rowAt(joined([], null, [entry]), null);
    expect(commandsOf(row, "permitted-dead")).toEqual([
      `dig @127.0.0.1 -p 5353 ${KMS1} A; dig @127.0.0.1 -p 5353 ${KMS1} AAAA`,
    ]);
  });

  it("for a host that is not permitted are Microsoft's, in order, with the record's own removal", () => {
    const row = rowAt(joined([line(A, "serves")], LISTED, OTHERS), A);
    expect(row.findings[0]).toMatchObject({
      code: "not-permitted-answering",
      severity: "warning",
      observed: `${A}:1688 accepts the KMS bind, and is not permitted to`,
    });
    expect(commandsOf(row, "not-permitted-answering")).toEqual([
      "slmgr.vbs /dlv all",
      "slmgr.vbs /cdns",
      "slmgr.vbs /ipk <client setup key>",
      "slmgr.vbs /upk <activation ID of the Office host key>",
      "Restart-Service sppsvc",
      "slmgr.vbs /dli",
      "dnscmd /RecordDelete corp.example _vlmcs._tcp SRV 0 0 1688 kms1.corp.example. /f",
      "printf '%s\\n' 'update delete _vlmcs._tcp.corp.example. SRV 0 0 1688 kms1.corp.example.' send | nsupdate -l",
      "slmgr.vbs /ckhc",
      "slmgr.vbs /ckms",
      'New-NetFirewallRule -DisplayName "KMS not permitted" -Direction Inbound -Protocol TCP -LocalPort 1688 -Action Block',
      `deny tcp from any to ${A} port 1688`,
    ]);
    // What removes the record stands there once.
    expect(commandsOf(row, "not-permitted-published")).toEqual([]);
  });

  it("leave a record alone whose other address serves", () => {
    const lines = [line(A, "serves"), line("fd00::1", "refused")];
    const row = rowAt(joined(lines, [published({ [KMS1]: [A, "fd00::1"] })], null), "fd00::1");
    expect(told(row)).toBe("fd00::1:1688 published does-not-serve permitted?: published-dead");
    expect(commandsOf(row, "published-dead")).toEqual(["kmsprobe check [fd00::1]:1688"]);
    expect(row.findings[0]?.next.map(({ where }) => where)).toEqual(["here", "dns"]);
  });

  it("ask first whether it is the permitted machine, where the same name leads to both", () => {
    const lines = [line(A, "serves"), line("fd00::1", "serves")];
    const row = rowAt(joined(lines, [published({ [KMS1]: [A, "fd00::1"] })], PERMITTED), "fd00::1");
    const [finding] = row.findings;
    expect(finding?.code).toBe("not-permitted-answering");
    expect(finding?.next[0]?.text).toContain("where this is the same machine, add this address to the list");
    const commands = row.findings.flatMap(({ code }) => commandsOf(row, code)).join("\n");
    expect(commands).not.toMatch(/RecordDelete|nsupdate|deny tcp|NetFirewall/);
  });

  it("list a permitted host that serves in every domain, like the hosts that are there", () => {
    const listed = [published({ "kms2.corp.example": ["10.0.0.2"] }, { over: { priority: 5, weight: 10 } })];
    const found = joined(
      [line(A, "serves", { host: KMS1 }), line("10.0.0.2", "serves")],
      listed,
      OTHERS.concat(PERMITTED),
    );
    expect(commandsOf(rowAt(found, A), "permitted-unpublished")).toEqual([
      "slmgr.vbs /dlv",
      "slmgr.vbs /sdns",
      "dnscmd /RecordAdd corp.example _vlmcs._tcp 3600 SRV 5 10 1688 kms1.corp.example.",
      "printf '%s\\n' 'update add _vlmcs._tcp.corp.example. 3600 SRV 5 10 1688 kms1.corp.example.' send | nsupdate -l",
    ]);
  });

  it("want a name before they list a host", () => {
    const row = rowAt(joined([line(A, "serves")], UNLISTED, PERMITTED), A);
    expect(row.findings[0]?.next.at(-1)).toEqual({
      where: "dns",
      text: "Or add its record by hand: an SRV record wants its host's name",
      command: null,
    });
  });

  it("never tell how to publish what is not permitted", () => {
    const row = rowAt(joined([line(A, "serves", { host: KMS1 })], UNLISTED, OTHERS), A);
    expect(commandsOf(row, "unpublished-answering")).toEqual(["slmgr.vbs /dlv"]);
    expect(JSON.stringify(row)).not.toContain("RecordAdd");
  });
});

// ------------------------------------------------------------------------------------------- any mixture

const ADDRESSES = [A, "10.0.0.2", "10.0.1.1", "fd00::1", "::ffff:10.0.0.2"];
const NAMES = [KMS1, "KMS2.corp.example", "kms3"];
const hostile = fc.constantFrom<string>(...HOSTILE, "$(reboot).example", "a'b.example", "{host}");
const address = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(...ADDRESSES) },
  { weight: 1, arbitrary: hostile },
);
const name = fc.oneof({ weight: 8, arbitrary: fc.constantFrom(...NAMES) }, { weight: 1, arbitrary: hostile });
const port = fc.constantFrom(1688, 1700);

const aLine = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .record({
        at: address,
        what: fc.constantFrom(..."serves,refused,http,anything,plain-only,untold".split(",").filter(isMade)),
        port,
        host: fc.option(name),
        names: fc.array(name, { maxLength: 2 }),
      })
      .map(({ at, what, host, ...rest }) => line(at, what, { ...rest, host: host ?? at })),
  },
  { weight: 1, arbitrary: fc.tuple(name, port).map(([host, at]) => lineWithout(host, at)) },
);

function isMade(what: string): what is keyof typeof MADE {
  return Object.hasOwn(MADE, what);
}

const aDomain = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .record({
        hosts: fc.dictionary(name, fc.array(address, { maxLength: 3 }), { maxKeys: 3 }),
        domain: fc.oneof(
          { weight: 6, arbitrary: fc.constantFrom(ZONE, "b.example") },
          { weight: 1, arbitrary: hostile },
        ),
        port,
      })
      .map(({ hosts, ...rest }) => published(hosts, rest)),
  },
  { weight: 1, arbitrary: fc.constantFrom("NXDOMAIN", "SERVFAIL").map((rcode) => unlisted(rcode)) },
);

const anEntry = fc
  .record({
    text: fc.oneof(address, name, fc.constantFrom("10.0.0.0/24", "fd00::/64", "0.0.0.0/0", "nonsense/24")),
    found: fc.array(address, { maxLength: 2 }),
    port: fc.option(port),
  })
  .map(({ text, found, port: at }) => permit(text, found, at));

const mixture = fc.record({
  lines: fc.array(aLine, { maxLength: 6 }),
  listed: fc.option(fc.array(aDomain, { maxLength: 3 })),
  permitted: fc.option(fc.array(anEntry, { maxLength: 5 })),
  shuffle: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 24, maxLength: 24 }),
});

/** The same things, in an order of chance. */
function shuffled<Item>(items: readonly Item[], by: readonly number[]): Item[] {
  return items
    .map((item, index) => ({ item, at: by[index % by.length] ?? 0 }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ item }) => item);
}

describe("whatever is joined", () => {
  it("gives the same, in whatever order it comes, and however often", () => {
    fc.assert(
      fc.property(mixture, ({ lines, listed, permitted, shuffle }) => {
        const once = reconcile(lines, listed, permitted);
        const again = reconcile(
          shuffled([...lines, ...lines.slice(0, 2)], shuffle),
          listed && shuffled(listed, shuffle),
          permitted && shuffled([...permitted, ...permitted.slice(0, 1)], shuffle),
        );
        expect(again).toEqual(once);
      }),
      { numRuns: runs(1_000) },
    );
  });

  it("is a report that can be read back, whose rows each say why they are there, and whose findings follow", () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(mixture, ({ lines, listed, permitted }) => {
        const found = sweepReportSchema.shape.reconcile.parse(reconcile(lines, listed, permitted));
        expect(found === null).toBe(listed === null && permitted === null);
        const places = (found?.rows ?? []).map(({ address: at, port: by, names }) =>
          JSON.stringify([at, by, at === null && names]),
        );
        expect(new Set(places).size).toBe(places.length);
        for (const row of found?.rows ?? []) {
          const { published: isListed, answers, permitted: may } = row;
          expect(isListed === true || answers === "serves" || may === true).toBe(true);
          if (listed === null) expect(isListed).toBeNull();
          if (permitted === null) expect(may).toBeNull();
          const codes = row.findings.map(({ code }) => code);
          for (const code of codes) seen.add(code);
          expect(codes).toEqual(reconcileCodes.filter((code) => codes.includes(code)));
          expect(codes.includes("not-permitted-answering")).toBe(answers === "serves" && may === false);
          expect(codes.includes("not-permitted-published")).toBe(isListed === true && may === false);
          expect(codes.some((code) => /unpublished/.test(code))).toBe(
            answers === "serves" && isListed === false,
          );
          if (isListed === true && answers === "does-not-serve") expect(codes).toContain("published-dead");
          if (isListed === true && answers === "serves" && may !== false) expect(codes).toEqual([]);
          for (const { observed, next } of row.findings) {
            expect(observed.replaceAll("{host}", "")).not.toMatch(/\{\w+\}/);
            expect(next.length).toBeGreaterThan(0);
          }
        }
      }),
      { numRuns: runs(1_000) },
    );
    expect([...seen].toSorted()).toEqual([...reconcileCodes].toSorted());
  });

  it("puts nothing into a command line that is no address and no name", () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(mixture, ({ lines, listed, permitted }) => {
        for (const row of reconcile(lines, listed, permitted)?.rows ?? []) {
          for (const { next } of row.findings) {
            for (const { command } of next) {
              if (command === null) continue;
              seen.add(command.split(" ")[0] ?? "");
              expect(command).toMatch(COMMAND);
            }
          }
        }
      }),
      { numRuns: runs(1_000) },
    );
    expect([...seen].toSorted()).toEqual(
      [
        "New-NetFirewallRule",
        "Restart-Service",
        "deny",
        "dig",
        "dnscmd",
        "kmsprobe",
        "printf",
        "slmgr.vbs",
      ].toSorted(),
    );
  });
});

const HOST = "(<address>|[a-z0-9_.:-]+|\\[[0-9a-f:.]+\\])(:\\d+)?";
const RECORD = "\\d+ \\d+ \\d+ [a-z0-9_.:-]+\\.";
/** All there can be, letter by letter. */
const COMMAND = new RegExp(
  [
    `^kmsprobe check ${HOST}$`,
    "^(dig (@[0-9a-f.:]+ -p \\d+ )?([a-z0-9_.-]+|<kms host>) A+(; |$)){2}$",
    "^slmgr\\.vbs /(dlv( all)?|dli|cdns|sdns|ckhc|ckms|ipk <client setup key>|upk <activation ID of the Office host key>)$",
    "^Restart-Service sppsvc$",
    '^New-NetFirewallRule -DisplayName "KMS not permitted" -Direction Inbound -Protocol TCP -LocalPort \\d+ -Action Block$',
    `^deny tcp from any to ${HOST} port \\d+$`,
    `^(dnscmd /Record(Add|Delete) [a-z0-9_.-]+ _vlmcs\\._tcp (3600 )?SRV ${RECORD}( /f)?(; |$))+$`,
    `^printf '%s\\\\n' ('update (add|delete) _vlmcs\\._tcp\\.[a-z0-9_.-]+ (3600 )?SRV ${RECORD}' )+send \\| nsupdate -l$`,
  ].join("|"),
);
