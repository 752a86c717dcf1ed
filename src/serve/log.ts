/** Lines of what the exporter does, in logfmt or JSON, on standard error. Values are printable, and no secret is one. */
import { tell } from "../output/standard.ts";
import { printable } from "../report/escape.ts";

const LEVELS = ["debug", "info", "warn", "error"] as const;
export type Level = (typeof LEVELS)[number];
export type LogFormat = "logfmt" | "json";
type Fields = Readonly<Record<string, string | number | boolean>>;
export type Log = Readonly<Record<Level, (message: string, fields?: Fields) => void>>;

/** @param now ISO 8601, UTC */
export function createLog(least: Level, format: LogFormat, now: () => string, write = tell): Log {
  const line = (level: Level, message: string, fields: Fields = {}): void => {
    if (LEVELS.indexOf(level) < LEVELS.indexOf(least)) return;
    const all = { ts: now(), level, msg: message, ...fields };
    write(`${format === "json" ? json(all) : logfmt(all)}\n`);
  };
  return {
    debug: (message, fields) => line("debug", message, fields),
    info: (message, fields) => line("info", message, fields),
    warn: (message, fields) => line("warn", message, fields),
    error: (message, fields) => line("error", message, fields),
  };
}

function json(fields: Fields): string {
  return JSON.stringify(fields, (_, value: unknown) =>
    typeof value === "string" ? printable(value) : value,
  );
}

function logfmt(fields: Fields): string {
  return Object.entries(fields)
    .map(([key, value]) => {
      const text = printable(String(value));
      return `${key}=${/^[\w./:@%+-]+$/.test(text) ? text : JSON.stringify(text)}`;
    })
    .join(" ");
}
