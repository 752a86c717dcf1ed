import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import { programPath } from "../integration/servers/available.ts";
import { needsNetwork } from "./office.ts";
import { Network, ownNamespaces, sweep } from "./topology.ts";

/** Beyond the largest pid that Linux gives out. */
const NOBODYS_PID = 4_194_305;

describe.skipIf(needsNetwork().skip)("a topology", () => {
  test("leaves nothing behind when it is removed", () => {
    const network = new Network();
    const [a, b] = [network.host("a"), network.host("b")];
    network.cable({ host: a, addresses: ["10.71.1.1/24"] }, { host: b, addresses: ["10.71.1.2/24"] });
    expect(ownNamespaces()).toEqual(expect.arrayContaining([a.namespace, b.namespace]));
    network.remove();
    expect(ownNamespaces()).toEqual([]);
  });

  test("of a run that was killed is swept away, with what still runs in it", async () => {
    const network = new Network();
    onTestFinished(() => network.remove());
    const host = network.host("a");
    const orphan = `kmsprobe-${NOBODYS_PID}-1-a`;
    ip("netns", "add", orphan);
    const sleeper = spawn(programPath("ip"), ["netns", "exec", orphan, "sleep", "60"], { stdio: "ignore" });
    const ended = once(sleeper, "exit");
    while (ip("netns", "pids", orphan) === "") await sleep(10);
    sweep();
    await ended;
    expect(sleeper.signalCode).toBe("SIGKILL");
    expect(ip("netns", "list")).not.toContain(orphan);
    // That of a run that lives is left alone.
    expect(ownNamespaces()).toEqual([host.namespace]);
  });

  test("is not seen from this machine, and sees nothing of it", () => {
    const network = new Network();
    onTestFinished(() => network.remove());
    expect(network.host("a").run(["ip", "-o", "link"]).trim().split("\n")).toHaveLength(1);
  });

  test("says which command failed, and what it said", () => {
    const network = new Network();
    onTestFinished(() => network.remove());
    expect(() => network.host("a").ip("route add 10.71.9.0/24 via 10.71.8.1")).toThrow(
      /route add.*\n.*Error/,
    );
  });
});

function ip(...args: readonly string[]): string {
  return execFileSync(programPath("ip"), args, { encoding: "utf8" });
}
