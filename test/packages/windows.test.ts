/** The single executable for Windows, by itself, under Wine. */
import { copyFile, readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { startTcpPeer, type TcpPeer } from "../integration/scripted/peers.ts";
import { run } from "../integration/support/kmsprobe.ts";
import type { Finished } from "../integration/support/kmsprobe.ts";
import { placeOf, SERVING } from "../integration/support/serving.ts";
import { startWindows, windowsPath, WITHOUT_WINE, type Windows } from "../windows/wine.ts";
import { verdictsOf } from "./verdicts.ts";

const NAME = "kmsprobe-win-x64.exe";
if (WITHOUT_WINE !== null) console.log(`test/packages/windows.test.ts is skipped: ${WITHOUT_WINE}`);

describe.skipIf(WITHOUT_WINE !== null)("the executable for Windows, under Wine,", () => {
  let windows: Windows;
  let serving: TcpPeer;

  beforeAll(async () => {
    serving = await startTcpPeer(SERVING);
    windows = await startWindows();
    // Nothing is beside it there.
    await copyFile(path.join(inject("packages"), NAME), path.join(windows.folder, NAME));
  });

  afterAll(async () => {
    await windows?.stop();
    await serving.stop();
  });

  function execute(...args: string[]): Promise<Finished> {
    return windows.run(windowsPath(path.join(windows.folder, NAME)), ...args);
  }

  test("runs the demo, whose verdicts are those of Linux", async () => {
    const there = await execute("demo", "--format", "json");
    expect(there.stdout, there.stderr).not.toBe("");
    const here = await run(["demo", "--format", "json"]);
    expect(verdictsOf(there.stdout)).toEqual(verdictsOf(here.stdout));
    expect(there.code).toBe(here.code);
  });

  test("checks a host, and writes a page", async () => {
    const checked = await execute("check", placeOf(serving), "--report", "html=page.html");
    expect(checked).toMatchObject({ code: 0 });
    expect(checked.stdout).toContain("serves");
    expect(await readFile(path.join(windows.folder, "page.html"), "utf8")).toMatch(/<\/html>\s*$/i);
    expect((await readdir(windows.folder)).toSorted()).toEqual([NAME, "page.html"].toSorted());
  });

  test("sweeps on several threads", async () => {
    const range = ["127.73.0.0/22", "--workers", "2", "--rate", "3000"];
    const swept = await execute("sweep", ...range, "--format", "json", "-o", "sweep.json", "-q");
    expect(swept.stderr).toBe("");
    const text = await readFile(path.join(windows.folder, "sweep.json"), "utf8");
    expect(JSON.parse(text)).toMatchObject({ plan: { addresses: 1024 } });
  });
});
