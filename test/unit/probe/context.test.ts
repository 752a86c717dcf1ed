import { expect, test } from "vitest";
import type { Source } from "../../../src/model/source.ts";
import { localAddressFor } from "../../../src/probe/context.ts";
import { DEFAULT_SETTINGS } from "../../../src/run/settings.ts";

const both: Source = { label: "tun0", ipv4: "10.8.0.6", ipv6: "fd00::6", interface: "tun0", link: "tunnel" };

test.each<[string, Source | null, string, string | null | undefined]>([
  ["no source", null, "10.0.0.1", undefined],
  ["no source", null, "fd00::1", undefined],
  ["a source of both families", both, "10.0.0.1", "10.8.0.6"],
  ["a source of both families", both, "fd00::1", "fd00::6"],
  ["a source without IPv6", { ...both, ipv6: null }, "fd00::1", null],
  ["a source without IPv4", { ...both, ipv4: null }, "10.0.0.1", null],
])("%s (%j), towards %s: %s", (_, source, peer, address) => {
  const { signal } = new AbortController();
  const context = {
    settings: DEFAULT_SETTINGS,
    source,
    signal,
    clock: { nowMs: () => 0 },
    wallNowMs: () => 0,
    randomU16: () => 1,
    callId: () => 1,
  };
  expect(localAddressFor(context, peer)).toBe(address);
});
