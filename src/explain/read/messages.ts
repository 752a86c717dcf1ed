/** Short messages: `slmgr /xpr`, `/ato`, dialogs. */
import { codeClaims } from "../claims.ts";
import type { Line } from "../clean.ts";
import { fieldOf } from "../fields.ts";
import { step } from "../found.ts";
import type { Found, Recogniser } from "../found.ts";
import type { Facts } from "../model.ts";
import type { LicenceState } from "../states.ts";
import * as value from "../values.ts";
import { beginsOther } from "./begins.ts";

const EXPIRES =
  /^(?:(Volume|Timebased|Automatic VM) activation will expire|批量激活将于) ?(.{0,40}?)(?: ?过期)?[.。]?$/i;
const FOR_EVER =
  /^(?:The machine is permanently activated|此计算机已永久激活|De machine is onbeperkt geactiveerd)[.。]?$/i;
const GRACE = /^(Initial|Additional|Non-genuine|Extended) grace period ends ?(.{0,40})$/i;
const GRACES: ReadonlyMap<string, LicenceState> = new Map([
  ["initial", "initial-grace"],
  ["additional", "additional-grace"],
  ["non-genuine", "non-genuine-grace"],
  ["extended", "extended-grace"],
]);
/** Only below the name of a product: "Notification" alone may be any program's word. */
const NOTIFICATION = /^Windows is in Notification mode[.]?$|^Windows ?处于通知模式[.。]?$/i;
const DATE = /^\d{1,4}[./-]\d{1,2}[./-]\d{1,4},? \d{1,2}:\d{2}:\d{2}(?: [AP]M)?$/i;

/** The same in languages whose sentences were not found: a date, or a word for ever, right below a product's name. */
const DATED = /^[^:]{0,80}?(\d{1,4}[./-]\d{1,2}[./-]\d{1,4},? \d{1,2}:\d{2}:\d{2}(?: [AP]M)?)[^:\d]{0,40}$/i;
const VOLUME_WORD =
  /volum|zbiorcz|массов|корпоратив|многопольз|multilicenza|toplu|ボリューム|볼륨|批量|大量/i;
const EVER_WORD = /dauerhaft|permanen|définitiv|definitiv|постоянн|trwale|kalıcı|永久|永続|영구/i;

type Expiry = { state: LicenceState; how: "volume" | "other"; when: string; language: string | null };

function expiryOf(text: string, named: boolean): Expiry | null {
  const english = text.startsWith("De ") ? "nl" : /[\u4E00-\u9FFF]/.test(text) ? "zh-CN" : "en";
  const [volume, kind, when = ""] = EXPIRES.exec(text) ?? [];
  if (volume !== undefined)
    return { state: "licensed", how: kind === "Timebased" ? "other" : "volume", when, language: english };
  if (FOR_EVER.test(text)) return { state: "licensed", how: "other", when: "", language: english };
  const [, grace = "", end = ""] = GRACE.exec(text) ?? [];
  const state = GRACES.get(grace.toLowerCase());
  if (state !== undefined) return { state, how: "other", when: end, language: "en" };
  if (!named || text.length > 160) return null;
  if (NOTIFICATION.test(text)) return { state: "notification", how: "other", when: "", language: english };
  const [, date] = DATED.exec(text) ?? [];
  if (date !== undefined && VOLUME_WORD.test(text))
    return { state: "licensed", how: "volume", when: date, language: null };
  return date === undefined && EVER_WORD.test(text) && !text.includes(":")
    ? { state: "licensed", how: "other", when: "", language: null }
    : null;
}

export const xpr: Recogniser = (lines, at) => {
  const line = lines[at];
  if (line === undefined) return null;
  const [, name = line.text, rest = ""] = /^(.{0,160}? edition) ?: ?(.{0,160})$/i.exec(line.text) ?? [];
  const named = value.product(name);
  const told = named === null || rest !== "" ? at : at + 1;
  const expiry = expiryOf(rest === "" ? (lines[told]?.text ?? "") : rest, named !== null);
  if (expiry === null) return null;
  const { state, how, when, language } = expiry;
  const facts: Facts = { errorCodes: [], licenceStatus: state };
  if (named !== null) facts.product = named;
  if (DATE.test(when) && lines[told]?.cut !== true) facts.expires = when;
  const until = facts.expires === undefined ? "" : ` until ${facts.expires} local time`;
  const licensed = state === "licensed";
  return {
    kind: "slmgr-xpr",
    side: "client",
    language,
    facts,
    cause: licensed ? "none" : "unknown",
    says: licensed
      ? how === "volume"
        ? `Activated by volume licensing${until}.`
        : "Activated, and not by KMS."
      : `Not activated (${state})${until}.`,
    doesNotTell: licensed ? "Through which host it was activated." : "Why it is not activated.",
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
  [/Yaz\S{1,2}l\S{1,2}m Lisanslama Hizmeti/i, "tr"],
  [/Softwarelicentieservice/i, "nl"],
];
/** In any language: the edition and its GUID are not translated. */
const ACTIVATING = /\(([0-9a-f-]{36})\)[^(]{0,40}\.{2,3}$/i;
const ACTIVATED = /^(?:Activating|正在激活) |\bedition ?$/i;
const SUCCESS = /^(?:Product activated successfully|成功地激活了产品)[.。]?$/i;
/** Below a line that names the edition, those of languages whose sentence was not found. */
const SUCCESS_WORDS =
  /erfolgreich aktiviert|correctement activé|activé(?: le produit)? (?:correctement|avec succès)|activ(?:ó|ado)(?: el producto)? (?:correctamente|con éxito)|attivat[oa] (?:correttamente|con esito positivo)|attivazione.{0,40}(?:completata|riuscita)|ativado com (?:êxito|sucesso)|активаци\S{1,3} .{0,30}(?:выполнена|завершена) успешно|успешно активирован|pomyślnie aktywowan|aktywowano pomyślnie|başarıyla etkinleştirildi|正常にライセンス認証され|成功地激活|성공적으로/i;
const SLUI = /slui\.exe/i;
const MOST_LINES = 8;

/** `Activating …`, then success or an error; or the error alone, as a dialog shows it. */
export const message: Recogniser = (lines, at) => {
  const line = lines[at];
  if (line === undefined || line.text === "") return null;
  const facts: Facts = { errorCodes: [] };
  const [product, rows] = activatingAt(lines, at);
  const start = product === null ? at : at + rows;
  if (product !== null) facts.activationId = value.guid(product) ?? undefined;
  let index = start;
  if (product !== null) while (lines[index]?.text === "" && index < start + 3) index += 1;
  const answer = lines[index]?.text ?? "";
  if (SUCCESS.test(answer) || (product !== null && answer.length < 200 && SUCCESS_WORDS.test(answer))) {
    facts.activated = true;
    return {
      kind: "slmgr-ato",
      side: "client",
      language: /[\u4E00-\u9FFF]/.test(answer) ? "zh-CN" : SUCCESS.test(answer) ? "en" : null,
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
    if (next === undefined || next.text === "" || beginsOther(next)) break;
    if (fieldOf(next) !== null && !saysAgain(next, told)) break;
    text += ` ${next.text}`;
  }
  facts.errorCodes = [...new Set([...told, ...value.codesIn(text)])];
  if (facts.activationId === undefined) delete facts.activationId;
  return whole(facts, text, { lines, at, index, to, ato: product !== null });
};

/** `Activating … (GUID) ...`, whole or torn once: its GUID, and how many lines it takes. */
function activatingAt(lines: readonly Line[], at: number): readonly [string | null, number] {
  const text = lines[at]?.text ?? "";
  const alone = activating(text);
  if (alone !== null || !/\bedition \([0-9a-f-]{0,36}\)?$/i.test(text)) return [alone, 1];
  const next = lines[at + 1]?.text ?? "";
  return [activating(text + next) ?? activating(`${text} ${next}`), 2];
}

function activating(text: string): string | null {
  if (text.length > 400 || !text.endsWith("..")) return null;
  const found = ACTIVATING.exec(text);
  return found !== null && ACTIVATED.test(text.slice(0, found.index)) ? (found[1] ?? null) : null;
}

/** The hint at slui.exe stands before the error that it is about. */
function saysAgain(line: Line, told: readonly string[]): boolean {
  const codes = value.codesIn(line.text);
  return codes.length > 0 && codes.every((code) => told.includes(code));
}

/** w32tm's samples; and the keywords of an event in XML. */
const NO_CODE = /^\d{1,2}:\d{2}:\d{2}|^<Keywords>|^[\d:]{0,8},? ?[a-z]{0,5}: 0x800705B4$/;
const OF_CLOCK = /^[\d:, a-z]{0,16}0x[0-9a-f]{8}$/i;

/** A code in a line, or one that the line's end has torn. */
function codesAt(lines: readonly Line[], at: number): string[] {
  const line = lines[at];
  if (line === undefined || NO_CODE.test(line.text)) return [];
  // The rest of w32tm's line, whose time was cut off.
  if (line.number === 1 && OF_CLOCK.test(line.text) && NO_CODE.test(lines[at + 1]?.text ?? "")) return [];
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
