import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../src/kernel/index.ts';
import { AmiDecoder, type DecoderLimits, encodeAction } from '../../src/ami/codec.ts';

const limits: DecoderLimits = { lineBytesMax: 200, messageLinesMax: 40, messageBytesMax: 1_000 };
const greeting = 'Asterisk Call Manager/11.0.0\r\n';

interface Decoded {
  greetings: (string | undefined)[];
  messages: (readonly (readonly [string, string])[])[];
  refused: string[];
}

function decode(chunks: readonly Buffer[], use = limits): Decoded {
  const found: Decoded = { greetings: [], messages: [], refused: [] };
  const decoder = new AmiDecoder(
    {
      greeting: (version) => found.greetings.push(version),
      message: (message) => found.messages.push(message.entries()),
      refused: (error) => found.refused.push(error.code),
    },
    use,
  );
  for (const chunk of chunks) decoder.push(chunk);
  return found;
}

const name = fc.stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,12}$/);

const decodeText = (text: string, use = limits) => decode([Buffer.from(greeting + text)], use);

/** Cuts bytes at the given places. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const sorted = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  const edges = [0, ...sorted, bytes.length];
  return edges.slice(1).map((edge, index) => Buffer.from(bytes.subarray(edges[index], edge)));
}

describe('AmiDecoder', () => {
  it('reads the greeting and messages of both kinds', () => {
    const found = decodeText('Event: Hangup\r\nCause: 16\r\n\r\nResponse: Success\r\nActionID: 1\r\n\r\n');
    expect(found.greetings).toEqual(['11.0.0']);
    expect(found.messages).toEqual([
      [
        ['Event', 'Hangup'],
        ['Cause', '16'],
      ],
      [
        ['Response', 'Success'],
        ['ActionID', '1'],
      ],
    ]);
    expect(found.refused).toEqual([]);
  });

  it.each([
    ['an empty value', 'AccountCode: ', ['AccountCode', '']],
    ['a value without the space', 'AccountCode:7', ['AccountCode', '7']],
    ['further spaces belong to the value', 'Name:  a ', ['Name', ' a ']],
    ['colons in the value', 'URI: sip:1001@127.0.0.1:5060', ['URI', 'sip:1001@127.0.0.1:5060']],
    ['a name that plain objects have', '__proto__: x', ['__proto__', 'x']],
    ['Chinese', 'CallerIDName: 张三', ['CallerIDName', '张三']],
    ['a bare line feed forges no header', 'Name: a\nForged: b', ['Name', 'a\nForged: b']],
  ])('reads %s', (_, line, entry) => {
    expect(decodeText(`Event: E\r\n${line}\r\n\r\n`).messages).toEqual([[['Event', 'E'], entry]]);
  });

  it.each([
    ['a line that is too long', `Event: E\r\nA: ${'x'.repeat(300)}\r\n\r\n`, 'ami.line_too_long'],
    ['too many short lines', `Event: E\r\n${':\r\n'.repeat(50)}\r\n`, 'ami.too_many_headers'],
    ['too many lines', `Event: E\r\n${'A: 1\r\n'.repeat(60)}\r\n`, 'ami.too_many_headers'],
    ['a message that is too long', `Event: E\r\n${`A: ${'x'.repeat(150)}\r\n`.repeat(9)}\r\n`, 'ami.message_too_long'],
    ['neither event nor response', 'Action: Login\r\nSecret: x\r\n\r\n', 'ami.message_unknown'],
    ['lines without a name', 'garbage\r\nmore garbage\r\n\r\n', 'ami.message_unknown'],
  ])('refuses %s and goes on after the blank line', (_, text, code) => {
    const found = decodeText(`${text}Event: Next\r\n\r\n`);
    expect(found.refused).toEqual([code]);
    expect(found.messages).toEqual([[['Event', 'Next']]]);
  });

  it('holds no more than a message and forgets one that never ends', () => {
    const endless = Array.from({ length: 50 }, () => Buffer.from('x'.repeat(100)));
    const found = decode([Buffer.from(greeting), ...endless, Buffer.from('\r\n\r\nEvent: Next\r\n\r\n')]);
    expect(found.refused).toEqual(['ami.message_too_long']);
    expect(found.messages).toEqual([[['Event', 'Next']]]);
  });

  it.each([1, 2, 3])('finds the blank line after a refused message, cut after %i of its bytes', (bytes) => {
    const head = `${greeting}${'x'.repeat(2_000)}${'\r\n\r\n'.slice(0, bytes)}`;
    const tail = `${'\r\n\r\n'.slice(bytes)}Event: Next\r\n\r\n`;
    expect(decode([Buffer.from(head), Buffer.from(tail)]).messages).toEqual([[['Event', 'Next']]]);
  });

  it('takes superfluous blank lines (PJSIPShowContacts ends with two)', () => {
    const found = decodeText('Response: Error\r\nMessage: No\r\n\r\n\r\nEvent: A\r\n\r\n\r\n\r\nEvent: B\r\n\r\n');
    expect(found.messages.map(([first]) => first?.[1])).toEqual(['Error', 'A', 'B']);
    expect(found.refused).toEqual([]);
  });

  it.each([
    ['another protocol', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['an endless first line', 'x'.repeat(3_000)],
    ['something before it', ` ${greeting}`],
  ])('says that the greeting is not Asterisk’s: %s', (_, text) => {
    expect(decode([Buffer.from(text)]).greetings).toEqual([undefined]);
  });

  const value = fc.string({ unit: 'grapheme', maxLength: 30 }).map((text) => text.replace(/[\r\n]/g, ''));
  const message = fc
    .tuple(fc.constantFrom('Event', 'Response'), name, fc.array(fc.tuple(name, value), { maxLength: 8 }))
    .map(([kind, word, headers]) => [[kind, word] as [string, string], ...headers])
    .map((headers) => headers.map(([key, text]) => [key, text.trimStart()] as const));
  const asText = (headers: readonly (readonly [string, string])[]) =>
    `${headers.map(([key, text]) => `${key}: ${text}\r\n`).join('')}\r\n`;

  it('gives the same messages however the bytes are cut', () => {
    const noise = fc.constantFrom(
      'x\r\n\r\n',
      `Event: E\r\nA: ${'y'.repeat(250)}\r\n\r\n`,
      '\r\n',
      `${'z'.repeat(1_500)}\r\n\r\n`,
    );
    const stream = fc.array(fc.oneof(message.map(asText), noise), { maxLength: 6 });
    fc.assert(
      fc.property(stream, fc.array(fc.nat(), { maxLength: 30 }), (parts, places) => {
        const bytes = Buffer.from(greeting + parts.join(''));
        expect(decode(cut(bytes, places))).toEqual(decode([bytes]));
      }),
      { seed: 42 },
    );
  });

  it('gives the same byte by byte, and what was sent', () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 4 }), (messages) => {
        const bytes = Buffer.from(greeting + messages.map(asText).join(''));
        const wide = { lineBytesMax: 10_000, messageLinesMax: 40, messageBytesMax: 100_000 };
        expect(decode(cut(bytes, [...bytes.keys()]), wide).messages).toEqual(messages);
      }),
      { seed: 43 },
    );
  });

  it('survives garbage, counts it, and is in step again after a blank line', () => {
    const garbage = fc.oneof(
      fc.uint8Array({ maxLength: 3_000 }),
      fc
        .string({ unit: fc.constantFrom('\r', '\n', ':', 'E', ' ', '\0', 'é'), maxLength: 300 })
        .map((s) => Buffer.from(s)),
    );
    fc.assert(
      fc.property(garbage, fc.array(fc.nat(), { maxLength: 5 }), (bytes, places) => {
        const stream = Buffer.concat([Buffer.from(greeting), bytes, Buffer.from('\r\n\r\nEvent: Next\r\n\r\n')]);
        const found = decode(cut(stream, places));
        expect(found.messages.at(-1)).toEqual([['Event', 'Next']]);
        expect(found.refused.every((code) => code.startsWith('ami.'))).toBe(true);
      }),
      { seed: 44 },
    );
  });
});

function encodeOrCode(fields: Record<string, string>): string {
  try {
    return encodeAction('X', '1', fields);
  } catch (error) {
    return error instanceof AppError ? error.code : String(error);
  }
}

describe('encodeAction', () => {
  it('writes one header a line, an array as a repeated header', () => {
    const text = encodeAction('Originate', '7', { Async: true, Priority: 1, Variable: ['A=1', 'B=2'] });
    expect(text).toBe(
      'Action: Originate\r\nActionID: 7\r\nAsync: true\r\nPriority: 1\r\nVariable: A=1\r\nVariable: B=2\r\n\r\n',
    );
  });

  it.each([
    ['CR LF in a value', 'Ping', { Channel: 'x\r\nAction: Originate' }],
    ['LF in a value', 'Ping', { Channel: 'x\ny' }],
    ['CR in a value', 'Ping', { Channel: 'x\ry' }],
    ['NUL in a value', 'Ping', { Channel: 'x\0y' }],
    ['LF in a repeated value', 'Ping', { Variable: ['A=1', 'B=2\nC: 3'] }],
    ['LF in a key', 'Ping', { 'A\nB': 'x' }],
    ['a colon in a key', 'Ping', { 'A: b\r\nC': 'x' }],
    ['an empty key', 'Ping', { '': 'x' }],
    ['a second Action', 'Ping', { action: 'Originate' }],
    ['an ActionID of its own', 'Ping', { ActionId: '1' }],
    ['LF in the name', 'Ping\nAction: Originate', {}],
    ['a line that Asterisk would cut', 'Ping', { A: '张'.repeat(341) }],
    ['more headers than Asterisk takes', 'Ping', { Variable: Array.from({ length: 127 }, (_, i) => `A${i}=1`) }],
  ])('refuses %s', (_, name, fields) => {
    expect(() => encodeAction(name, '1', fields)).toThrow(expect.objectContaining({ code: 'ami.field_refused' }));
  });

  it('comes back through the decoder as it was, or is refused', () => {
    const key = fc.oneof({ weight: 9, arbitrary: name }, { weight: 1, arbitrary: fc.string({ maxLength: 10 }) });
    const hostile = fc.constantFrom('\r', '\n', '\0', '\r\nAction: Originate', '\u010a');
    const text = fc.string({ unit: 'binary', maxLength: 40 });
    const value = fc.oneof(
      { weight: 9, arbitrary: text },
      { weight: 1, arbitrary: fc.tuple(text, hostile).map((t) => t.join('')) },
    );
    const fields = fc.dictionary(key, value, { maxKeys: 6 });
    const wide = { lineBytesMax: 10_000, messageLinesMax: 200, messageBytesMax: 100_000 };
    fc.assert(
      fc.property(fields, (sent) => {
        const text = encodeOrCode(sent);
        if (text.startsWith('ami.')) return text === 'ami.field_refused';
        const received = decodeText(text.replace('Action: X', 'Event: X'), wide).messages;
        const wellFormed = Object.entries(sent).map(([key, value]) => [key, value.toWellFormed()]);
        expect(received).toEqual([[['Event', 'X'], ['ActionID', '1'], ...wellFormed]]);
        return true;
      }),
      { seed: 45, numRuns: 500 },
    );
  });
});
