import { describe, expect, it } from "vitest";
import { findingCodes } from "../../../src/model/finding.ts";
import { verdictCodes } from "../../../src/model/verdict.ts";
import { catalog, entryOf } from "../../../src/verdict/catalog.ts";
import { findingCatalog } from "../../../src/verdict/findings/catalog.ts";
import { HINTS } from "../../../src/verdict/catalog/entry.ts";
import { asTyped, fill, hostPort, seconds, verdictOf } from "../../../src/verdict/words.ts";

describe("filling a template", () => {
  it("puts values in as they are", () => {
    expect(fill("{a} and {b}, {a}", { a: "\u001b[31m", b: "" })).toBe("\u001b[31m and , \u001b[31m");
  });

  it("does not fill what a value brings along", () => {
    expect(fill("{a}{b}", { a: "{b}", b: "{a}" })).toBe("{b}{a}");
  });

  it("takes $-patterns in a value literally", () => {
    expect(fill("<{a}>", { a: "$& $1 $'" })).toBe("<$& $1 $'>");
  });

  it("leaves a placeholder without value, so that a test sees it", () => {
    expect(fill("{missing} {a}", { a: "1" })).toBe("{missing} 1");
  });
});

describe("a command with an address and its zone", () => {
  it.each([
    ["ip route get fe80::53%eth0", "ip route get fe80::53 dev eth0"],
    ["ip route get fe80::53%eth0 from fd00::9", "ip route get fe80::53 dev eth0 from fd00::9"],
    ["ip route get 10.0.0.1 from 10.0.0.9", "ip route get 10.0.0.1 from 10.0.0.9"],
    ["dig @fe80::53%eth0 -p 53 kms1.corp.example A", "dig @fe80::53%eth0 -p 53 kms1.corp.example A"],
  ])("%s is typed as %s", (command, typed) => {
    expect(asTyped(command)).toBe(typed);
  });

  it("is one that can be typed, in every verdict that has one", () => {
    const values = { address: "fe80::53%eth0", resolverAddress: "fe80::53%eth0", fromSource: "" };
    const commands = verdictCodes
      .flatMap((code) => verdictOf(code, "", values, HINTS).next)
      .concat(verdictCodes.flatMap((code) => verdictOf(code, "", values).next))
      .flatMap(({ command }) => command ?? []);
    const routes = commands.filter((command) => command.startsWith("ip route get"));
    expect(routes.length).toBeGreaterThan(2);
    expect(routes.filter((command) => command.includes("%"))).toEqual([]);
  });
});

describe("figures and addresses in words", () => {
  it.each([
    [0, "0"],
    [49, "0"],
    [3_060, "3.1"],
    [21_000, "21"],
  ])("%d ms are %s s", (ms, text) => {
    expect(seconds(ms)).toBe(text);
  });

  it.each([
    ["10.0.0.1", "10.0.0.1:53"],
    ["fd00::1", "[fd00::1]:53"],
    ["kms1.corp.example", "kms1.corp.example:53"],
  ])("%s with port 53 is %s", (host, text) => {
    expect(hostPort(host, 53)).toBe(text);
  });
});

describe("hints", () => {
  it.each([
    [[], false, true],
    [["no-local-route"], true, false],
    [["acknowledged"], false, true],
  ] as const)("%j keep a line with `only` where seen, and drop one with `unless`", (hints, only, unless) => {
    const values = { address: "10.1.0.1", errno: "ENETUNREACH" };
    const { causes } = verdictOf("tcp-net-unreachable", "", values, hints);
    expect(causes.some((text) => text.startsWith("this machine has no route there"))).toBe(only);
    expect(causes.includes("a router on the path has no route there")).toBe(unless);
  });

  it.each([
    [[], "ambiguous"],
    [["acknowledged"], "ambiguous"],
    [["zero-window"], "likely"],
  ] as const)("%j set the certainty where the entry says so", (hints, certainty) => {
    expect(verdictOf("rpc-no-answer", "", {}, hints).certainty).toBe(certainty);
  });
});

describe("the catalogue", () => {
  it.each(verdictCodes)("%s has words fit for print: no empty line, no control, a sentence", (code) => {
    const { title, observed, causes, next } = entryOf(code);
    const lines = [title, observed, ...causes.map(({ text }) => text), ...next.map(({ text }) => text)];
    for (const line of lines) expect(line).toMatch(/^[\x20-\x7e]+$/);
    expect(title.length).toBeLessThanOrEqual(40);
    expect(observed).toMatch(/[.}]$/);
  });

  it.each(verdictCodes)("%s says what to do, unless it serves or sums others up", (code) => {
    const { severity, next } = entryOf(code);
    const none = ["rpc-serves", "domain-partly-serves", "run-partly-serves"].includes(code);
    expect(next.length > 0).toBe(!none);
    expect(severity === "ok").toBe(code === "rpc-serves");
  });

  it("has at least two causes wherever it is ambiguous", () => {
    const lonely = verdictCodes.filter((code) => {
      const { certainty, causes } = entryOf(code);
      return certainty === "ambiguous" && causes.filter(({ only }) => only === undefined).length < 2;
    });
    expect(lonely).toEqual([]);
  });

  it("names a client's error only in the form that Windows prints", () => {
    const codes = verdictCodes.flatMap((code) => entryOf(code).clientError ?? []);
    for (const code of codes) expect(code).toMatch(/^0x8007[0-9A-F]{4}$/);
  });

  it("counts as waiting only what a client's connect or bind meets with silence", () => {
    expect(verdictCodes.filter((code) => entryOf(code).clientWaits)).toEqual([
      "tcp-no-answer",
      "rpc-no-answer",
      "rpc-plain-bind-only",
    ]);
  });

  it("lays at this machine's door only what it or the user did", () => {
    expect(verdictCodes.filter((code) => entryOf(code).ours)).toEqual([
      "srv-local-failure",
      "address-left-out",
      "tcp-source-refused",
      "tcp-source-unusable",
      "tcp-no-local-address",
      "tcp-local-resources",
      "run-cut-short",
    ]);
  });

  it("has no entry beyond the codes", () => {
    expect(Object.keys(catalog).toSorted()).toEqual([...verdictCodes].toSorted());
    expect(Object.keys(findingCatalog).toSorted()).toEqual([...findingCodes].toSorted());
  });

  it("says of each finding what it means, in a sentence of its own that others are put behind", () => {
    const meanings = Object.values(findingCatalog).map(({ means }) => means);
    expect(meanings.filter((means) => !/^[A-Z].{20,120}[^.]$/.test(means))).toEqual([]);
    expect(new Set(meanings).size).toBe(meanings.length);
  });
});
