import { expect, it } from "vitest";
import { isAllowed, namesOf } from "../../../src/serve/client-names.ts";

it.each([
  ["DNS:a.test", ["a.test"]],
  ["DNS:a.test, DNS:b.test, email:x@a.test", ["a.test", "b.test", "x@a.test"]],
  ["IP Address:10.0.0.1, IP Address:FD00:0:0:0:0:0:0:1", ["10.0.0.1", "FD00:0:0:0:0:0:0:1"]],
  ["URI:spiffe://corp/prometheus", ["spiffe://corp/prometheus"]],
  // One name that looks like two is written in quotes.
  ['DNS:"a.test, DNS:b.test"', ["a.test, DNS:b.test"]],
  ['DNS:"a\\u0000b"', ["a\u0000b"]],
  ["othername:<unsupported>, DNS:a.test", ["a.test"]],
  ["", []],
  ["nonsense", null],
  ['DNS:"a', null],
  ["DNS:a.test; DNS:b.test", ["a.test; DNS:b.test"]],
])("the alternative names %j are %j", (written, names) => {
  expect(namesOf(written)).toEqual(names);
});

it.each([
  ["DNS:a.test", true],
  ["DNS:b.test, IP Address:FD00:0:0:0:0:0:0:1", true],
  // Exactly, as exporter-toolkit has it.
  ["DNS:A.test", false],
  ["DNS:x.a.test, DNS:*.test", false],
  ['DNS:"b.test, DNS:a.test"', false],
  ["IP Address:10.0.0.1", false],
  [undefined, false],
])("a client with %j is let in: %j", (written, expected) => {
  expect(isAllowed(written, ["a.test", "fd00::1"])).toBe(expected);
});
