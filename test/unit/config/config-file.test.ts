import { describe, expect, it } from "vitest";
import { configSchema, readConfig } from "../../../src/config/config-file.ts";
import { SETTINGS } from "../../../src/cli/config/settings.ts";
import { UsageError } from "../../../src/targets/usage-error.ts";

function complaint(text: string): string {
  try {
    readConfig(text, "config.yaml");
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  return "it was taken";
}

describe("a configuration file", () => {
  it("gives each setting as its option has it, with its line", () => {
    const text = [
      "# of this office",
      "version: 1",
      "resolvers: [10.0.0.53, 'dc1.corp.example:5353']",
      "networks:",
      "  hq: 10.20.0.0/16",
      "  Büro vpn: fd00::/48",
      "",
      "place: vpn",
      "timeout: 300ms",
      "retries: 0",
      "rpc-timeout: 2",
      "dns-timeout: 1.5s",
      "deadline: 1m",
      "client-timeout: 21s",
      "color: never",
      "ascii: true",
    ].join("\n");
    expect(readConfig(text, "config.yaml")).toEqual([
      { setting: "resolvers", value: ["10.0.0.53", "dc1.corp.example:5353"], line: 3 },
      { setting: "networks", value: ["hq=10.20.0.0/16", "Büro vpn=fd00::/48"], line: 4 },
      { setting: "place", value: "vpn", line: 8 },
      { setting: "timeout", value: 300, line: 9 },
      { setting: "retries", value: 0, line: 10 },
      { setting: "rpc-timeout", value: 2_000, line: 11 },
      { setting: "dns-timeout", value: 1_500, line: 12 },
      { setting: "deadline", value: 60_000, line: 13 },
      { setting: "client-timeout", value: 21_000, line: 14 },
      { setting: "color", value: "never", line: 15 },
      { setting: "ascii", value: true, line: 16 },
    ]);
    const one = readConfig("resolvers: 10.0.0.53\r\n", "config.yaml");
    expect(one).toEqual([{ setting: "resolvers", value: ["10.0.0.53"], line: 1 }]);
  });

  it.each(["", "\n", "# nothing yet\n", "---\n", "{}"])("may hold nothing: %j", (text) => {
    expect(readConfig(text, "config.yaml")).toEqual([]);
  });

  it.each([
    ["resolver: 10.0.0.53", "config.yaml:1:1: there is no key 'resolver' here: did you mean 'resolvers'?"],
    ["\ntimeout: soon", "config.yaml:2:10: the time 'soon' is not a time"],
    ["timeout:", "config.yaml:1:9: write a time such as 500ms, 5s or 1m"],
    ["networks: { hq: 10.20.0.0 }", "config.yaml:1:17: '10.20.0.0' is not a subnet"],
    [
      "networks: { a=b: 10.20.0.0/16 }",
      "config.yaml:1:13: a network's name has 1 to 40 characters, and no =",
    ],
    ["color: red", "config.yaml:1:8: 'red' is none of auto, always, never"],
    ["ascii: 1", "config.yaml:1:8: write true or false"],
    ["retries: 11", "config.yaml:1:10: the number '11' is not a number from 0 to 10"],
    ["resolvers: ['http://x']", "config.yaml:1:13: 'http://x' is a URL"],
    ["- 1", "config.yaml:1:1: the configuration is to be a map"],
    ["a: [", "config.yaml:1:"],
    ["version: 2", "config.yaml:1:10: write 1: the version of this format"],
  ])("with a mistake says where, on one line, and how to go on: %j", (text, wanted) => {
    const said = complaint(text);
    expect(said.startsWith(wanted), said).toBe(true);
    expect(said).toMatch(/ \(--no-config runs without it\)$/);
    expect(said).not.toContain("\n");
  });

  it("with several says how many more", () => {
    expect(complaint("timeout: x\nretries: y\ncolor: z")).toMatch(
      /^config\.yaml:1:10: .+ \(and 2 more mistakes; --no-config runs without it\)$/,
    );
  });

  it("knows the settings that the command line knows, and no others", () => {
    const inFile = Object.keys(configSchema.shape).filter((key) => key !== "version");
    expect(SETTINGS.map(({ name }) => name).toSorted()).toEqual(inFile.toSorted());
  });
});
