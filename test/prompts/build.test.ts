import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { planPrompts } from '../../src/prompts/build.ts';
import { buildPrompts, type PromptSettings } from '../../src/prompts/index.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'prompts-test-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** Speaks one sample for each byte of the text, and notes what it was asked. */
const speaker = `
const fs = require('node:fs');
const [textFile, voice, output, log] = process.argv.slice(1);
const text = fs.readFileSync(textFile);
fs.appendFileSync(log, voice + ' ' + text);
if (text.includes('fail')) process.exit(3);
if (text.includes('hang')) setTimeout(() => {}, 60000);
else {
  const head = Buffer.alloc(44);
  head.write('RIFF', 0); head.write('WAVEfmt ', 8); head.writeUInt32LE(16, 16); head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22); head.writeUInt32LE(8000, 24); head.writeUInt16LE(16, 34);
  head.write('data', 36); head.writeUInt32LE(text.length * 2, 40);
  fs.writeFileSync(output, Buffer.concat([head, Buffer.alloc(text.length * 2, 1)]));
}`;

const settings = (texts: PromptSettings['texts'], more: Partial<PromptSettings> = {}): PromptSettings => ({
  directory,
  command: [process.execPath, '-e', speaker, '{textFile}', '{voice}', '{output}', join(directory, 'log')],
  voices: { zh: 'cmn' },
  fallback: 'en',
  texts,
  deadlineMs: 20_000,
  ...more,
});
const build = (texts: PromptSettings['texts'], more: Partial<PromptSettings> = {}) => {
  const told: string[] = [];
  return buildPrompts(settings(texts, more), ({ done, all, spoken, isNew }) =>
    told.push(`${done}/${all} ${spoken.language}/${spoken.name} ${isNew ? 'new' : 'old'}`),
  ).then((made) => ({ made, told }));
};
const file = (path: string): string => join(directory, path);
const log = (): string => readFileSync(file('log'), 'utf8');

describe('prompts that are spoken at install', () => {
  it('each in each language, in the fallback where a text is missing', () => {
    expect(planPrompts({ texts: { a: { en: 'A', zh: '甲' }, b: { en: 'B' } }, fallback: 'en' })).toEqual([
      { name: 'a', language: 'en', textLanguage: 'en', text: 'A' },
      { name: 'a', language: 'zh', textLanguage: 'zh', text: '甲' },
      { name: 'b', language: 'en', textLanguage: 'en', text: 'B' },
      { name: 'b', language: 'zh', textLanguage: 'en', text: 'B' },
    ]);
  });

  it('are made once, and anew when text, voice or command have changed', async () => {
    const texts = { hello: { en: 'Hello', zh: '您好' } };
    expect(await build(texts)).toEqual({ made: 2, told: ['1/2 en/hello new', '2/2 zh/hello new'] });
    expect(log()).toBe('en Hello\ncmn 您好\n');
    expect(readFileSync(file('zh/ringmaster/hello.wav')).toString('latin1', 0, 4)).toBe('RIFF');
    expect((await build(texts)).told).toEqual(['1/2 en/hello old', '2/2 zh/hello old']);
    expect((await build({ hello: { en: 'Good day', zh: '您好' } })).made).toBe(1);
    expect((await build({ hello: { en: 'Good day', zh: '您好' } }, { voices: { zh: 'other' } })).made).toBe(1);
    rmSync(file('en/ringmaster/hello.wav'));
    expect((await build({ hello: { en: 'Good day', zh: '您好' } }, { voices: { zh: 'other' } })).made).toBe(1);
  });

  it('a text is a text, whatever stands in it: no shell reads it, and it is no option', async () => {
    await build({ trap: { en: `-w /tmp/x; $(touch ${file('pwned')}) \`touch ${file('pwned')}\` {output}` } });
    expect(existsSync(file('pwned'))).toBe(false);
    expect(log()).toContain('-w /tmp/x; $(touch');
  });

  it('one that fails leaves the one before in place, and says which it was', async () => {
    await build({ hello: { en: 'Hello' } });
    const before = statSync(file('en/ringmaster/hello.wav')).size;
    await expect(build({ hello: { en: 'fail' } })).rejects.toMatchObject({ code: 'prompts.command_failed' });
    await expect(build({ hello: { en: 'hang' } }, { deadlineMs: 300 })).rejects.toThrow(/hello in en/);
    expect(statSync(file('en/ringmaster/hello.wav')).size).toBe(before);
  });

  it.each<[string, Partial<PromptSettings>, PromptSettings['texts'], string]>([
    ['no such folder', { directory: '/nowhere/at/all' }, { a: { en: 'A' } }, 'prompts.no_directory'],
    ['no such program', { command: ['no-such-program-here'] }, { a: { en: 'A' } }, 'prompts.command_failed'],
    ['no sound', { command: ['cp', '{textFile}', '{output}'] }, { a: { en: 'A' } }, 'prompts.not_a_wave'],
    ['nothing to say', {}, {}, 'prompts.none'],
  ])('%s', async (_name, more, texts, code) => {
    await expect(build(texts, more)).rejects.toMatchObject({ code });
  });

  it('a folder that may not be written', async () => {
    writeFileSync(file('en'), 'a file stands where the folder should');
    await expect(build({ a: { en: 'A' } })).rejects.toMatchObject({ code: 'prompts.cannot_write' });
  });
});
