import { describe, expect, it } from "vitest";
import { configLocation } from "../../../src/config/location.ts";

describe("where a configuration file lies", () => {
  it.each([
    ["linux", { XDG_CONFIG_HOME: "/xdg", HOME: "/home/u" }, "/xdg/kmsprobe/config.yaml"],
    ["linux", { HOME: "/home/u" }, "/home/u/.config/kmsprobe/config.yaml"],
    ["linux", { XDG_CONFIG_HOME: "", HOME: "/home/u" }, "/home/u/.config/kmsprobe/config.yaml"],
    ["linux", { XDG_CONFIG_HOME: "relative", HOME: "/home/u" }, "/home/u/.config/kmsprobe/config.yaml"],
    ["darwin", { HOME: "/Users/u" }, "/Users/u/.config/kmsprobe/config.yaml"],
    [
      "win32",
      { APPDATA: "C:\\Users\\u\\AppData\\Roaming", HOME: "C:\\Users\\u", XDG_CONFIG_HOME: "C:\\x" },
      "C:\\Users\\u\\AppData\\Roaming\\kmsprobe\\config.yaml",
    ],
  ] as const)("on %s with %j is %s", (platform, env, file) => {
    expect(configLocation(env, platform)).toEqual({ file, named: false });
  });

  it.each([
    ["linux", { HOME: "relative" }],
    ["linux", {}],
    ["win32", { APPDATA: "relative", HOME: "/home/u" }],
    ["linux", { KMSPROBE_CONFIG: "/dev/null", HOME: "/home/u" }],
    ["win32", { KMSPROBE_CONFIG: "NUL", APPDATA: "C:\\a" }],
    ["win32", { KMSPROBE_CONFIG: "/dev/null", APPDATA: "C:\\a" }],
  ] as const)("on %s with %j is nowhere", (platform, env) => {
    expect(configLocation(env, platform)).toBeNull();
  });

  it("is what KMSPROBE_CONFIG names, relative to the current folder too; empty it names none", () => {
    expect(configLocation({ KMSPROBE_CONFIG: "lab.yaml", XDG_CONFIG_HOME: "/xdg" }, "linux")).toEqual({
      file: "lab.yaml",
      named: true,
    });
    expect(configLocation({ KMSPROBE_CONFIG: "", XDG_CONFIG_HOME: "/xdg" }, "linux")?.named).toBe(false);
  });
});
