import { inspect } from "node:util";
import { expect, test } from "vitest";
import { withoutStacks } from "../../../../src/run/sweep/stackless.ts";

test("an error made meanwhile has neither frames nor text, and is still printed with its name and message", () => {
  const withStacks = withoutStacks();
  const error = new TypeError("a mistake");
  const { stack } = error;
  withStacks();
  expect(stack).toBe("");
  expect(inspect(error)).toContain("TypeError: a mistake");
});

test("one whose stack is first read afterwards has its name and message there", () => {
  const withStacks = withoutStacks();
  const error = new TypeError("a mistake");
  withStacks();
  expect(error.stack).toBe("TypeError: a mistake");
});

test("what was set before is set again", () => {
  const settings: { stackTraceLimit: number; prepareStackTrace?: unknown } = Error;
  const { stackTraceLimit, prepareStackTrace } = settings;
  withoutStacks()();
  expect(settings.stackTraceLimit).toBe(stackTraceLimit);
  expect(settings.prepareStackTrace).toBe(prepareStackTrace);
  expect(new Error("after").stack).toContain("stackless.test");
});
