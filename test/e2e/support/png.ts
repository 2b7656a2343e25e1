import { crc32 } from 'node:zlib';

/** The parts of PNG (ISO/IEC 15948) that a picture needs to tell how it was made: its size and a text chunk. */

const signatureBytes = 8;
const keyword = 'Recipe';

interface Chunk {
  readonly type: string;
  readonly data: Buffer;
  readonly endsAt: number;
}

function* chunksOf(png: Buffer): Generator<Chunk> {
  for (let at = signatureBytes; at + 12 <= png.length; ) {
    const length = png.readUInt32BE(at);
    const endsAt = at + 12 + length;
    yield { type: png.toString('latin1', at + 4, at + 8), data: png.subarray(at + 8, at + 8 + length), endsAt };
    at = endsAt;
  }
}

export function sizeOf(png: Buffer): { readonly width: number; readonly height: number } {
  const [header] = chunksOf(png);
  if (header?.type !== 'IHDR') throw new Error('not a PNG');
  return { width: header.data.readUInt32BE(0), height: header.data.readUInt32BE(4) };
}

/** The recipe that `withRecipe` put in; undefined when there is none. */
export function recipeOf(png: Buffer): string | undefined {
  for (const { type, data } of chunksOf(png)) {
    const [name, text] = type === 'tEXt' ? data.toString('latin1').split('\0') : [];
    if (name === keyword) return text;
  }
  return undefined;
}

/** The same picture with a text chunk after its header. */
export function withRecipe(png: Buffer, recipe: string): Buffer {
  const [header] = chunksOf(png);
  const at = header?.endsAt ?? signatureBytes;
  const body = Buffer.from(`tEXt${keyword}\0${recipe}`, 'latin1');
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(body.length - 4);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([png.subarray(0, at), length, body, check, png.subarray(at)]);
}
