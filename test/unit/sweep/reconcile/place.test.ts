import { expect, test } from "vitest";
import { permissionsOf } from "../../../../src/sweep/reconcile/permitted.ts";
import { canonical } from "../../../../src/sweep/reconcile/place.ts";

test.each([
  ["10.20.0.5", "10.20.0.5"],
  ["::ffff:10.20.0.5", "10.20.0.5"],
  ["::ffff:a14:5", "10.20.0.5"],
  ["::10.20.0.5", "::a14:5"],
  ["FD00:0::1", "fd00::1"],
])("%s is written %s", (address, spelt) => {
  expect(canonical(address)).toBe(spelt);
});

test("an IPv6 address with an IPv4 tail is not permitted by the IPv4 address of that tail", () => {
  const { permits } = permissionsOf([{ text: "10.20.0.5", port: null, addresses: [], resolver: null }]);
  const at = (address: string): boolean =>
    permits({ address: canonical(address), port: 1688, names: new Set() });
  expect([at("10.20.0.5"), at("::ffff:10.20.0.5"), at("::10.20.0.5")]).toEqual([true, true, false]);
});
