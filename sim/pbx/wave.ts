const samplesPerSecond = 8_000;
const headBytes = 44;

/** A WAV file of that length with nothing to hear in it: 16 bits, 8 kHz, as Asterisk writes it. */
export function silentWave(lengthMs: number): Uint8Array {
  const dataBytes = Math.round((samplesPerSecond * lengthMs) / 1_000) * 2;
  const bytes = new Uint8Array(headBytes + dataBytes);
  const head = new DataView(bytes.buffer);
  const word = (at: number, text: string): void => {
    for (const [index, letter] of [...text].entries()) head.setUint8(at + index, letter.charCodeAt(0));
  };
  word(0, 'RIFF');
  head.setUint32(4, 36 + dataBytes, true);
  word(8, 'WAVEfmt ');
  head.setUint32(16, 16, true);
  head.setUint16(20, 1, true);
  head.setUint16(22, 1, true);
  head.setUint32(24, samplesPerSecond, true);
  head.setUint32(28, samplesPerSecond * 2, true);
  head.setUint16(32, 2, true);
  head.setUint16(34, 16, true);
  word(36, 'data');
  head.setUint32(40, dataBytes, true);
  return bytes;
}
