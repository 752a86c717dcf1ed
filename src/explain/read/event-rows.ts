/** The row of fields that events 12288, 12289 and 12290 consist of, in any language. */
import type { Line } from "../clean.ts";
import { fieldOf } from "../fields.ts";
import type { Facts } from "../model.ts";
import { stateByNumber } from "../states.ts";
import * as value from "../values.ts";

export type Row = { id: number; codes: string[]; facts: Facts; lines: number };

const HEX = "0x[0-9a-f]{1,8}";
/** Whatever stands where a GUID does: people mask them. */
const GUID = "[^\\s,]{3,60}";
const WHEN = "\\d{1,4}/\\d{1,2}/\\d{1,4} \\d{1,2}:\\d{2}(?: [AP]M)?";
const ROW_12288 = new RegExp(
  `^(${HEX}), ?(${HEX}), ?([^,]{0,260}), ?(${GUID}), ?(${WHEN}), ?(\\d{0,2}), ?(\\d), ?(\\d{1,9}), ?(${GUID})(?:, ?(\\d{0,5}))?$`,
  "i",
);
const ROW_12289 = new RegExp(
  `^(${HEX}), ?(${HEX}), ?([01]), ?(\\d{0,5}), ?(\\d{1,5}), ?(\\d{1,7}), ?(\\d{1,7}), ?(${WHEN})$`,
  "i",
);
const ROW_12290 = new RegExp(
  `^(${HEX}), ?(\\d{1,5}), ?([^,]{1,253}), ?(${GUID}), ?(${WHEN}), ?([01]), ?(\\d), ?(\\d{1,9}), ?(${GUID})$`,
  "i",
);
const MOST_TORN = 4;

/** The row of fields that begins here, over as many lines as it was torn into. The longest reading is taken. */
export function rowAt(lines: readonly Line[], at: number): Row | null {
  const first = lines[at];
  if (first === undefined) return null;
  const start = first.text.replace(/^(?:<Data>|\p{L}{2,20} ?:? ?(?=0x))/iu, "").replace(/<\/Data>$/i, "");
  // A whole row has some hundred signs, and no wrap leaves less than its first fields.
  if (start.length < 40 || !/^0x[0-9a-f]{1,8},/i.test(start)) return null;
  let readings = [start];
  let best: Row | null = null;
  for (let more = 0; more <= MOST_TORN; more++) {
    const last = lines[at + more];
    const found = readings.map((text) => readRow(text, last?.cut === true)).find((row) => row !== null);
    if (found !== undefined) best = { ...found, lines: more + 1 };
    const next = lines[at + more + 1];
    if (
      next === undefined ||
      next.text === "" ||
      fieldOf(next) !== null ||
      readings.every((text) => text.length > 600)
    )
      break;
    readings = readings.flatMap((text) => [text + next.text, `${text} ${next.text}`]);
  }
  return best;
}

function readRow(text: string, cut: boolean): Omit<Row, "lines"> | null {
  const sent = ROW_12288.exec(text);
  if (sent !== null) {
    const [, code = "", flags = "", target = "", cmid = "", when = "", , state, left, sku = "", policy] =
      sent;
    const host = value.hostAndPort(target);
    const facts: Facts = {
      statusFlags: padded(flags),
      ...guidFact("cmid", cmid),
      clientTime: when,
      minutesLeft: Number(left),
      ...guidFact("activationId", sku),
      ...stateFact(state),
      ...policyFact(policy),
    };
    if (host !== null) Object.assign(facts, { kmsHost: host.host, kmsPort: host.port });
    return { id: 12288, codes: [padded(code)], facts };
  }
  const asked = ROW_12290.exec(text);
  if (asked !== null) {
    const [, code = "", policy, name = "", cmid = "", when = "", , state, left, sku = ""] = asked;
    return {
      id: 12290,
      codes: [padded(code)],
      facts: {
        ...policyFact(policy),
        ...(value.hostName(name) === null ? {} : { clientName: name }),
        ...guidFact("cmid", cmid),
        clientTime: when,
        ...stateFact(state),
        minutesLeft: Number(left),
        ...guidFact("activationId", sku),
      },
    };
  }
  const answered = ROW_12289.exec(text);
  if (answered === null || cut) return null;
  const [, code = "", flags = "", activated, , current, activation, renewal, when = ""] = answered;
  return {
    id: 12289,
    codes: [padded(code)],
    facts: {
      statusFlags: padded(flags),
      activated: activated === "1",
      currentCount: Number(current),
      activationIntervalMinutes: Number(activation),
      renewalIntervalMinutes: Number(renewal),
      clientTime: when,
    },
  };
}

function padded(hex: string): string {
  return value.hresult(hex) ?? "0x00000000";
}

function guidFact(name: "cmid" | "activationId", text: string): Facts {
  const guid = value.guid(text);
  return guid === null ? {} : { [name]: guid };
}

function stateFact(digit: string | undefined): Facts {
  const state = stateByNumber(Number(digit));
  return state === null ? {} : { licenceStatus: state };
}

/** 5 or 25: anything else is not documented, and may be half of a number. */
function policyFact(digits: string | undefined): Facts {
  return digits === "5" || digits === "25" ? { nPolicy: Number(digits) } : {};
}
