/** A sentence in the languages of the people who operate. */
export interface Said {
  readonly en: string;
  readonly zh: string;
}

export type Language = keyof Said;
export type Verdict = 'ok' | 'warning' | 'failed' | 'notChecked';

/** What a check found, and how to mend it. Never holds a secret. */
export interface Finding {
  readonly verdict: Verdict;
  readonly says: Said;
  readonly mend?: Said;
}

/** One check; harmless to what it looks at. */
export interface Check {
  /** `pbx1/ari`, `store`. */
  readonly id: string;
  readonly about: Said;
  /** Finds nothing by then: failed. Default 5 s. */
  readonly deadlineMs?: number;
  readonly run: () => Promise<Finding>;
}

export const said = (en: string, zh: string): Said => ({ en, zh });
export const ok = (en: string, zh: string): Finding => ({ verdict: 'ok', says: said(en, zh) });
export const notChecked = (en: string, zh: string): Finding => ({ verdict: 'notChecked', says: said(en, zh) });
export const warning = (says: Said, mend: Said): Finding => ({ verdict: 'warning', says, mend });
export const failed = (says: Said, mend: Said): Finding => ({ verdict: 'failed', says, mend });

const gravity: readonly Verdict[] = ['failed', 'warning', 'notChecked', 'ok'];

/** Several findings of one check as one: the gravest first, all of them told. */
export function together(findings: readonly Finding[]): Finding {
  const sorted = [...findings].sort((a, b) => gravity.indexOf(a.verdict) - gravity.indexOf(b.verdict));
  const [gravest] = sorted;
  if (!gravest) return ok('nothing to look at', '无需检查');
  const mends = sorted.flatMap(({ mend }) => mend ?? []);
  return {
    verdict: gravest.verdict,
    says: joined(
      sorted.map(({ says }) => says),
      { en: '; ', zh: '；' },
    ),
    ...(mends.length === 0 ? {} : { mend: joined(mends, { en: ' ', zh: '' }) }),
  };
}

const joined = (parts: readonly Said[], by: Said): Said =>
  said(parts.map(({ en }) => en).join(by.en), parts.map(({ zh }) => zh).join(by.zh));
