import { expect, test } from "vitest";
import { answerWord } from "../../../src/probe/pdu.ts";
import type { PduAnswer } from "../../../src/probe/pdu.ts";
import type { ExchangeEnd } from "../../../src/transport/tcp.ts";
import { wireFixture } from "../../fixtures/wire/wire-fixture.ts";

const NOTHING = new Uint8Array(0);

test.each<[string, PduAnswer]>([
  ["samba-epmapper-1-context", "accepted"],
  ["samba-epmapper-3-contexts", "accepted"],
  ["other-a-3-contexts", "accepted"],
  ["samba-epmapper-unknown-interface", "rejected"],
  ["impacket-unknown-interface", "rejected"],
  ["wine-bind-nak", "nak"],
  ["impacket-fault", "fault"],
  ["other-a-response", "malformed"],
  ["bind-3-contexts", "malformed"],
])("the recorded %s is in a word: %s", (name, word) => {
  expect(answerWord({ end: "enough", received: wireFixture(name), elapsedMs: 1 }, 12)).toBe(word);
});

test.each<[ExchangeEnd, PduAnswer]>([
  ["silent", "silent"],
  ["aborted", "aborted"],
  ["closed", "closed"],
  [{ errno: "ECONNRESET" }, "reset"],
  [{ errno: "EPIPE" }, "reset"],
])("an exchange that ended with %j is in a word: %s", (end, word) => {
  expect(answerWord({ end, received: NOTHING, elapsedMs: 1 }, 12)).toBe(word);
});

test("bytes that are no PDU are malformed", () => {
  expect(answerWord({ end: "enough", received: Uint8Array.of(72, 84, 84, 80), elapsedMs: 1 }, 12)).toBe(
    "malformed",
  );
});

test("a bind_ack is no answer to an alter_context, nor the other way round", () => {
  const ack = wireFixture("wine-1-context");
  expect(answerWord({ end: "enough", received: ack, elapsedMs: 1 }, 15)).toBe("malformed");
  ack[2] = 15;
  expect(answerWord({ end: "enough", received: ack, elapsedMs: 1 }, 15)).toBe("accepted");
  expect(answerWord({ end: "enough", received: ack, elapsedMs: 1 }, 12)).toBe("malformed");
});
