/** Short messages: `slmgr /xpr`, `/ato`, dialogs. */
import { codeClaims } from "../claims.ts";
import type { Line } from "../clean.ts";
import { fieldOf } from "../fields.ts";
import { step } from "../found.ts";
import type { Found, Recogniser } from "../found.ts";
import type { Facts } from "../model.ts";
import * as value from "../values.ts";
import { beginsOther } from "./begins.ts";

const EXPIRES =
  /^(?:(Volume|Timebased|Automatic VM) activation will expire|批量激活将于) ?(.{0,40}?)(?: ?过期)?[.。]?$/i;
const FOR_EVER =
  /^(?:The machine is permanently activated|此计算机已永久激活|De machine is onbeperkt geactiveerd)[.。]?$/i;
const DATE = /^\d{1,4}[./-]\d{1,2}[./-]\d{1,4},? \d{1,2}:\d{2}:\d{2}(?: [AP]M)?$/i;

export const xpr: Recogniser = (lines, at) => {
  const line = lines[at];
  if (line === undefined) return null;
  const named = value.product(line.text.replace(/ ?: ?$/, ""));
  const told = named === null ? at : at + 1;
  const text = lines[told]?.text ?? "";
  const expiry = EXPIRES.exec(text);
  if (expiry === null && !FOR_EVER.test(text)) return null;
  const [, how, when = ""] = expiry ?? [];
  const facts: Facts = { errorCodes: [], licenceStatus: "licensed" };
  if (named !== null) facts.product = named;
  if (DATE.test(when) && lines[told]?.cut !== true) facts.expires = when;
  const volume = expiry !== null && how !== "Timebased";
  return {
    kind: "slmgr-xpr",
    side: "client",
    language: /[\u4E00-\u9FFF]/.test(text) ? "zh-CN" : text.startsWith("De ") ? "nl" : "en",
    facts,
    cause: "none",
    says: volume
      ? `Activated by volume licensing${facts.expires === undefined ? "" : ` until ${facts.expires} local time`}.`
      : "Activated, and not by KMS.",
    doesNotTell: "Through which host it was activated.",
    next: [step("client", "Read the host and the minutes that are left", "cscript //nologo slmgr.vbs /dlv")],
    claims: [],
    from: at,
    to: told + 1,
  };
};

/** How the licensing service is called where a message of slmgr's begins. */
const SERVICE: readonly (readonly [RegExp, string])[] = [
  [/Software Licensing Service/i, "en"],
  [/Softwarelizenzierungsdienst/i, "de"],
  [/service (?:de gestion )?de licences? (?:de|du) logiciels?/i, "fr"],
  [/servicio de licencias de software/i, "es"],
  [/servizio (?:Gestione licenze|licenze) software/i, "it"],
  [/Serviço de Licenciamento de Software/i, "pt"],
  [/Usługa licencjonowania oprogramowania/i, "pl"],
  [/лицензировани\p{L} программного обеспечения/iu, "ru"],
  [/软件授权服务/, "zh-CN"],
  [/ソフトウェア ?ライセンス ?サービス/, "ja"],
  [/소프트웨어 라이선스 서비스/, "ko"],
];
const ACTIVATING = /^(?:Activating|正在激活) .{3,160} ?\(([0-9a-f-]{36})\) ?\.{2,3}$/i;
const SUCCESS = /^(?:Product activated successfully|成功地激活了产品)[.。]?$/i;
const SLUI = /slui\.exe/i;
const MOST_LINES = 8;

/** `Activating …`, then success or an error; or the error alone, as a dialog shows it. */
export const message: Recogniser = (lines, at) => {
  const line = lines[at];
  if (line === undefined || line.text === "") return null;
  const facts: Facts = { errorCodes: [] };
  const activating = ACTIVATING.exec(line.text);
  const start = activating === null ? at : at + 1;
  if (activating !== null) facts.activationId = value.guid(activating[1] ?? "") ?? undefined;
  let index = start;
  if (activating !== null) while (lines[index]?.text === "" && index < start + 3) index += 1;
  if (SUCCESS.test(lines[index]?.text ?? "")) {
    facts.activated = true;
    return {
      kind: "slmgr-ato",
      side: "client",
      language: /[\u4E00-\u9FFF]/.test(lines[index]?.text ?? "") ? "zh-CN" : "en",
      facts,
      cause: "none",
      says: "Activated.",
      doesNotTell: "By which host.",
      next: [],
      claims: [],
      from: at,
      to: index + 1,
    };
  }
  const told = codesAt(lines, index);
  if (told.length === 0) return null;
  let to = index + 1;
  let text = lines[index]?.text ?? "";
  for (; to < Math.min(lines.length, index + MOST_LINES); to++) {
    const next = lines[to];
    if (next === undefined || next.text === "" || beginsOther(next) || fieldOf(next) !== null) break;
    text += ` ${next.text}`;
  }
  facts.errorCodes = [...new Set([...told, ...value.codesIn(text)])];
  if (facts.activationId === undefined) delete facts.activationId;
  return whole(facts, text, { lines, at, index, to, ato: activating !== null });
};

/** A code in a line, or one that the line's end has torn. */
function codesAt(lines: readonly Line[], at: number): string[] {
  const line = lines[at];
  if (line === undefined || /^\d{1,2}:\d{2}:\d{2}/.test(line.text)) return [];
  const codes = value.codesIn(line.text);
  if (codes.length > 0 || !/0x[0-9a-f]{0,7}$/i.test(line.text) || line.width < 56) return codes;
  return value.codesIn(line.text.slice(-12) + (lines[at + 1]?.text.slice(0, 12) ?? ""));
}

type Where = { lines: readonly Line[]; at: number; index: number; to: number; ato: boolean };

function whole(facts: Facts, text: string, { lines, at, index, to, ato }: Where): Found {
  const service = SERVICE.find(([words]) => words.test(text.slice(0, 600)));
  const labels =
    (lines[index] === undefined ? null : fieldOf(lines[index]))?.labels.filter(
      ({ family }) => family === "error",
    ) ?? [];
  const unambiguous = labels.length === 1 ? labels[0]?.language : undefined;
  const english = /\b(?:the|could not|not be)\b/i.test(text) ? "en" : null;
  const codes = facts.errorCodes ?? [];
  const claims = codeClaims(codes);
  const named = claims.some(({ state }) => state === "confirmed" || state === "possible");
  const umbrella = codes.includes("0xC004F074");
  return {
    kind: ato || service !== undefined || SLUI.test(text) ? "slmgr-ato" : "dialog",
    side: "client",
    language: unambiguous ?? service?.[1] ?? english,
    facts,
    cause: named ? null : "unknown",
    says: umbrella
      ? "No KMS host could be used; the code is an umbrella that hides DNS, path, clock and host problems."
      : (claims[0]?.evidence.replace(/^0x[0-9A-F]{8}: /, "") ?? `A message with ${codes.join(", ")}.`),
    doesNotTell: umbrella
      ? "Which host was tried, and why it could not be used."
      : "Anything that its code does not carry.",
    next: [
      step(
        "client",
        "Read event 12288 of the same minute in the Application log: its first field is the real code, its third the host that was tried",
        "Get-WinEvent -FilterHashtable @{LogName='Application'; ProviderName='Microsoft-Windows-Security-SPP'; Id=12288} -MaxEvents 5 | Format-List TimeCreated, Message",
      ),
    ],
    claims,
    from: at,
    to,
  };
}
