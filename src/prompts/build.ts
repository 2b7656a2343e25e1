import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { AppError, errorText } from '../kernel/index.ts';
import { promptErrors } from './errors.ts';
import { telephoneRate, toTelephone } from './wave.ts';

export interface PromptSettings {
  /** Asterisk's sounds folder, as this machine sees it. */
  readonly directory: string;
  /** A program and its arguments; `{textFile}`, `{voice}`, `{language}` and `{output}` are put in. Run without a shell. */
  readonly command: readonly string[];
  /** By language, the voice of the program; the language itself when absent. */
  readonly voices: Readonly<Record<string, string>>;
  /** Spoken where a prompt has no text in a language. */
  readonly fallback: string;
  /** By name of the prompt and language, what is said. */
  readonly texts: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly deadlineMs: number;
}

/** One prompt in one language. */
interface Spoken {
  readonly name: string;
  readonly language: string;
  /** Of the text: that of the prompt, or the fallback. */
  readonly textLanguage: string;
  readonly text: string;
}

/** The folder of our prompts within that of a language; media name them `sound:ringmaster/NAME`. */
const promptFolder = 'ringmaster';
const noteName = '.made.json';
const outputBytesMax = 1_000_000;

/** Everything to be said: each prompt in each language that any prompt has, in the fallback where it lacks one. */
export function planPrompts({ texts, fallback }: Pick<PromptSettings, 'texts' | 'fallback'>): readonly Spoken[] {
  const languages = [...new Set(Object.values(texts).flatMap((byLanguage) => Object.keys(byLanguage)))].sort();
  return Object.entries(texts).flatMap(([name, byLanguage]) =>
    languages.flatMap((language) => {
      const textLanguage = byLanguage[language] === undefined ? fallback : language;
      const text = byLanguage[textLanguage];
      return text === undefined ? [] : [{ name, language, textLanguage, text }];
    }),
  );
}

interface Progress {
  readonly done: number;
  readonly all: number;
  readonly spoken: Spoken;
  readonly isNew: boolean;
}

/**
 * Speaks every prompt whose text, voice or command has changed since it was made, and writes it where Asterisk looks.
 * A prompt that fails leaves the one before it in place. Throws `prompts.*`; gives the number of prompts made anew.
 */
export async function buildPrompts(settings: PromptSettings, tell: (progress: Progress) => void): Promise<number> {
  const plan = planPrompts(settings);
  if (plan.length === 0) throw new AppError(promptErrors.none);
  if (!existsSync(settings.directory)) throw new AppError(promptErrors.no_directory, settings.directory);
  let made = 0;
  for (const [index, spoken] of plan.entries()) {
    const isNew = await makeOne(settings, spoken);
    if (isNew) made += 1;
    tell({ done: index + 1, all: plan.length, spoken, isNew });
  }
  return made;
}

async function makeOne(settings: PromptSettings, spoken: Spoken): Promise<boolean> {
  const folder = join(settings.directory, spoken.language, promptFolder);
  const file = join(folder, `${spoken.name}.wav`);
  const note = join(folder, noteName);
  const digest = digestOf(settings, spoken);
  const notes = readNotes(note);
  if (notes[spoken.name] === digest && existsSync(file)) return false;
  const wave = toTelephone(await speak(settings, spoken));
  try {
    mkdirSync(folder, { recursive: true });
    // Asterisk may be playing it: a half-written file is never seen.
    writeFileSync(`${file}.new`, wave);
    renameSync(`${file}.new`, file);
    writeFileSync(note, `${JSON.stringify({ ...notes, [spoken.name]: digest }, null, 2)}\n`);
  } catch (cause) {
    throw new AppError(promptErrors.cannot_write, errorText(cause), { cause });
  }
  return true;
}

const voiceOf = ({ voices }: PromptSettings, { textLanguage }: Spoken): string => voices[textLanguage] ?? textLanguage;

const digestOf = (settings: PromptSettings, spoken: Spoken): string =>
  createHash('sha256')
    .update(JSON.stringify([settings.command, voiceOf(settings, spoken), spoken.text, telephoneRate]))
    .digest('hex');

function readNotes(file: string): Readonly<Record<string, string>> {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>;
  } catch {
    // None yet, or one that nobody can read: everything is made anew.
    return {};
  }
}

async function speak(settings: PromptSettings, spoken: Spoken): Promise<Buffer> {
  const folder = mkdtempSync(join(tmpdir(), 'ringmaster-prompt-'));
  try {
    const textFile = join(folder, 'text.txt');
    const output = join(folder, 'spoken.wav');
    writeFileSync(textFile, `${spoken.text}\n`);
    const places: Readonly<Record<string, string>> = {
      textFile,
      output,
      language: spoken.textLanguage,
      voice: voiceOf(settings, spoken),
    };
    const [program = '', ...args] = settings.command.map((word) =>
      word.replaceAll(/\{(textFile|output|language|voice)\}/g, (_whole, name: string) => places[name] ?? ''),
    );
    const { deadlineMs } = settings;
    await promisify(execFile)(program, args, { timeout: deadlineMs, killSignal: 'SIGKILL', maxBuffer: outputBytesMax });
    return readFileSync(output);
  } catch (cause) {
    throw new AppError(promptErrors.command_failed, `${spoken.name} in ${spoken.language}: ${errorText(cause)}`, {
      cause,
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
