import { en, type WordKey, type Words } from './en.ts';
import { zh } from './zh.ts';

export type Language = 'en' | 'zh';

export const languages: Readonly<
  Record<Language, { readonly name: string; readonly tag: string; readonly words: Words }>
> = {
  en: { name: 'English', tag: 'en', words: en },
  zh: { name: '中文', tag: 'zh-CN', words: zh },
};

/** What was chosen, else the first language of the browser that we have, else English. */
export function languageOf(chosen: string | null | undefined, browserLanguages: readonly string[]): Language {
  const known = (tag: string): Language | undefined => {
    const [primary = ''] = tag.toLowerCase().split('-', 1);
    return primary === 'zh' || primary === 'en' ? primary : undefined;
  };
  return (chosen ? known(chosen) : undefined) ?? browserLanguages.map(known).find((tag) => tag !== undefined) ?? 'en';
}

export type Say = (key: WordKey, values?: Readonly<Record<string, string | number>>) => string;

export function sayIn(language: Language): Say {
  const { words } = languages[language];
  return (key, values = {}) =>
    words[key].replaceAll(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** `75_000` ms is `1:15`, an hour and more `1:01:15`; what is not yet is `0:00`. */
export function durationText(durationMs: number): string {
  const seconds = Math.max(0, Math.floor(durationMs / 1000));
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const two = (value: number): string => String(value).padStart(2, '0');
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** A date as people write it, in their own time zone. */
export function dateText(atMs: number, language: Language): string {
  return new Intl.DateTimeFormat(languages[language].tag, { dateStyle: 'medium' }).format(atMs);
}

export function clockText(atMs: number, language: Language): string {
  return new Intl.DateTimeFormat(languages[language].tag, { timeStyle: 'medium', hourCycle: 'h23' }).format(atMs);
}

/** Day and time, to the minute. */
export function momentText(atMs: number, language: Language): string {
  const style = { dateStyle: 'medium', timeStyle: 'short', hourCycle: 'h23' } as const;
  return new Intl.DateTimeFormat(languages[language].tag, style).format(atMs);
}
