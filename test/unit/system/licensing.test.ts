import { describe, expect, it } from "vitest";
import { readOwnActivation } from "../../../src/run/own-activation.ts";
import { outputOf, READINGS } from "../../../src/system/licensing.ts";
import { UsageError } from "../../../src/targets/usage-error.ts";

const never = new AbortController().signal;

describe("what is run on Windows", () => {
  it("only reads: queries, and cmdlets that get, select and format", () => {
    for (const { program, args } of READINGS) {
      expect(["reg", "sc", "ipconfig", "powershell"]).toContain(program);
      const line = args.join(" ").replaceAll(/'[^']*'/g, "''");
      if (program === "reg" || program === "sc") expect(args[0]).toBe("query");
      if (program === "ipconfig") expect(args).toEqual(["/all"]);
      const verbs = Array.from(line.matchAll(/\b([A-Z][a-z]+)-[A-Z]\w+/g), ([, verb]) => verb);
      const known = ["Get", "Select", "Format", "Out"];
      expect(verbs.filter((verb) => verb !== undefined && !known.includes(verb))).toEqual([]);
      expect(line).not.toMatch(/\/(?:ato|ipk|act|skms|ckms|rearm|upk)\b|slmgr|ospp|Invoke|cscript/i);
    }
  });

  it("is nothing elsewhere, which is said in a line", async () => {
    await expect(readOwnActivation(never, "linux")).rejects.toThrow(UsageError);
    await expect(readOwnActivation(never, "linux")).rejects.toThrow(
      /^--here reads .+ and this is none: run slmgr/,
    );
  });

  it("is passed over where there is no such program, or it fails, and what was printed is kept", async () => {
    const missing = { name: "nothing", program: "kmsprobe-no-such-program", args: [] };
    expect((await outputOf(missing, never)).length).toBe(0);
    const fails = {
      name: "sh",
      program: process.execPath,
      args: ["-e", "console.log('told'); process.exit(1)"],
    };
    expect(Buffer.from(await outputOf(fails, never)).toString()).toBe("told\n");
  });
});
