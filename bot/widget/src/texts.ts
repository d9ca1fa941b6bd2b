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

/** A moment in the reader's own time, with the digits that the texts use. */
export const moment = (at: string, language: Language): string =>
  new Intl.DateTimeFormat(`${language}-u-nu-latn`, { dateStyle: "medium", timeStyle: "short" }).format(new Date(at));

export async function fetchTexts(language: Language): Promise<Texts> {
  const response = await fetch(`/widget/texts/${language}`, { credentials: "omit" });
  if (!response.ok) throw new Error(String(response.status));
  return (await response.json()) as Texts;
}
