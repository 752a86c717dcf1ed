import { describe, expect, it } from "vitest";
import { check } from "../../../src/library.ts";
import { DEFAULT_SETTINGS } from "../../../src/run/settings.ts";
import { requireOptions } from "../../../src/run/options.ts";
import { UsageError } from "../../../src/targets/usage-error.ts";

const WRONG: readonly [string, unknown, string][] = [
  ["a name that is near", { domain: ["x"] }, "there is no option domain: did you mean domains?"],
  ["one host", { host: "kms1" }, "there is no option host: did you mean hosts?"],
  [
    "a setting at the top",
    { timeoutMs: -1 },
    "there is no option timeoutMs: did you mean settings.timeoutMs?",
  ],
  [
    "a flag of the command line",
    { hosts: [], timeout: "1s" },
    "there is no option timeout: did you mean settings.timeoutMs?",
  ],
  [
    "a requirement at the top",
    { require: "lots" },
    "there is no option require: did you mean settings.require?",
  ],
  [
    "a family as the command line has it",
    { hosts: ["kms1"], ipv4: true },
    "there is no option ipv4: did you mean settings: { family: 4 }?",
  ],
  ["a name that is far", { verbose: true }, "there is no option verbose: there are hosts, files, domains"],
  [
    "text for a list",
    { domains: "corp.example" },
    "domains is to be a list of strings, and not 'corp.example'",
  ],
  ["numbers in a list", { hosts: [1] }, "hosts is to be a list of strings, and not this list"],
  [
    "a list with holes",
    { hosts: Object.assign(["10.1.0.1"], { length: 2 }) },
    "hosts is to be a list of strings, and not this list",
  ],
  ["null in a list", { hosts: [null] }, "hosts is to be a list of strings, and not this list"],
  ["a signal that is none", { signal: {} }, "signal is to be an AbortSignal, and not this object"],
  ["null", null, "the options are to be an object"],
  ["a list", [], "the options are to be an object"],
  ["text", "corp.example", "the options are to be an object"],
  ["a port that is none", { port: 70_000 }, "port is to be a number from 1 to 65535, and not 70000"],
  [
    "a concurrency of text",
    { concurrency: "8" },
    "concurrency is to be auto or a number from 1 to 1024, and not '8'",
  ],
  ["no settings", { settings: null }, "settings is to be an object of settings, and not null"],
  [
    "a setting that is not known",
    { settings: { patience: 1 } },
    "there is no option settings.patience: there are timeoutMs",
  ],
  [
    "a time of text",
    { settings: { timeoutMs: "1s" } },
    "settings.timeoutMs is to be a number of milliseconds",
  ],
  [
    "a time of nothing",
    { settings: { deadlineMs: 0 } },
    "settings.deadlineMs is to be a number of milliseconds",
  ],
  ["a time that is no number", { settings: { dnsTimeoutMs: Number.NaN } }, "settings.dnsTimeoutMs is to be"],
  [
    "a requirement of words",
    { settings: { require: "lots" } },
    "settings.require is to be any, all or a number of hosts from 1, and not 'lots'",
  ],
  ["a family that is none", { settings: { family: 5 } }, "settings.family is to be 4 or 6, and not 5"],
  ["a flag of text", { settings: { trace: "yes" } }, "settings.trace is to be true or false, and not 'yes'"],
];

describe("the options of the library", () => {
  it.each(WRONG)("%s: a UsageError that names it", (_, options, message) => {
    expect(() => requireOptions(options)).toThrow(UsageError);
    expect(() => requireOptions(options)).toThrow(message);
  });

  it("are held against it before anything is sent, also where a caller has no types", async () => {
    for (const [, options, message] of WRONG) {
      const call: unknown = Reflect.apply(check, undefined, [options]);
      await expect(call).rejects.toThrow(message);
    }
  });

  it.each([
    {},
    { hosts: ["kms1"], files: [], domains: [], resolvers: [], sources: [], networks: [] },
    { port: undefined, settings: { count: undefined }, concurrency: 1_024 },
    { settings: DEFAULT_SETTINGS, signal: new AbortController().signal, onProgress: () => {} },
  ])("are taken as they should be: %j", (options) => {
    expect(() => requireOptions(options)).not.toThrow();
  });
});
