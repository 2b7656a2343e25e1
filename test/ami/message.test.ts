import { describe, expect, it } from 'vitest';
import { unescapeC } from '../../src/ami/index.ts';
import { WireMessage } from '../../src/ami/message.ts';

const text = 'Event: Newchannel\r\nUniqueid: 1.2\r\nVariable: A=1\r\nno header\r\nChanVariable: x\r\nvariable: B=2\r\n';

describe('WireMessage', () => {
  const message = WireMessage.parse(text);

  it.each([
    ['Uniqueid', '1.2'],
    ['UNIQUEID', '1.2'],
    ['Unique', undefined],
    ['niqueid', undefined],
    ['Variable', 'A=1'],
    ['no header', undefined],
    ['__proto__', undefined],
    ['constructor', undefined],
  ])('get(%s) is %s', (header, value) => {
    expect(message?.get(header)).toBe(value);
  });

  it('gives repeated headers in order', () => {
    expect(message?.getAll('Variable')).toEqual(['A=1', 'B=2']);
    expect(message?.getAll('Nothing')).toEqual([]);
  });

  it('knows kind and name', () => {
    expect(message).toMatchObject({ kind: 'event', name: 'Newchannel' });
    expect(WireMessage.parse('response: Error\r\n')).toMatchObject({ kind: 'response', name: 'Error' });
    expect(WireMessage.parse('Events: x\r\n')).toBeUndefined();
    expect(WireMessage.parse('')).toBeUndefined();
  });
});

describe('unescapeC', () => {
  it.each([
    ['张三', '张三'],
    ['张三 \\"Q\\"', '张三 "Q"'],
    ["O\\'Brien", "O'Brien"],
    ['a\\\\nb', 'a\\nb'],
    ['a\\nb\\tc', 'a\nb\tc'],
    ['half \\', 'half \\'],
    ['\\x stays', '\\x stays'],
  ])('%s is %s', (escaped, plain) => {
    expect(unescapeC(escaped)).toBe(plain);
  });
});
