import { nearest } from '../src/kernel/index.ts';
import { type Static, Type } from '../src/schema/index.ts';
import { duration, formed } from './kinds.ts';
import type { Problems } from './problems.ts';

/** Texts that are spoken at install; `prompt:NAME` plays them. */
export const PromptSection = Type.Object({
  directory: formed(
    /^\/[^\0\n]{0,1000}$/,
    'an absolute path',
    'the sounds folder of Asterisk, as this machine sees it',
    {
      default: '/var/lib/asterisk/sounds',
    },
  ),
  fallback: formed(
    /^[a-z]{2,3}([_-][A-Za-z0-9]{2,8})?$/,
    'a language such as en',
    'spoken where a prompt has no text',
    {
      default: 'en',
    },
  ),
  command: Type.Array(
    Type.String({
      minLength: 1,
      maxLength: 500,
      description: 'a word; {textFile}, {voice}, {language}, {output} are put in',
    }),
    {
      default: ['espeak-ng', '-v', '{voice}', '-s', '150', '-f', '{textFile}', '-w', '{output}'],
      minItems: 1,
      maxItems: 50,
      description: 'the program that speaks and its arguments, run without a shell; it writes a WAV file',
    },
  ),
  voices: Type.Record(
    Type.String({ pattern: '^[a-z]{2,3}([_-][A-Za-z0-9]{2,8})?$' }),
    Type.String({ description: 'a voice' }),
    {
      default: { zh: 'cmn', en: 'en-gb' },
      description: 'by language, the voice of the program; the language itself when absent',
    },
  ),
  deadlineMs: duration(30_000, 100, 600_000, 'one prompt has failed by then'),
  texts: Type.Record(
    Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,63}$' }),
    Type.Record(
      Type.String({ pattern: '^[a-z]{2,3}([_-][A-Za-z0-9]{2,8})?$' }),
      Type.String({ maxLength: 2_000, description: 'what is said' }),
      {
        description: 'by language, what is said',
      },
    ),
    { description: 'the prompts by name', 'x-form': 'small letters, digits and "-"' },
  ),
});

export type PromptData = Static<typeof PromptSection>;
type Tree = { readonly [key: string]: unknown };

const named = /^prompt:(.*)$/;
/** Where something is played. */
const sections = ['numbers', 'flows', 'voicemails', 'queues', 'recording'];

/** A name that is not there, or a prompt without a text to fall back on, is reported where it stands. */
export function checkPrompts(data: object, prompts: PromptData | undefined, problems: Problems): void {
  if (prompts) checkTexts(prompts, problems);
  const texts = prompts?.texts ?? {};
  walkSections(data, (name, key) => {
    if (Object.hasOwn(texts, name)) return;
    const near = nearest(name, Object.keys(texts));
    const mend = near === undefined ? 'Write it under prompts.texts.' : `Did you mean "${near}"?`;
    problems.report('dangling', key, `there is no prompt "${name}"`, mend);
  });
}

/** Puts the files that `prompts build` makes in the place of `prompt:NAME`, wherever something is played. */
export function namePrompts<Data extends object>(data: Data): Data {
  return { ...data, ...walkSections(data, () => undefined) };
}

function walkSections(data: object, onName: (name: string, key: string) => void): Tree {
  const walk = (value: unknown, key: string): unknown => {
    if (typeof value === 'string') {
      const [, name] = named.exec(value) ?? [];
      if (name === undefined) return value;
      onName(name, key);
      return `sound:ringmaster/${name}`;
    }
    if (Array.isArray(value)) return value.map((item, at) => walk(item, `${key}[${at}]`));
    if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, walk(item, `${key}.${name}`)]));
  };
  const parts = Object.entries(data).filter(([name]) => sections.includes(name));
  return Object.fromEntries(parts.map(([name, part]) => [name, walk(part, name)]));
}

function checkTexts({ texts, fallback, command }: PromptData, problems: Problems): void {
  for (const [name, byLanguage] of Object.entries(texts)) {
    if (byLanguage[fallback] !== undefined) continue;
    const mend = `Add ${fallback}: … below it, or set prompts.fallback to a language that every prompt has.`;
    problems.report('missing', `prompts.texts.${name}`, `no text in the fallback language ${fallback}`, mend);
  }
  for (const place of ['{textFile}', '{output}']) {
    if (command.some((word) => word.includes(place))) continue;
    problems.report(
      'missing',
      'prompts.command',
      `the command does not say ${place}`,
      `Put ${place} where the program takes it.`,
    );
  }
}
