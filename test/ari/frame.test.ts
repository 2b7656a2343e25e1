import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseFrame } from '../../src/ari/frame.ts';
import { MODEL_SHAPES } from '../../src/ari/generated/models.ts';

const BYTES_MAX = 100_000;
const recorded = readFileSync(new URL('../fixtures/ari/events.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n');
const withChannel = recorded.filter((line) =>
  MODEL_SHAPES[String((JSON.parse(line) as { type: unknown }).type)]?.some(([name]) => name === 'channel'),
);
const parse = (value: unknown) => parseFrame(JSON.stringify(value), BYTES_MAX);

describe('a frame', () => {
  it('of a real Asterisk is an event that we know', () => {
    const kinds = recorded.map((line) => parseFrame(Buffer.from(line), BYTES_MAX));
    expect(kinds.filter((frame) => frame.kind !== 'event' || !frame.message.known)).toEqual([]);
    expect(recorded.length).toBeGreaterThan(40);
  });

  it('of an older Asterisk passes without the fields that came later', () => {
    const line = recorded.find((text) => text.includes('"StasisStart"')) ?? '';
    const event = JSON.parse(line) as { channel: Record<string, unknown> };
    delete event.channel['protocol_id'];
    delete event.channel['caller_rdnis'];
    expect(parse(event)).toMatchObject({ kind: 'event', message: { known: true } });
  });

  it('of an unknown type passes as it is', () => {
    const event = { type: 'SomethingNew', anything: [1, { deep: true }] };
    expect(parse(event)).toEqual({ kind: 'event', message: { known: false, event } });
    expect(parse({ type: 'constructor' })).toMatchObject({ message: { known: false } });
    expect(parse({ type: '__proto__' })).toMatchObject({ message: { known: false } });
  });

  it('with an answer gives its parts', () => {
    const answer = { type: 'RESTResponse', request_id: '7', status_code: 200, reason_phrase: 'OK', message_body: '{}' };
    expect(parse(answer)).toEqual({
      kind: 'answer',
      answer: { requestId: '7', status: 200, reason: 'OK', body: '{}' },
    });
  });

  it.each([
    ['text', Buffer.from('garbage'), 'not_json'],
    ['nothing', Buffer.alloc(0), 'not_json'],
    ['half an event', Buffer.from((recorded[0] ?? '').slice(0, 50)), 'not_json'],
    ['bad UTF-8', Buffer.from([0x22, 0xff, 0xfe]), 'not_json'],
    ['a number', Buffer.from('42'), 'no_type'],
    ['null', Buffer.from('null'), 'no_type'],
    ['a list', Buffer.from('[{"type":"StasisEnd"}]'), 'no_type'],
    ['a type that is no text', Buffer.from('{"type":{"a":1}}'), 'no_type'],
    [
      'an event without its channel',
      Buffer.from('{"type":"StasisEnd","application":"a","timestamp":"t"}'),
      'wrong_shape',
    ],
    ['an answer to nobody', Buffer.from('{"type":"RESTResponse","status_code":200}'), 'wrong_shape'],
    [
      'an answer with a body of another kind',
      Buffer.from('{"type":"RESTResponse","request_id":"1","status_code":200,"message_body":{}}'),
      'wrong_shape',
    ],
    ['too much', Buffer.alloc(BYTES_MAX + 1, 0x20), 'too_large'],
  ])('with %s is refused', (_name, data, why) => {
    expect(parseFrame(data, BYTES_MAX)).toEqual({ kind: 'refused', why });
  });

  it('of a known type with any required field missing or of another kind is refused', () => {
    for (const line of recorded) {
      const event = JSON.parse(line) as { type: string };
      for (const [name, , required] of MODEL_SHAPES[event.type] ?? []) {
        if (!required) continue;
        const without = Object.fromEntries(Object.entries(event).filter(([key]) => key !== name));
        expect(parse(without)).toEqual({ kind: 'refused', why: 'wrong_shape' });
        expect(parse({ ...event, [name]: [[]] })).toEqual({
          kind: 'refused',
          why: 'wrong_shape',
        });
      }
    }
  });

  it('may hold anything at all: it never throws, and never becomes a known event of the wrong shape', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 300 }),
          fc.json().map((text) => Buffer.from(text)),
        ),
        (bytes) => {
          expect(['answer', 'event', 'refused']).toContain(parseFrame(Buffer.from(bytes), 200).kind);
        },
      ),
      { seed: 20261, numRuns: 2_000 },
    );
    fc.assert(
      fc.property(fc.constantFrom(...withChannel), fc.string(), fc.jsonValue(), (line, field, value) => {
        const event = { ...(JSON.parse(line) as object), channel: value, [field]: value };
        const frame = parse(event);
        const known = frame.kind === 'event' && frame.message.known ? frame.message.event : undefined;
        // Where a channel need not be there, Asterisk may write null.
        const channel = known && 'channel' in known ? (known.channel ?? undefined) : undefined;
        expect(channel === undefined || typeof channel.id === 'string').toBe(true);
      }),
      { seed: 20262, numRuns: 2_000 },
    );
  });
});
