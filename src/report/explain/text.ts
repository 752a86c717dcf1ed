import type { CodeEntry } from "../../explain/codes.ts";
import { partsOf, win32Of } from "../../explain/hresult.ts";

/** @param entry undefined where the table does not hold the code */
export function explainText(code: string, entry: CodeEntry | undefined): string {
  return entry === undefined ? unknownText(code) : knownText(code, entry);
}

export function listText(codes: readonly (readonly [string, CodeEntry])[]): string {
  return codes.map(([code, { name, says }]) => `${code}  ${name ?? "(no name)"}\n  ${says}\n`).join("");
}

function knownText(code: string, { name, says, proves, fits, next }: CodeEntry): string {
  const cause =
    proves !== null
      ? `  Confirms: ${proves}\n`
      : fits.length > 0
        ? `  Confirms no cause by itself; possible: ${fits.join(", ")}\n`
        : "  Names no cause of trouble with KMS\n";
  return `${code}${name === null ? "" : `  ${name}`}\n  ${says}\n${cause}  Next: ${next}\n`;
}

function unknownText(code: string): string {
  const { failure, facility, low } = partsOf(code);
  const win32 = win32Of(code);
  const inside = win32 === null ? `number ${low} of facility ${facility}` : `Win32 error ${win32}`;
  return `${code}  not in our table\n  ${failure ? "A failure" : "A success or information"}: ${inside}. Nothing more is known of it here.\n  Next: slui.exe 0x2a ${code} on Windows shows its text\n`;
}
