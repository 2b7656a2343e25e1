import { styleText } from 'node:util';
import type { Language, Verdict } from './finding.ts';
import type { Outcome } from './run.ts';

const words: Readonly<Record<Language, Readonly<Record<Verdict | 'mend' | 'sum', string>>>> = {
  en: { ok: 'ok', warning: 'warning', failed: 'FAILED', notChecked: 'not checked', mend: 'mend', sum: 'found' },
  zh: { ok: '正常', warning: '警告', failed: '失败', notChecked: '未检查', mend: '处理', sum: '结果' },
};
const colours = { ok: 'green', warning: 'yellow', failed: 'red', notChecked: 'dim' } as const;
const verdicts: readonly Verdict[] = ['failed', 'warning', 'notChecked', 'ok'];

export interface Report {
  /** Nothing failed; warnings and what was not checked do not count. */
  readonly ok: boolean;
  readonly checks: readonly {
    readonly id: string;
    readonly about: string;
    readonly verdict: Verdict;
    readonly says: string;
    readonly mend?: string;
    readonly tookMs: number;
  }[];
}

/** The outcomes in one language. `secrets` are texts that must not come out, whoever wrote them into a message. */
export function toReport(outcomes: readonly Outcome[], language: Language, secrets: readonly string[]): Report {
  const clean = (text: string): string =>
    secrets.filter((secret) => secret.length > 3).reduce((rest, secret) => rest.replaceAll(secret, '[secret]'), text);
  return {
    ok: outcomes.every(({ verdict }) => verdict !== 'failed'),
    checks: outcomes.map(({ id, about, verdict, says, mend, tookMs }) => ({
      id,
      about: about[language],
      verdict,
      says: clean(says[language]),
      ...(mend ? { mend: clean(mend[language]) } : {}),
      tookMs,
    })),
  };
}

/** The report for people: in the order of the checks, with how to mend below what is not well. */
export function reportText({ checks }: Report, language: Language): string {
  const word = words[language];
  const lines = checks.flatMap(({ id, about, verdict, says, mend }) => [
    `${styleText(colours[verdict], `[${word[verdict]}]`)} ${id}  ${about}: ${says}`,
    ...(mend === undefined ? [] : [`    ${styleText('bold', `${word.mend}:`)} ${mend}`]),
  ]);
  const counts = verdicts.flatMap((verdict) => {
    const count = checks.filter((check) => check.verdict === verdict).length;
    return count === 0 ? [] : [`${count} ${word[verdict]}`];
  });
  return `${lines.join('\n')}\n\n${word.sum}: ${counts.join(', ')}\n`;
}

/** `--lang`, else the environment's language: Chinese where that begins with zh. */
export function languageOf(asked: string | undefined, env: Readonly<Record<string, string | undefined>>): Language {
  const text = asked ?? env['LC_ALL'] ?? env['LC_MESSAGES'] ?? env['LANG'] ?? '';
  return text.toLowerCase().startsWith('zh') ? 'zh' : 'en';
}
