import { describe, expect, it } from 'vitest';
import { dialString, originateFields } from '../../src/ami/index.ts';

const to = { context: 'agents', extension: 's' };

describe('dialString', () => {
  it('names the number and the place', () => {
    expect(dialString({ kind: 'trunk', endpoint: 'carrier-1', number: '+8613800000000' })).toBe(
      'PJSIP/+8613800000000@carrier-1',
    );
    expect(dialString({ kind: 'context', context: 'from-trunk', number: '*72#' })).toBe('Local/*72#@from-trunk');
  });

  it.each(['', '1&PJSIP/2', '1,30', '1/2', '1@evil', '1 2', '1\n', '１２', 'abc', '1'.repeat(33)])(
    'refuses the number %j',
    (number) => {
      const attempt = () => dialString({ kind: 'trunk', endpoint: 'carrier', number });
      expect(attempt).toThrow(expect.objectContaining({ code: 'ami.number_refused' }));
    },
  );

  it.each(['', 'a&b', 'a/n', 'a,b', 'a@b'])('refuses the endpoint %j', (endpoint) => {
    const attempt = () => dialString({ kind: 'trunk', endpoint, number: '1' });
    expect(attempt).toThrow(expect.objectContaining({ code: 'ami.field_refused' }));
  });
});

describe('originateFields', () => {
  it('is always asynchronous', () => {
    const fields = originateFields({ kind: 'trunk', endpoint: 'carrier', number: '1' }, to, 30_000);
    expect(fields).toMatchObject({ Async: true, Channel: 'PJSIP/1@carrier', Timeout: 30_000, Exten: 's' });
  });

  it('refuses an extension with live characters', () => {
    const target = { kind: 'trunk', endpoint: 'carrier', number: '1' } as const;
    expect(() => originateFields(target, { context: 'a', extension: '1,2' }, 1)).toThrow(
      expect.objectContaining({ code: 'ami.number_refused' }),
    );
  });
});
