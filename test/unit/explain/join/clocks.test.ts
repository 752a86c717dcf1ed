import { expect, it } from "vitest";
import { clocksDiffer } from "../../../../src/explain/join/clocks.ts";
import type { Contradicting } from "../../../../src/explain/join/rule.ts";
import { explainString } from "../score.ts";

const HOUR = 3_600_000;

function rules(text: string, offsetMs: number): Contradicting[] {
  const pieces = explainString(text).pieces.map((piece, at) => ({ ...piece, pointer: `/pieces/${at}` }));
  const clocks = [{ host: "kms1.corp.example", offsetMs, pointer: "/report/diagnoses/0" }];
  return clocksDiffer(pieces, { hosts: [], answers: [], listed: [], clocks });
}

const REFUSED = "Error: 0xC004F06C The time stamp differs too much.\n";
const chart = (offset: string): string =>
  `Tracking kms1.corp.example [10.0.0.5:123].\nThe current time is 3/1/2026 10:00:00 AM.\n10:00:00, ${offset}s\n10:00:02, ${offset}s\n`;

it("a refused time stamp, and a host's clock that is right here, leave the client's clock", () => {
  expect(rules(REFUSED, 200)).toMatchObject([
    { rule: "clock-off-there-right-here", piece: "/pieces/0/facts/errorCodes" },
  ]);
  expect(rules(REFUSED, 5 * HOUR)).toEqual([]);
});

it("a chart that fits, and a host's clock that is far off here, leave this machine's", () => {
  expect(rules(chart("-00.0010000"), 5 * HOUR)).toMatchObject([{ rule: "clock-right-there-off-here" }]);
  expect(rules(chart("-00.0010000"), 200)).toEqual([]);
  expect(rules(chart("+18000.0010000"), 200)).toMatchObject([{ rule: "clock-off-there-right-here" }]);
});
