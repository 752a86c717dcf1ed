/** An HRESULT taken apart ([MS-ERREF] 2.1): what can be said of a code that nobody listed. */
export type Parts = { readonly failure: boolean; readonly facility: number; readonly low: number };

const FACILITY_WIN32 = 7;

/**
 * The code that a word stands for, as `0xC004F074`: hexadecimal, or decimal with or without its sign. Bare decimals
 * below 2^31 are no failures, and are left to others.
 * @returns null where the word is none
 */
export function hresultOf(word: string): string | null {
  if (/^0x[0-9a-f]{8}$/i.test(word)) return written(Number(word));
  if (!/^-?\d{10}$/.test(word)) return null;
  const value = Number(word);
  if (value < 0 ? value < -(2 ** 31) : value < 2 ** 31 || value >= 2 ** 32) return null;
  return written(value >>> 0);
}

function written(value: number): string {
  return `0x${value.toString(16).toUpperCase().padStart(8, "0")}`;
}

/** Severity bit, facility and code of an HRESULT that is written as `0x` and eight digits. */
export function partsOf(code: string): Parts {
  const value = Number(code);
  return { failure: value >= 2 ** 31, facility: (value >>> 16) & 0x7ff, low: value & 0xffff };
}

/** The Win32 error inside, where the facility says that there is one. */
export function win32Of(code: string): number | null {
  const { failure, facility, low } = partsOf(code);
  return failure && facility === FACILITY_WIN32 ? low : null;
}
