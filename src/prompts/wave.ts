import { AppError } from '../kernel/index.ts';
import { promptErrors } from './errors.ts';

/** Sound as whole samples of 16 bits, one channel. */
interface Pcm {
  readonly rate: number;
  readonly samples: Float64Array;
}

/** What Asterisk plays everywhere: 8 kHz, 16 bits, one channel, in a WAV file. */
export const telephoneRate = 8_000;
/** Crossings of zero on each side of the filter: more is sharper and slower. */
const lobes = 16;
const headBytes = 44;

/** A WAV file of any rate with 16-bit samples, as Asterisk plays it. Throws `prompts.not_a_wave`. */
export function toTelephone(wave: Buffer): Buffer {
  return write(resample(read(wave), telephoneRate));
}

function read(wave: Buffer): Pcm {
  if (
    wave.length < headBytes ||
    wave.toString('latin1', 0, 4) !== 'RIFF' ||
    wave.toString('latin1', 8, 12) !== 'WAVE'
  ) {
    throw new AppError(promptErrors.not_a_wave);
  }
  let format: { readonly channels: number; readonly rate: number } | undefined;
  for (let at = 12; at + 8 <= wave.length; ) {
    const name = wave.toString('latin1', at, at + 4);
    const size = wave.readUInt32LE(at + 4);
    const body = at + 8;
    if (name === 'fmt ' && body + 16 <= wave.length) {
      if (wave.readUInt16LE(body) !== 1 || wave.readUInt16LE(body + 14) !== 16) break;
      format = { channels: wave.readUInt16LE(body + 2), rate: wave.readUInt32LE(body + 4) };
    }
    // Who writes to a pipe does not know the length and says far too much.
    if (name === 'data' && format) return pcmOf(wave.subarray(body, Math.min(wave.length, body + size)), format);
    at = body + size + (size % 2);
  }
  throw new AppError(promptErrors.not_a_wave);
}

function pcmOf(data: Buffer, { channels, rate }: { readonly channels: number; readonly rate: number }): Pcm {
  if (channels < 1 || channels > 8 || rate < 4_000 || rate > 192_000) throw new AppError(promptErrors.not_a_wave);
  const samples = new Float64Array(Math.floor(data.length / 2 / channels));
  for (let at = 0; at < samples.length; at += 1) {
    let sum = 0;
    for (let channel = 0; channel < channels; channel += 1) sum += data.readInt16LE((at * channels + channel) * 2);
    samples[at] = sum / channels;
  }
  return { rate, samples };
}

/** Windowed sinc: what the new rate cannot hold is filtered out, or it would come back as noise. */
function resample({ rate, samples }: Pcm, wanted: number): Pcm {
  if (rate === wanted) return { rate, samples };
  const step = rate / wanted;
  const cutoff = Math.min(1, 1 / step);
  const reach = lobes / cutoff;
  const made = new Float64Array(Math.floor(samples.length / step));
  for (let at = 0; at < made.length; at += 1) {
    const centre = at * step;
    let sum = 0;
    for (
      let near = Math.max(0, Math.ceil(centre - reach));
      near <= Math.min(samples.length - 1, centre + reach);
      near += 1
    ) {
      const away = near - centre;
      sum += (samples[near] ?? 0) * cutoff * sinc(away * cutoff) * (0.5 + 0.5 * Math.cos((Math.PI * away) / reach));
    }
    made[at] = sum;
  }
  return { rate: wanted, samples: made };
}

const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));

function write({ rate, samples }: Pcm): Buffer {
  const wave = Buffer.alloc(headBytes + samples.length * 2);
  wave.write('RIFF', 0, 'latin1');
  wave.writeUInt32LE(wave.length - 8, 4);
  wave.write('WAVEfmt ', 8, 'latin1');
  wave.writeUInt32LE(16, 16);
  wave.writeUInt16LE(1, 20);
  wave.writeUInt16LE(1, 22);
  wave.writeUInt32LE(rate, 24);
  wave.writeUInt32LE(rate * 2, 28);
  wave.writeUInt16LE(2, 32);
  wave.writeUInt16LE(16, 34);
  wave.write('data', 36, 'latin1');
  wave.writeUInt32LE(samples.length * 2, 40);
  samples.forEach((sample, at) => {
    wave.writeInt16LE(Math.max(-32_768, Math.min(32_767, Math.round(sample))), headBytes + at * 2);
  });
  return wave;
}
