import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const SAMPLES_PER_SECOND = 8000;

/** Prompts that the lab speaks in tones, so that no sound package is needed: language → name → pitch and length. */
const prompts: Readonly<Record<string, Readonly<Record<string, { hz: number; ms: number }>>>> = {
  en: {
    greeting: { hz: 440, ms: 1500 },
    welcome: { hz: 400, ms: 1000 },
    busy: { hz: 300, ms: 500 },
    fallback: { hz: 520, ms: 500 },
    beep: { hz: 1000, ms: 200 },
    menu: { hz: 620, ms: 2000 },
    'wrong-key': { hz: 250, ms: 300 },
    closed: { hz: 350, ms: 700 },
  },
  // Only here: whoever plays it in another language finds nothing.
  zh: { 'menu-zh': { hz: 660, ms: 2000 } },
};

/** How long a prompt is that is there in every language; undefined when there is none so called. */
export const soundLengthMs = (name: string): number | undefined => prompts['en']?.[name]?.ms;

/** Raw 16-bit little-endian samples at 8 kHz: Asterisk's `.sln`. */
export function tone(hz: number, lengthMs: number): Buffer {
  const count = Math.floor((SAMPLES_PER_SECOND * lengthMs) / 1000);
  const samples = Buffer.alloc(count * 2);
  for (let at = 0; at < count; at += 1) {
    samples.writeInt16LE(Math.round(4000 * Math.sin((2 * Math.PI * hz * at) / SAMPLES_PER_SECOND)), at * 2);
  }
  return samples;
}

/** Writes `sounds/<language>/<prompt>.sln` and `moh/wait.sln` under the directory. */
export function writeSounds(dataDir: string): void {
  for (const [language, sounds] of Object.entries(prompts)) {
    const soundsDir = join(dataDir, 'sounds', language);
    mkdirSync(soundsDir, { recursive: true });
    for (const [name, { hz, ms }] of Object.entries(sounds))
      writeFileSync(join(soundsDir, `${name}.sln`), tone(hz, ms));
  }
  mkdirSync(join(dataDir, 'moh'), { recursive: true });
  writeFileSync(join(dataDir, 'moh', 'wait.sln'), tone(220, 10_000));
}
