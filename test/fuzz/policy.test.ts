/** A policy or a baseline may be any text: what comes of it is a value, or one clear line for each mistake. */
import { Buffer } from "node:buffer";
import { test } from "vitest";
import { UsageError } from "../../src/targets/usage-error.ts";
import { readBaseline } from "../../src/verify/baseline/file.ts";
import { readPolicy } from "../../src/verify/read.ts";
import { fuzz, holds } from "./fuzz.ts";

const POLICIES = [
  "version: 1\ndomains: a.b\nexpect:\n- serve: {}\n",
  "version: 1\nvariables: {a: b.c}\nhosts: ${a}\nexpect:\n- closed: {hosts: 10.0.0.0/30, answer: refused}\n  id: x\n",
  "version: 1\nhosts: [a, '[::1]:1']\nexpect:\n- latency: {p95: 5ms}\n- lint: {domains: a.b, allow: lint-ttl}\n",
  "version: 1\nplaces:\n  p:\n    without: q\n    variables: {x: [1, 2]}\n",
  "version: 1\nhosts: &x [a.b]\nexpect:\n- serve: {hosts: *x, require: 2}\n  from: [e, f]\n  level: warning\n",
];

const BASELINES = [
  `{"schemaVersion":"1.0","kind":"baseline","tool":{"name":"kmsprobe","version":"${"0.1.2-x".repeat(90)}"},"writtenAt":"2026-01-01T00:00:00Z","policy":{"name":"${"a name ".repeat(90)}","place":null},"hosts":[{"source":null,"host":"a","port":1688,"address":null,"listed":true,"serves":false,"verdict":"address-none","rpc":null}],"listings":[],"closed":[]}`,
  '{"schemaVersion":"1.0","kind":"baseline"}',
];

test("readPolicy", () => {
  // What hits the comment leaves a policy that can be read.
  const seeds = POLICIES.map((text) => Buffer.from(`# ${"a comment ".repeat(20)}\n${text}`));
  fuzz(
    "readPolicy",
    seeds,
    (bytes) =>
      reads((text) => {
        const place = text.includes("places:") ? "p" : null;
        const policy = readPolicy(text, { file: "policy.yaml", place, set: new Map() });
        for (const { at, id, name } of policy.expectations) {
          holds(at.line >= 1 && at.column >= 1, "a position");
          holds(id !== "" && name !== "", "a name");
        }
      }, bytes),
    // A file of the user's own, read by a library that takes some 20 ms for one of 64 KB.
    { alphabet: "aversion: 1\n-[]{}'\"&*$!|>#,:?%@`~.0123456789\t ", mostMs: 200 },
  );
});

test("readBaseline", () => {
  fuzz(
    "readBaseline",
    BASELINES.map((text) => Buffer.from(text)),
    (bytes) =>
      reads((text) => {
        const { hosts } = readBaseline(text, "policy.yaml", null);
        holds(
          hosts.every(({ port }) => port >= 1 && port <= 65_535),
          "ports",
        );
      }, bytes),
    { alphabet: '{}[]",:0123456789.abcdefghijklmnopqrstuvwxyz', mostMs: 200 },
  );
});

/** @returns whether it was read; a mistake must be told in lines that begin with the file */
function reads(read: (text: string) => void, bytes: Uint8Array): boolean {
  try {
    read(Buffer.from(bytes).toString("utf8"));
    return true;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const lines = error.message.split("\n");
    holds(
      lines.every((line) => /^policy\.yaml(?::\d+:\d+:| |:)/.test(line)),
      `lines that begin with the file: ${JSON.stringify(error.message)}`,
    );
    holds(
      !/[\p{Cc}\p{Cf}]/u.test(error.message.replaceAll("\n", "")),
      `printable lines: ${JSON.stringify(error.message)}`,
    );
    holds(lines.length <= 11 && error.message.length < 8_000, "a bounded number of lines");
    return false;
  }
}
