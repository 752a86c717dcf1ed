/** Values as they stand in any language: each reader takes a value whole, or not at all. */
import { closed } from "./fields.ts";
import type { Reader } from "./fields.ts";

export const guid = closed(
  (text) =>
    /^\{?([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\}?$/i
      .exec(text)?.[1]
      ?.toLowerCase() ?? null,
);

export const count: Reader<number> = (text) => (/^\d{1,9}$/.test(text) ? Number(text) : null);

/** `120 minutes`, in any language, or without the word. */
export const minutes: Reader<number> = (text) => {
  const [, digits] = /^(\d{1,9}) ?[\p{L}()]{1,20}\.?$/u.exec(text) ?? [];
  return digits === undefined ? null : Number(digits);
};

/** `251100 minute(s) (174 day(s))`. */
export const minutesLeft = closed((text) => {
  const [, digits, days] =
    /^(\d{1,9}) ?[\p{L}()]{1,20}\.? ?\((\d{1,7}) ?[\p{L}()]{1,20}\.?\)?\)?$/u.exec(text) ?? [];
  if (digits === undefined) return null;
  // The bracket says the same in days: a torn number does not fit it.
  return Math.abs(Number(digits) / 1440 - Number(days)) <= 1.01 ? Number(digits) : null;
});

/** `REMAINING GRACE: 179 days  (258642 minute(s) before expiring)`. */
export const graceLeft = closed((text) => {
  const [, days, digits] =
    /^(\d{1,6}) ?[\p{L}()]{1,20} *\((\d{1,9}) ?[\p{L}()]{2,20} before expiring\)$/u.exec(text) ?? [];
  if (digits === undefined) return null;
  return Math.abs(Number(digits) / 1440 - Number(days)) <= 1.01 ? Number(digits) : null;
});

export const fiveCharacters = closed((text) => (/^[A-Z0-9]{5}$/.test(text) ? text : null));

const NAME = /^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]{0,62})(?:\.[a-z0-9_-]{1,63}){0,20}\.?$/i;

export const hostName: Reader<string> = (text) => (NAME.test(text) ? text.replace(/\.$/, "") : null);

export function isPort(number: number): boolean {
  return Number.isInteger(number) && number >= 1 && number <= 65_535;
}

export type HostPort = { readonly host: string; readonly port: number };

/** `host:port`, as slmgr and ospp print it. */
export const hostAndPort: Reader<HostPort> = (text) => {
  const [, bracketed, plain, digits] =
    /^(?:\[([0-9a-f:.]{2,45})\]|([^\s:[\]]{1,253})):(\d{1,5})$/i.exec(text) ?? [];
  const host = bracketed ?? (plain === undefined ? null : hostName(plain));
  const port = Number(digits);
  return host === null || host === undefined || !(port >= 1 && port <= 65_535) ? null : { host, port };
};

/** IPv4 or IPv6, with or without a zone, as it was written; null for what is none. */
export const ipAddress: Reader<string> = (text) => {
  const bare = text.replace(/%[\w-]{1,20}$/, "");
  if (/^(?:\d{1,3}\.){3}\d{1,3}$/.test(bare))
    return bare.split(".").every((part) => Number(part) < 256) ? text : null;
  const groups = bare.split(":");
  const short = bare.includes("::");
  const isV6 =
    /^[0-9a-f:]{2,39}$/i.test(bare) &&
    groups.length <= 8 &&
    (short ? bare.split("::").length === 2 : groups.length === 8) &&
    groups.every((group) => group.length <= 4);
  return isV6 ? text : null;
};

export const word: Reader<string> = (text) => (/^\S{1,80}$/.test(text) ? text : null);

/** `Windows(R), Professional edition`: not localised, and whole only with its last word. */
export const product = closed((text) =>
  /^(?:Windows|Office|Microsoft|Visio|Project)[^\n:=]{0,120}\bedition$/i.test(text)
    ? text.replace(/ {2,}/g, " ")
    : null,
);

/** The token before `channel`, which Windows does not translate. */
export const channel = closed(
  (text) =>
    /(?:^|[ ,])([A-Z][A-Z0-9_-]{2,40}(?:\([A-Za-z]{1,20}\))?) channel$/.exec(text.slice(-160))?.[1] ?? null,
);

/** In the one form by which codes are looked up: `0x` and eight capital digits. */
export const hresult: Reader<string> = (text) => {
  const [, digits] = /^0x([0-9a-f]{1,8})$/i.exec(text) ?? [];
  return digits === undefined ? null : `0x${digits.toUpperCase().padStart(8, "0")}`;
};

/** The HRESULTs in a text, each once. Neither a fragment of an address nor a number with more digits is one. */
export function codesIn(text: string): string[] {
  if (!text.includes("0x") && !text.includes("0X")) return [];
  if (text.search(CODE) === -1) return [];
  const found = Array.from(text.matchAll(CODE), ([, digits = ""]) => `0x${digits.toUpperCase()}`);
  return found.length < 2 ? found : [...new Set(found)];
}

/** More than one product ever has. */
const MOST_CODES = 20;

/** Those that are known, and those of the text. */
export function withCodes(known: readonly string[], text: string): string[] {
  return [...new Set([...known, ...(known.length < MOST_CODES ? codesIn(text) : [])])];
}

/** A failure, or what the licensing service informs of. */
const CODE = /(?<![0-9A-Za-z#/])0[xX]([89a-fA-F][0-9a-fA-F]{7}|4004[0-9a-fA-F]{4})(?![0-9A-Za-z])/g;
