/** Licence states by the words that the tools print for them, and by the numbers of Windows Management. */
import { closed } from "./fields.ts";
import type { licenceStates } from "./model.ts";

export type LicenceState = (typeof licenceStates)[number];

const WORDS: ReadonlyMap<string, LicenceState> = new Map([
  ["unlicensed", "unlicensed"],
  ["licensed", "licensed"],
  ["initial grace period", "initial-grace"],
  ["additional grace period (kms license expired or hardware out of tolerance)", "additional-grace"],
  ["non-genuine grace period", "non-genuine-grace"],
  ["notification", "notification"],
  ["extended grace period", "extended-grace"],
  ["lizenziert", "licensed"],
  ["nicht lizenziert", "unlicensed"],
  ["已授权", "licensed"],
  ["已许可", "licensed"],
  ["未授权", "unlicensed"],
  ["未许可", "unlicensed"],
  ["con licencia", "licensed"],
  ["имеет лицензию", "licensed"],
  ["ライセンスされています", "licensed"],
]);

/** How ospp.vbs writes them, between dashes. */
const OSPP: ReadonlyMap<string, LicenceState> = new Map([
  ["LICENSED", "licensed"],
  ["UNLICENSED", "unlicensed"],
  ["OOB_GRACE", "initial-grace"],
  ["OOT_GRACE", "additional-grace"],
  ["NON_GENUINE_GRACE", "non-genuine-grace"],
  ["NOTIFICATIONS", "notification"],
  ["EXTENDED_GRACE", "extended-grace"],
  ["未许可", "unlicensed"],
  ["已许可", "licensed"],
]);

const NUMBERS = [
  "unlicensed",
  "licensed",
  "initial-grace",
  "additional-grace",
  "non-genuine-grace",
  "notification",
  "extended-grace",
] as const;

export const licenceState = closed((text) => WORDS.get(text.toLowerCase().replace(/\.$/, "")) ?? null);

export const osppState = closed((text) => {
  const [, name] = /^-{2,3} ?([\p{L}_]{2,20}) ?-{2,3}$/u.exec(text.replace(/[–—]/g, "---")) ?? [];
  return name === undefined ? null : (OSPP.get(name.toUpperCase()) ?? null);
});

export function stateByNumber(number: number): LicenceState | null {
  return NUMBERS[number] ?? null;
}
