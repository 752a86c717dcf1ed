import { describe, expect, it } from "vitest";
import { createProgram } from "../../../../src/cli/program.ts";
import { SETTINGS } from "../../../../src/cli/config/settings.ts";
import { UsageError } from "../../../../src/targets/usage-error.ts";

function parsed(name: string, text: string): unknown {
  const setting = SETTINGS.find((each) => each.name === name);
  try {
    return setting?.parse(text, setting.variable);
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
}

describe("a variable of the environment", () => {
  it.each([
    ["resolvers", "10.0.0.53, [fd00::53]:53  dc1", ["10.0.0.53", "[fd00::53]:53", "dc1"]],
    ["networks", "hq=10.20.0.0/16,vpn=10.8.0.0/24", ["hq=10.20.0.0/16", "vpn=10.8.0.0/24"]],
    ["place", "vpn", "vpn"],
    ["timeout", "300ms", 300],
    ["retries", "0", 0],
    ["color", "never", "never"],
    ["ascii", "1", true],
    ["ascii", "no", false],
  ])("says %s: %j", (name, text, value) => {
    expect(parsed(name, text)).toEqual(value);
  });

  it.each([
    ["resolvers", "10.0.0.53,http://x", /^KMSPROBE_RESOLVERS: 'http:\/\/x' is a URL/],
    ["networks", "hq", /^KMSPROBE_NETWORKS: 'hq' is not NAME=SUBNET/],
    ["timeout", "soon", /^KMSPROBE_TIMEOUT 'soon' is not a time/],
    ["retries", "11", /^KMSPROBE_RETRIES '11' is not a number from 0 to 10/],
    ["color", "red", /^KMSPROBE_COLOR is to be one of auto, always, never$/],
    ["ascii", "maybe", /^KMSPROBE_ASCII is to be 1 or 0$/],
  ])("that can't be %s is named: %j", (name, text, complaint) => {
    expect(parsed(name, text)).toMatch(complaint);
  });
});

describe("each setting", () => {
  const program = createProgram(new AbortController().signal, () => {});

  it.each(SETTINGS.map((each) => [each.name, each] as const))(
    "%s is an option of the commands that take it",
    (_, { option, commands }) => {
      const having = program.commands
        .filter((command) => command.options.some((each) => each.attributeName() === option))
        .map((command) => command.name());
      expect(having.length).toBeGreaterThan(0);
      for (const name of commands ?? []) expect(having).toContain(name);
    },
  );

  it("has a variable that --exec gives to nobody's program", () => {
    const given = ["HOST", "PORT", "ADDRESS", "SOURCE", "FROM", "TO", "SEVERITY", "SERVES", "AT", "OBSERVED"];
    for (const { variable } of SETTINGS)
      expect(given.map((each) => `KMSPROBE_${each}`)).not.toContain(variable);
  });

  it("can be left out by every command that takes one, and by no other", () => {
    const switchable = program.commands
      .filter(({ options }) => options.some(({ long }) => long === "--no-config"))
      .map((command) => command.name());
    expect(switchable.toSorted()).toEqual(
      "check compare demo explain merge show sweep verify watch".split(" "),
    );
  });
});
