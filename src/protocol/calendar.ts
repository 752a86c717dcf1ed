/**
 * UTC dates as milliseconds since 1970, and back, by arithmetic: decoders have no clock and no time zone to get wrong.
 * The algorithm counts days in 400-year cycles that begin in March (Hinnant, chrono-Compatible Low-Level Date
 * Algorithms).
 */

export type CalendarTime = {
  year: number;
  /** 1 to 12 */
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
};

const DAY_MS = 86_400_000;
const DAYS_PER_CYCLE = 146_097;
/** From 0000-03-01, where the cycles begin, to 1970-01-01. */
const CYCLE_TO_UNIX_DAYS = 719_468;

/** @returns null where there is no such day or hour; second 60 counts, as the leap second it may be */
export function toUnixMs({ year, month, day, hour, minute, second }: CalendarTime): number | null {
  if (month < 1 || month > 12 || day < 1 || day > daysIn(month, year)) return null;
  if (hour > 23 || minute > 59 || second > 60) return null;
  return daysSince1970(year, month, day) * DAY_MS + ((hour * 60 + minute) * 60 + second) * 1000;
}

/** `2026-03-01T12:00:00.250Z`: ISO 8601, to the millisecond below. Good for the years 0 to 9999. */
export function isoOf(unixMs: number): string {
  const days = Math.floor(unixMs / DAY_MS);
  const ms = Math.floor(unixMs - days * DAY_MS);
  const shifted = days + CYCLE_TO_UNIX_DAYS;
  const cycle = Math.floor(shifted / DAYS_PER_CYCLE);
  const dayOfCycle = shifted - cycle * DAYS_PER_CYCLE;
  const yearOfCycle = Math.floor(
    (dayOfCycle -
      Math.floor(dayOfCycle / 1460) +
      Math.floor(dayOfCycle / 36_524) -
      Math.floor(dayOfCycle / 146_096)) /
      365,
  );
  const dayOfYear =
    dayOfCycle - (365 * yearOfCycle + Math.floor(yearOfCycle / 4) - Math.floor(yearOfCycle / 100));
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1;
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  const year = yearOfCycle + cycle * 400 + (month <= 2 ? 1 : 0);
  const date = `${digits(year, 4)}-${digits(month, 2)}-${digits(day, 2)}`;
  const time = [Math.floor(ms / 3_600_000), Math.floor(ms / 60_000) % 60, Math.floor(ms / 1000) % 60];
  return `${date}T${time.map((part) => digits(part, 2)).join(":")}.${digits(ms % 1000, 3)}Z`;
}

/** Whether a clock can mean this: from 1970 to 2200. Outside, it is no time but something else's bytes. */
export function isPlausible(unixMs: number): boolean {
  return unixMs >= 0 && unixMs < 7_258_118_400_000;
}

function daysSince1970(year: number, month: number, day: number): number {
  const marchYear = month <= 2 ? year - 1 : year;
  const cycle = Math.floor(marchYear / 400);
  const yearOfCycle = marchYear - cycle * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const dayOfCycle =
    yearOfCycle * 365 + Math.floor(yearOfCycle / 4) - Math.floor(yearOfCycle / 100) + dayOfYear;
  return cycle * DAYS_PER_CYCLE + dayOfCycle - CYCLE_TO_UNIX_DAYS;
}

function daysIn(month: number, year: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

function digits(value: number, width: number): string {
  return String(value).padStart(width, "0");
}
