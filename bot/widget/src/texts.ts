/** What the window says of itself, in one language; it all comes from the service. */

import type { Language } from "./replies.ts";

export const LANGUAGES: Readonly<Record<Language, string>> = {
  ar: "العربية",
  zh: "中文",
  en: "English",
  fr: "Français",
  ru: "Русский",
  es: "Español",
};

export type Texts = Readonly<Record<string, string>>;

export interface Settings {
  language: Language;
  texts: Texts;
  /** Characters a question may have. */
  longest: number;
}

export const isLanguage = (code: string | null | undefined): code is Language => !!code && Object.hasOwn(LANGUAGES, code);

export const directionOf = (language: Language): "ltr" | "rtl" => (language === "ar" ? "rtl" : "ltr");

/** With the digits that the texts use, and the first of a month as an ordinal in French, which browsers do not write. */
const dated = (at: string, language: Language, how: Intl.DateTimeFormatOptions): string =>
  new Intl.DateTimeFormat(`${language}${language === "en" ? "-GB" : ""}-u-nu-latn`, how)
    .formatToParts(new Date(at))
    .map(({ type, value }) => (language === "fr" && type === "day" && value === "1" ? "1er" : value))
    .join("");

/** A moment in the reader's own time. */
export const moment = (at: string, language: Language): string => dated(at, language, { dateStyle: "medium", timeStyle: "short" });

/** A day, which is the same everywhere. */
export const day = (at: string, language: Language): string => dated(at, language, { dateStyle: "long", timeZone: "UTC" });

/** The text with its {names} replaced by values, which keep their own direction. */
export const filled = (text: string, values: { [name: string]: string }): string =>
  text.replace(/{(\w+)}/g, (_, name: string) => `\u2068${values[name]}\u2069`);

export async function fetchTexts(language: Language): Promise<Texts> {
  const response = await fetch(`/widget/texts/${language}`, { credentials: "omit" });
  if (!response.ok) throw new Error(String(response.status));
  return (await response.json()) as Texts;
}
