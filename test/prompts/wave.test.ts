import fc from 'fast-check';
import { expect, it } from 'vitest';
import { AppError } from '../../src/kernel/index.ts';
import { toTelephone } from '../../src/prompts/wave.ts';

const seed = 20261123;

/** A WAV file of a tone, or of two added. */
function wave(rate: number, tones: readonly number[], lengthMs: number, channels = 1): Buffer {
  const count = Math.floor((rate * lengthMs) / 1000);
  const data = Buffer.alloc(count * 2 * channels);
  for (let at = 0; at < count; at += 1) {
    const value = tones.reduce((sum, hz) => sum + 8_000 * Math.sin((2 * Math.PI * hz * at) / rate), 0);
    for (let channel = 0; channel < channels; channel += 1)
      data.writeInt16LE(Math.round(value), (at * channels + channel) * 2);
  }
  const head = Buffer.alloc(44);
  head.write('RIFF', 0, 'latin1');
  head.writeUInt32LE(36 + data.length, 4);
  head.write('WAVEfmt ', 8, 'latin1');
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(channels, 22);
  head.writeUInt32LE(rate, 24);
  head.writeUInt32LE(rate * 2 * channels, 28);
  head.writeUInt16LE(2 * channels, 32);
  head.writeUInt16LE(16, 34);
  head.write('data', 36, 'latin1');
  head.writeUInt32LE(data.length, 40);
  return Buffer.concat([head, data]);
}

const samplesOf = (file: Buffer): number[] =>
  Array.from({ length: (file.length - 44) / 2 }, (_, at) => file.readInt16LE(44 + at * 2));

/** How loud a tone is in the middle of the samples. */
function loudness(samples: readonly number[], hz: number, rate = 8_000): number {
  const part = samples.slice(400, -400);
  const sum = (wave: (x: number) => number) =>
    part.reduce((total, sample, at) => total + sample * wave((2 * Math.PI * hz * at) / rate), 0);
  return (2 * Math.hypot(sum(Math.sin), sum(Math.cos))) / part.length;
}

it.each([
  [22_050, 1],
  [16_000, 2],
  [8_000, 1],
  [44_100, 1],
])('speech at %i Hz with %i channels keeps its tone and length', (rate, channels) => {
  const made = toTelephone(wave(rate, [1_000], 500, channels));
  expect([made.readUInt32LE(24), made.readUInt16LE(22), made.readUInt16LE(34)]).toEqual([8_000, 1, 16]);
  const samples = samplesOf(made);
  expect(Math.abs(samples.length - 4_000)).toBeLessThanOrEqual(1);
  expect(loudness(samples, 1_000)).toBeGreaterThan(7_600);
  expect(loudness(samples, 1_000)).toBeLessThan(8_400);
});

it('what a telephone cannot carry does not come back as another tone', () => {
  const samples = samplesOf(toTelephone(wave(22_050, [1_000, 7_000], 500)));
  expect(loudness(samples, 1_000)).toBeGreaterThan(7_600);
  expect(loudness(samples, 1_000)).toBeLessThan(8_400);
  // 7 kHz would fold to 1 kHz; beside it nothing is left either.
  for (const hz of [500, 2_000, 3_000, 3_500]) expect(loudness(samples, hz)).toBeLessThan(200);
});

it('a file of a length that nobody knew, as pipes write, is read to its end', () => {
  const file = wave(8_000, [440], 100);
  file.writeUInt32LE(0xffff_ffff, 40);
  expect(samplesOf(toTelephone(file))).toHaveLength(800);
});

function outcomeOf(file: Buffer): 'made' | 'refused' | 'worse' {
  try {
    return toTelephone(file).length >= 44 ? 'made' : 'worse';
  } catch (error) {
    return error instanceof AppError && error.code === 'prompts.not_a_wave' ? 'refused' : 'worse';
  }
}

it(`anything else is refused, never worse (seed ${seed})`, () => {
  const good = wave(22_050, [440], 20);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(120), (bytes, at) => {
      const broken = Buffer.from(good);
      broken.set(bytes.slice(0, 20), Math.min(at, good.length - 20));
      expect([bytes, broken].map((file) => outcomeOf(Buffer.from(file)))).not.toContain('worse');
    }),
    { seed, numRuns: 300 },
  );
});
