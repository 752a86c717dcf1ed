/** Lines of what the exporter does, in logfmt or JSON, on standard error. Values are printable, and no secret is one. */
import type { LogOutput } from "../output/log-output.ts";
import { printable } from "../report/escape.ts";

const LEVELS = ["debug", "info", "warn", "error"] as const;
export type Level = (typeof LEVELS)[number];
export type LogFormat = "logfmt" | "json";
type Fields = Readonly<Record<string, string | number | boolean>>;
export type Log = Readonly<Record<Level, (message: string, fields?: Fields) => void>>;

export type LogWorld = {
  /** ISO 8601, UTC. */
  now: () => string;
  write: LogOutput;
  /** A line that nobody took. */
  onLost: () => void;
};

/** How many lines were lost is said with the next one that is not. */
export function createLog(least: Level, format: LogFormat, { now, write, onLost }: LogWorld): Log {
  let lost = 0;
  const written = (level: Level, message: string, fields: Fields): boolean => {
    const all = { ts: now(), level, msg: message, ...fields };
    return write(`${format === "json" ? json(all) : logfmt(all)}\n`);
  };
  const line = (level: Level, message: string, fields: Fields = {}): void => {
    if (LEVELS.indexOf(level) < LEVELS.indexOf(least)) return;
    if (lost > 0 && written("warn", "lines of this log were lost", { lines: lost })) lost = 0;
    if (lost === 0 && written(level, message, fields)) return;
    lost += 1;
    onLost();
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
