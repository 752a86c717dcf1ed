/** `sc query` and Get-Service: whether the licensing service runs. */
import { claim } from "../claims.ts";
import { step } from "../found.ts";
import type { Recogniser, Said } from "../found.ts";
import type { Facts } from "../model.ts";

const NAME =
  /^(?:SERVICE_NAME|DIENSTNAME|NOM_SERVICE|NOMBRE_SERVICIO|[\p{L}_]{4,30}) {0,30}: ?(sppsvc|slsvc|osppsvc)$/iu;
const STATE =
  /^[\p{L}_ ]{3,30} ?: ?([1-7]) {1,4}(STOPPED|START_PENDING|STOP_PENDING|RUNNING|CONTINUE_PENDING|PAUSE_PENDING|PAUSED)\b/u;
const EXIT = /^WIN32_[\p{L}_]{3,30}\s{0,20}: ?(\d{1,9}) {1,4}\(0x[0-9a-f]{1,8}\)$/iu;
const ROW = /^(Stopped|Running|StartPending|StopPending|Paused) {1,20}(sppsvc|slsvc|osppsvc)\b/i;
/** Columns as somebody chose them: the service first, its state and how it starts behind it. */
const CHOSEN =
  /^(sppsvc|slsvc|osppsvc) {1,40}(?=.{0,80}\b(Stopped|Running|StartPending|StopPending|Paused)\b)(?:.{0,80}\b(Disabled)\b)?/i;
const LISTED = /^Status {0,30}: ?(Stopped|Running|StartPending|StopPending|Paused)$/i;
const DISABLED = /^(?:StartType|StartMode|START_TYPE) {0,30}: ?(?:4 {1,3})?Disabled$/i;

const STATES: ReadonlyMap<string, NonNullable<Facts["serviceState"]>> = new Map([
  ["stopped", "stopped"],
  ["running", "running"],
  ["startpending", "start-pending"],
  ["stoppending", "stop-pending"],
  ["paused", "paused"],
]);

export const service: Recogniser = (lines, at) => {
  const text = lines[at]?.text ?? "";
  const row = ROW.exec(text);
  const chosen = row === null ? CHOSEN.exec(text) : null;
  const [, name = row?.[2] ?? chosen?.[1]] = NAME.exec(text) ?? [];
  if (name === undefined) return null;
  const facts: Facts = { errorCodes: [], service: name.toLowerCase() };
  let disabled = chosen?.[3] !== undefined;
  let to = at + 1;
  if (row !== null || chosen !== null)
    facts.serviceState = STATES.get((row?.[1] ?? chosen?.[2] ?? "").toLowerCase());
  else
    for (let index = at + 1; index < Math.min(lines.length, at + 14); index++) {
      const line = lines[index]?.text ?? "";
      if (NAME.test(line)) break;
      const [, , state] = STATE.exec(line) ?? [];
      const [, code] = EXIT.exec(line) ?? [];
      if (state !== undefined) facts.serviceState = STATES.get(state.toLowerCase().replace("_", ""));
      if (code !== undefined) facts.exitCode ??= Number(code);
      const [, listed] = LISTED.exec(line) ?? [];
      if (listed !== undefined) facts.serviceState = STATES.get(listed.toLowerCase());
      disabled ||= DISABLED.test(line);
      if (state !== undefined || code !== undefined || /:/.test(line)) to = index + 1;
      else if (line !== "" && facts.serviceState !== undefined) break;
    }
  if (facts.serviceState === undefined) return null;
  return {
    kind: "sc-query",
    side: "either",
    language: /^(?:SERVICE_NAME|Stopped|Running)/i.test(text)
      ? "en"
      : text.startsWith("DIENSTNAME")
        ? "de"
        : null,
    facts,
    ...conclude(facts, disabled),
    from: at,
    to,
  };
};

function conclude({ service: name = "sppsvc", serviceState, exitCode }: Facts, disabled: boolean): Said {
  const stopped = serviceState === "stopped";
  if (stopped && disabled)
    return {
      cause: null,
      says: `The service ${name} is disabled: no client activates with it, and no host answers.`,
      doesNotTell: "Whether this machine is a KMS host.",
      next: [
        step(
          "kms-host",
          "Let it start on demand again, then start it",
          "sc config sppsvc start= delayed-auto & net start sppsvc",
        ),
      ],
      claims: [
        claim("kms-host", "possible", `The service ${name} is disabled`, "serviceState"),
        claim("client-configuration", "fits", `The service ${name} is disabled`, "serviceState"),
      ],
    };
  const broken = stopped && exitCode !== undefined && exitCode !== 0;
  return {
    cause: stopped ? (broken ? null : "unknown") : "none",
    says: !stopped
      ? `The service ${name} is ${serviceState ?? "there"}.`
      : broken
        ? `The service ${name} stopped with error ${exitCode}.`
        : "On a client this is normal (the service starts on demand and stops again); on a KMS host it means that nobody listens on 1688.",
    doesNotTell: "Whether this machine is a KMS host; there the block of slmgr.vbs /dlv tells.",
    next: stopped
      ? [
          step("kms-host", "See how it is to start, then start it", "sc qc sppsvc & net start sppsvc"),
          step(
            "kms-host",
            "The same with cmdlets, from Windows 8 on",
            "Get-CimInstance Win32_Service -Filter \"Name='sppsvc'\"; Start-Service sppsvc",
          ),
        ]
      : [],
    claims: broken
      ? [claim("kms-host", "possible", `The licensing service stopped with error ${exitCode}`, "exitCode")]
      : [],
  };
}
