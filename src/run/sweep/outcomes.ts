/**
 * How the outcomes of a batch are written: as runs of equal ones, `=12*1020,3,12*3`, where that is shorter than all of
 * them as bytes in base64, which is how every state was written before. No base64 begins with `=`.
 */

export function packOutcomes(outcomes: Uint8Array): string {
  const runs: string[] = [];
  for (let from = 0; from < outcomes.length;) {
    const code = outcomes[from];
    let to = from + 1;
    while (to < outcomes.length && outcomes[to] === code) to += 1;
    runs.push(to - from === 1 ? String(code) : `${code}*${to - from}`);
    from = to;
  }
  const text = `=${runs.join(",")}`;
  return text.length < Math.ceil(outcomes.length / 3) * 4 ? text : Buffer.from(outcomes).toString("base64");
}

const RUN = /^(\d{1,3})(?:\*(\d{1,7}))?$/;

/**
 * @param most the largest number that an outcome may have; the least is 1
 * @returns null where it does not come to `length` outcomes
 */
export function unpackOutcomes(text: string, length: number, most: number): Uint8Array | null {
  const isOutcome = (code: number): boolean => code >= 1 && code <= most;
  if (!text.startsWith("=")) {
    const bytes = Buffer.from(text, "base64");
    return bytes.length === length && bytes.every(isOutcome) ? bytes : null;
  }
  const outcomes = new Uint8Array(length);
  let at = 0;
  for (const run of text.slice(1).split(",")) {
    const [, code = "", times = "1"] = RUN.exec(run) ?? [];
    const to = at + Number(times);
    if (code === "" || !isOutcome(Number(code)) || to === at || to > length) return null;
    outcomes.fill(Number(code), at, to);
    at = to;
  }
  return at === length ? outcomes : null;
}

/**
 * The same for the batches of a whole sweep, most of which may be alike: those that are written as one run share their
 * outcomes, which nobody changes.
 */
export function createUnpacking(most: number): (text: string, length: number) => Uint8Array | null {
  const alike = new Map<string, Uint8Array>();
  return (text, length) => {
    const known = alike.get(text);
    if (known?.length === length) return known;
    const outcomes = unpackOutcomes(text, length, most);
    if (outcomes !== null && text.startsWith("=") && !text.includes(",")) alike.set(text, outcomes);
    return outcomes;
  };
}
