/** Licence states by the words that the tools print for them, and by the numbers of Windows Management. */
import { closed } from "./fields.ts";
import { languageNamed } from "./label-row.ts";
import type { Language } from "./label-row.ts";
import { licenceStates } from "./model.ts";

export type LicenceState = (typeof licenceStates)[number];

/** In the tool's words, by language. Those of languages whose output was not found are its documentation's, or from memory. */
const BY_LANGUAGE: Readonly<Partial<Record<Language, Partial<Record<LicenceState, readonly string[]>>>>> = {
  en: {
    unlicensed: ["unlicensed"],
    licensed: ["licensed"],
    "initial-grace": ["initial grace period"],
    "additional-grace": [
      "additional grace period (kms license expired or hardware out of tolerance)",
      "additional grace period",
    ],
    "non-genuine-grace": ["non-genuine grace period"],
    notification: ["notification"],
    "extended-grace": ["extended grace period"],
  },
  de: {
    unlicensed: ["nicht lizenziert"],
    licensed: ["lizenziert"],
    "initial-grace": ["anfängliche toleranzperiode", "anfänglicher aktivierungszeitraum"],
    notification: ["benachrichtigung"],
  },
  fr: {
    unlicensed: ["sans licence"],
    licensed: ["avec licence", "sous licence"],
    "initial-grace": ["période de grâce initiale"],
  },
  es: {
    unlicensed: ["sin licencia"],
    licensed: ["con licencia"],
    "initial-grace": ["período de gracia inicial", "periodo de gracia inicial"],
    notification: ["notificación"],
  },
  it: {
    unlicensed: ["senza licenza"],
    licensed: ["con licenza", "concesso in licenza"],
    "initial-grace": ["periodo di prova iniziale", "periodo di tolleranza iniziale"],
    notification: ["notifica"],
  },
  pt: {
    unlicensed: ["não licenciado", "sem licença"],
    licensed: ["licenciado"],
    "initial-grace": ["período de cortesia inicial", "período de carência inicial"],
    notification: ["notificação"],
  },
  pl: {
    unlicensed: ["nielicencjonowany", "bez licencji"],
    licensed: ["licencjonowany", "licencjonowane"],
    notification: ["powiadomienie"],
  },
  ru: {
    unlicensed: ["не имеет лицензии", "нет лицензии"],
    licensed: ["имеет лицензию"],
    "initial-grace": ["начальный льготный период"],
    notification: ["уведомление"],
  },
  tr: { unlicensed: ["lisanssız"], licensed: ["lisanslı"], notification: ["bildirim"] },
  "zh-CN": {
    unlicensed: ["未授权", "未许可"],
    licensed: ["已授权", "已许可"],
    "initial-grace": ["初始宽限期"],
  },
  "zh-TW": { unlicensed: ["未授權"], licensed: ["已授權"] },
  ja: {
    unlicensed: ["ライセンスされていません"],
    licensed: ["ライセンスされています"],
    "initial-grace": ["初期猶予期間"],
  },
  ko: {
    unlicensed: ["라이선스 없음"],
    licensed: ["라이선스 있음", "사용이 허가됨"],
    "initial-grace": ["초기 유예 기간"],
    notification: ["알림"],
  },
  nl: { licensed: ["gelicentieerd"] },
};

type Word = { readonly state: LicenceState; readonly language: Language | null };
const WORDS = new Map<string, Word>();
for (const [language, states] of Object.entries(BY_LANGUAGE))
  for (const state of licenceStates)
    for (const word of states[state] ?? []) WORDS.set(word, { state, language: languageNamed(language) });
/** Two languages write it alike. */
WORDS.set("通知", { state: "notification", language: null });

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

function wordOf(text: string): Word | null {
  return text.length > 100 ? null : (WORDS.get(text.toLowerCase().replace(/[.。]$/, "")) ?? null);
}

export const licenceState = closed((text) => wordOf(text)?.state ?? null);

/** Whose word for a licence state that is: English ones stand in other languages' output, too. */
export function stateLanguage(text: string): Language | null {
  const language = wordOf(text)?.language ?? null;
  return language === "en" ? null : language;
}

export const osppState = closed((text) => {
  const [, name] = /^-{2,3} ?([\p{L}_]{2,20}) ?-{2,3}$/u.exec(text.replace(/[–—]/g, "---")) ?? [];
  return name === undefined ? null : (OSPP.get(name.toUpperCase()) ?? null);
});

export function stateByNumber(number: number): LicenceState | null {
  return NUMBERS[number] ?? null;
}
