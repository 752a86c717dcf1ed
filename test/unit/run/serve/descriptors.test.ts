import { expect, it } from "vitest";
import { shareDescriptors } from "../../../../src/run/serve/descriptors.ts";

it.each([
  [Infinity, { clients: 256, addresses: 2_048, looks: 64 }],
  [1_000, { clients: 256, addresses: 936, looks: 64 }],
  [6, { clients: 6, addresses: 4, looks: 3 }],
  [1, { clients: 4, addresses: 1, looks: 1 }],
])("of descriptors for %d addresses those who ask have a quarter, and probing the rest", (room, shares) => {
  expect(shareDescriptors(room)).toEqual(shares);
});
