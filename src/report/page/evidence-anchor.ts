/** Diagnoses whose evidence the page holds; a report of more targets than this is rare. */
export const EVIDENCE_SHOWN = 200;

/** Where the page shows what a pointer into the verification leads to; null where it shows nothing of it. */
export function evidenceAnchor(pointer: string | null): string | null {
  const [, diagnosis] = /^\/report\/diagnoses\/(\d{1,4})(?:\/|$)/.exec(pointer ?? "") ?? [];
  if (diagnosis !== undefined)
    return Number(diagnosis) < EVIDENCE_SHOWN ? `evidence-${Number(diagnosis)}` : null;
  return pointer?.startsWith("/closed/") === true ? "evidence-closed" : null;
}
