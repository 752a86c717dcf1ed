/** One row of the table of labels, and the languages that it has. */
const LANGUAGES = [
  "en",
  "de",
  "fr",
  "es",
  "it",
  "pt",
  "pl",
  "ru",
  "zh-CN",
  "zh-TW",
  "ja",
  "ko",
  "tr",
  "cs",
  "nl",
] as const;
export type Language = (typeof LANGUAGES)[number];

/**
 * `tool`: read in its output. `docs`: in Microsoft's documentation in that language, where the wording may differ.
 * `memory`: as somebody remembers it, compared with no output; the value beside it has to fit.
 */
export type LabelRow = {
  readonly family: "slmgr" | "ospp" | "ipconfig" | "event" | "error" | "nslookup";
  readonly field: string;
  readonly grade: "tool" | "docs" | "memory";
  readonly labels: Partial<Readonly<Record<Language, readonly string[]>>>;
};

export function row(
  family: LabelRow["family"],
  field: string,
  grade: LabelRow["grade"],
  labels: LabelRow["labels"],
): LabelRow {
  return { family, field, grade, labels };
}

export function languageNamed(name: string): Language {
  return LANGUAGES.find((each) => each === name) ?? "en";
}
