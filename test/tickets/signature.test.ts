import { describe, expect, it } from 'vitest';
import { SignatureCheck, sign } from '../../src/tickets/signature.ts';

const nowMs = 1_800_000_000_000;
const timestamp = String(nowMs / 1000);
const body = '{"ticket":"7"}';
const secret = 'secret';

const headers = (over: { id?: string; timestamp?: string; signature?: string } = {}) => {
  const named = { id: over.id ?? 'msg-1', timestamp: over.timestamp ?? timestamp };
  return { ...named, signature: over.signature ?? sign(secret, named, body) };
};

describe('a webhook', () => {
  it('is signed as the Standard Webhooks specification says', () => {
    const known = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', timestamp: '1614265330' };
    expect(sign('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', known, '{"test": 2432232314}')).toBe(
      'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    );
  });

  it('is new, then repeated once it has done its work', () => {
    const check = new SignatureCheck(secret);
    expect(check.check(headers(), body, nowMs)).toBe('new');
    expect(check.check(headers(), body, nowMs)).toBe('new');
    check.done('msg-1', nowMs);
    expect(check.check(headers(), body, nowMs)).toBe('repeated');
    expect(check.check(headers({ id: 'msg-2' }), body, nowMs)).toBe('new');
  });

  it.each([
    ['another body', headers(), '{"ticket":"8"}'],
    ['another id', { ...headers(), id: 'msg-2' }, body],
    ['another time', { ...headers(), timestamp: String(Number(timestamp) + 1) }, body],
    ['no signature', headers({ signature: '' }), body],
    ['a signature of another kind', headers({ signature: headers().signature.replace('v1,', 'v2,') }), body],
    ['an old time, well signed', headers({ timestamp: String(Number(timestamp) - 301) }), body],
    ['a time to come, well signed', headers({ timestamp: String(Number(timestamp) + 301) }), body],
    ['a time that is none', headers({ timestamp: 'now' }), body],
    ['no id, well signed', headers({ id: '' }), body],
  ])('is refused with %s', (_what, given, text) => {
    expect(new SignatureCheck(secret).check(given, text, nowMs)).toBe('wrong');
  });

  it('may carry a signature by an old secret beside the right one', () => {
    const signature = `v1,${'A'.repeat(43)}= ${headers().signature}`;
    expect(new SignatureCheck(secret).check(headers({ signature }), body, nowMs)).toBe('new');
  });

  it('is remembered within bounds', () => {
    const check = new SignatureCheck(secret);
    for (let n = 0; n < 10_050; n += 1) check.done(`id-${n}`, nowMs);
    expect(check.check(headers({ id: 'id-10049' }), body, nowMs)).toBe('repeated');
    expect(check.check(headers({ id: 'id-0' }), body, nowMs)).toBe('new');
  });
});
