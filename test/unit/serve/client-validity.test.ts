import type { X509Certificate } from "node:crypto";
import { Socket } from "node:net";
import { expect, it } from "vitest";
import { createClientValidity } from "../../../src/serve/client-validity.ts";

/** A socket that has shaken hands with a certificate that ends then, or with none. */
function shaken(validTo: string | null) {
  const certificate = validTo === null ? undefined : ({ validTo } satisfies Pick<X509Certificate, "validTo">);
  return Object.assign(new Socket(), { getPeerX509Certificate: () => certificate });
}

it("a client is let in until its certificate ends, to the second, and for ever without one", () => {
  let nowMs = Date.UTC(2026, 10, 29, 3, 43, 59);
  const validity = createClientValidity(() => nowMs);
  const [short, without] = [shaken("Nov 29 03:43:59 2026 GMT"), shaken(null)];
  validity.add(short);
  validity.add(without);
  expect([short, without, new Socket()].map(validity.isOver)).toEqual([false, false, false]);
  nowMs += 1;
  expect([short, without, new Socket()].map(validity.isOver)).toEqual([true, false, false]);
});
