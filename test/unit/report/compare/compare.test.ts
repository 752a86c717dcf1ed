import { describe, expect, it } from "vitest";
import { markdownText } from "../../../../src/report/markdown-escape.ts";
import { renderCompareJson } from "../../../../src/report/compare/json.ts";
import { renderCompareMarkdown } from "../../../../src/report/compare/markdown.ts";
import { renderCompareText } from "../../../../src/report/compare/text.ts";
import {
  asked,
  attempt,
  compared,
  denies,
  diagnosis,
  endpoint,
  lists,
  report,
} from "../../compare/reports.ts";

const seen = (via: string, code: "rpc-serves" | "tcp-no-answer") => [
  endpoint("kms1.corp.example", [attempt("10.30.0.11", code, { via: { address: via, interface: null } })]),
  endpoint("kms2.corp.example", [
    attempt("10.30.0.12", "tcp-refused", { via: { address: via, interface: null } }),
  ]),
];
const listed = lists("kms1.corp.example", "kms2.corp.example");

const comparison = compared({
  office: report([asked(seen("10.1.0.9", "rpc-serves"), [listed])]),
  vpn: report([asked(seen("10.8.0.6", "tcp-no-answer"), [listed])], {
    from: { host: "laptop", platform: "win32" },
  }),
});

describe("the text of a comparison", () => {
  it("shows places, host × place, what differs, and what follows", () => {
    expect(renderCompareText(comparison, { color: false, width: 100 })).toBe(
      `
✗ What serves differs by place

  PLACE   MACHINE  WHEN                     REPORT
  office  jump01   2026-10-20 10:00:00 UTC  office.json
  vpn     laptop   2026-10-20 10:00:00 UTC  vpn.json

  HOST                    ADDRESS     OFFICE              VPN
10.30.0.0/24
≠ kms1.corp.example:1688  10.30.0.11  ✓ serves 2.0 / 3.0  ✗ no answer
  kms2.corp.example:1688  10.30.0.12  ✗ refused           ✗ refused
  TCP / RPC in ms; ≠ serves at some places and not at others

_vlmcs._tcp.corp.example  the same at office and vpn: 2 hosts

What differs
  serving  kms1.corp.example (10.30.0.11): from office; not from vpn (no answer)
  suffix   corp.example: some host serves from office; none from vpn

✗ What serves differs by place
  • From vpn kms1.corp.example (10.30.0.11) gets no connection (no answer); from office it serves.
    Blocked between vpn and the host, or at the host by source address: ask for 10.8.0.0/24 →
    10.30.0.11 tcp/1688.
  • kms2.corp.example (10.30.0.12) refuses from everywhere (office and vpn): the host, or what
    stands in front of it, not the path.
  Subnets are /24 (IPv6: /64) where --network names none; the source is the probe's own address,
  which NAT on the way may change.
`.slice(1),
    );
  });

  it("explains the signs that are there, and no others", () => {
    const same = report([diagnosis(seen("10.1.0.9", "tcp-no-answer"))]);
    const alike = compared({ a: same, b: same });
    for (const text of [
      renderCompareText(alike, { color: false, width: 100 }),
      renderCompareMarkdown(alike),
    ]) {
      expect(text).not.toContain("≠");
      expect(text).not.toContain("TCP / RPC");
    }
    const served = report([diagnosis(seen("10.1.0.9", "rpc-serves"))]);
    expect(renderCompareText(compared({ a: served, b: served }), { color: false, width: 100 })).toContain(
      "\n  TCP / RPC in ms\n",
    );
  });

  it("goes without the times, then without columns, on a narrow terminal", () => {
    const narrow = renderCompareText(comparison, { color: false, width: 65 });
    expect(narrow).toContain("≠ kms1.corp.example:1688  10.30.0.11  ✓ serves   ✗ no answer\n");
    const narrower = renderCompareText(comparison, { color: false, width: 55 });
    expect(narrower).toContain(
      "≠ kms1.corp.example:1688  10.30.0.11\n    office  ✓ serves 2.0 / 3.0\n    vpn     ✗ no answer\n",
    );
  });

  it("has a line a place where the list is long", () => {
    const many = Array.from({ length: 1_001 }, (_, index) => {
      const address = `10.30.${index >> 8}.${index & 255}`;
      return endpoint(address, [attempt(address, "rpc-serves")]);
    });
    const long = report([diagnosis(many)]);
    const text = renderCompareText(compared({ a: long, b: long }), { color: false, width: 100 });
    expect(text).toContain(
      "  10.30.3.232:1688  10.30.3.232\n    a  ✓ serves 2.0 / 3.0\n    b  ✓ serves 2.0 / 3.0\n",
    );
  });

  it("says the same in colour", () => {
    const colored = renderCompareText(comparison, { color: true, width: 100 });
    // oxlint-disable-next-line no-control-regex
    expect(colored.replace(/\u001b\[\d+m/g, "")).toBe(
      renderCompareText(comparison, { color: false, width: 100 }),
    );
    expect(colored).toContain("\u001b[31m✗ no answer\u001b[39m");
  });

  it("shows versions and resolvers where they differ", () => {
    const other = compared({
      office: report([asked(seen("10.1.0.9", "rpc-serves"), [listed])]),
      vpn: report([asked([], [denies("NXDOMAIN")])], { tool: { version: "0.2.0" }, interrupted: true }),
    });
    const text = renderCompareText(other, { color: false, width: 120 });
    expect(text).toContain("  vpn     jump01   2026-10-20 10:00:00 UTC  0.2.0     vpn.json, interrupted\n");
    expect(text).toContain(
      "≠ _vlmcs._tcp.corp.example\n    office: 10.0.0.53:53 2 hosts: kms1.corp.example:1688, kms2.corp.example:1688\n    vpn: 10.0.0.53:53 NXDOMAIN\n",
    );
    expect(text).toContain("– not looked at");
  });
});

describe("the Markdown of a comparison", () => {
  it("says what follows first, then the tables", () => {
    expect(renderCompareMarkdown(comparison)).toBe(
      `
# KMS hosts seen from office and vpn

**What serves differs by place.**

- From vpn kms1.corp.example (10.30.0.11) gets no connection (no answer); from office it serves. Blocked between vpn and the host, or at the host by source address: ask for 10.8.0.0/24 → 10.30.0.11 tcp/1688.
- kms2.corp.example (10.30.0.12) refuses from everywhere (office and vpn): the host, or what stands in front of it, not the path.
- Subnets are /24 (IPv6: /64) where --network names none; the source is the probe's own address, which NAT on the way may change.

## Hosts

TCP / RPC in ms; ≠ serves at some places and not at others.

### 10.30.0.0/24

|  | host | address | office | vpn |
|---|---|---|---|---|
| ≠ | kms1.corp.example:1688 | 10.30.0.11 | ✓ serves 2.0 / 3.0 | ✗ no answer |
|  | kms2.corp.example:1688 | 10.30.0.12 | ✗ refused | ✗ refused |

## DNS

| suffix | place | resolver | lists |
|---|---|---|---|
| corp.example | office | 10.0.0.53:53 | 2 hosts: kms1.corp.example:1688, kms2.corp.example:1688 |
| corp.example | vpn | 10.0.0.53:53 | 2 hosts: kms1.corp.example:1688, kms2.corp.example:1688 |

## What differs

- serving: kms1.corp.example (10.30.0.11): from office; not from vpn (no answer)
- suffix: corp.example: some host serves from office; none from vpn

## Places

| place | machine | source | when | kmsprobe | report |
|---|---|---|---|---|---|
| office | jump01 | – | 2026-10-20T10:00:00.000Z | 0.1.0 | office.json |
| vpn | laptop | – | 2026-10-20T10:00:00.000Z | 0.1.0 | vpn.json |
`.slice(1),
    );
  });

  it.each([
    ["a|b", "a\\|b"],
    ["back`tick\\", "back\\`tick\\\\"],
    ["[x](http://y)", "\\[x\\](http\\://y)"],
    ["<script>&amp;", "\\<script\\>\\&amp;"],
    ["*bold* _under_ ~~gone~~ $math$", "\\*bold\\* \\_under\\_ \\~\\~gone\\~\\~ \\$math\\$"],
    ["@team closes #12", "`@`team closes `#`12"],
    ["www.example.com", "www\\.example.com"],
    ["- item", "\\- item"],
    ["1. item", "1\\. item"],
    ["10.30.0.11", "10.30.0.11"],
  ])("escapes %s", (text, expected) => {
    expect(markdownText(text)).toBe(expected);
  });
});

describe("the JSON of a comparison", () => {
  it("is the comparison, in ASCII", () => {
    const text = renderCompareJson(comparison);
    expect(JSON.parse(text)).toEqual(comparison);
    expect(text).toMatch(/^[\n\x20-\x7e]*$/);
  });
});
