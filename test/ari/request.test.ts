import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AriError, ariErrors } from '../../src/ari/errors.ts';
import { OPERATIONS } from '../../src/ari/generated/operations.ts';
import { decodeAnswer, encodeCall } from '../../src/ari/request.ts';
import { generate } from '../../tools/generate-ari.ts';

const code = (value: unknown): string | undefined => (value instanceof AriError ? value.code : undefined);

describe('encodeCall', () => {
  it.each([
    ['asterisk.ping', {}, { method: 'GET', uri: 'asterisk/ping' }],
    ['channels.get', { channelId: '1700.1;2' }, { method: 'GET', uri: 'channels/1700.1%3B2' }],
    [
      'channels.playWithId',
      { channelId: 'a', playbackId: 'p', media: ['sound:hello', 'digits:12'], offsetms: 5 },
      { method: 'POST', uri: 'channels/a/play/p?media=sound%3Ahello,digits%3A12&offsetms=5' },
    ],
    [
      'bridges.addChannel',
      { bridgeId: 'b', channel: ['x', 'y'], mute: false },
      { method: 'POST', uri: 'bridges/b/addChannel?channel=x,y&mute=false' },
    ],
    [
      'channels.create',
      { endpoint: 'PJSIP/1001', app: 'r', variables: { A: '"' } },
      { method: 'POST', uri: 'channels/create?endpoint=PJSIP%2F1001&app=r', body: '{"variables":{"A":"\\""}}' },
    ],
    [
      'applications.filter',
      { applicationName: 'r', filter: { disallowed: [] } },
      { method: 'PUT', uri: 'applications/r/eventFilter', body: '{"disallowed":[]}' },
    ],
    ['channels.get', { channelId: '$&$1' }, { method: 'GET', uri: 'channels/%24%26%241' }],
  ] as const)('%s %j', (operation, params, call) => {
    expect(encodeCall(operation, params)).toEqual(call);
  });

  it.each([
    ['a path parameter that is missing', 'channels.get', {}],
    ['an empty one', 'channels.get', { channelId: '' }],
    ['one that climbs up', 'channels.get', { channelId: '..' }],
    ['a line break', 'channels.setChannelVar', { channelId: 'a', variable: 'X', value: 'a\r\nb' }],
    ['a NUL', 'channels.get', { channelId: 'a\0' }],
    ['a lone surrogate', 'channels.setChannelVar', { channelId: 'a', variable: 'X', value: '\ud800' }],
    ['a comma in an item of a list', 'bridges.addChannel', { bridgeId: 'b', channel: ['x,y'] }],
    ['an object where text belongs', 'channels.get', { channelId: { id: 'x' } }],
    ['a number that is none', 'channels.dial', { channelId: 'a', timeout: Number.NaN }],
  ] as const)('refuses %s', (_name, operation, params) => {
    expect(code(encodeCall(operation, params))).toBe(ariErrors.request_invalid.code);
  });

  it('keeps every value in its place, whatever it holds', () => {
    const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(text, text, text, (channelId, variable, value) => {
        const call = encodeCall('channels.setChannelVar', { channelId, variable, value });
        if (call instanceof AriError) return;
        const url = new URL(call.uri, 'http://pbx/ari/');
        expect(url.pathname).toBe(`/ari/channels/${encodeURIComponent(channelId)}/variable`);
        // `+` would be read as a space.
        expect(call.uri).not.toContain('+');
        expect([...url.searchParams]).toEqual([
          ['variable', variable],
          ['value', value],
        ]);
      }),
      { seed: 20263, numRuns: 2_000 },
    );
  });
});

describe('decodeAnswer', () => {
  const answer = (status: number, body: unknown) => ({ ok: true, status, reason: 'why', body }) as const;

  it('gives body and status', () => {
    expect(decodeAnswer('asterisk.getGlobalVar', answer(200, { value: 'x' }))).toEqual({
      ok: true,
      status: 200,
      body: { value: 'x' },
    });
    expect(decodeAnswer('channels.ring', answer(204, undefined))).toEqual({ ok: true, status: 204, body: undefined });
  });

  it('makes a failure of an error status, with that status', () => {
    const response = decodeAnswer('channels.get', answer(404, { message: 'no' }));
    expect(response).toMatchObject({ ok: false, error: { code: 'ari.refused', pbxStatus: 404 } });
  });

  it.each([
    ['nothing', undefined],
    ['another model', { name: 'x' }],
    ['a list', []],
    ['a field of another kind', { value: 1 }],
  ])('makes a failure of %s in place of a variable', (_name, body) => {
    expect(decodeAnswer('asterisk.getGlobalVar', answer(200, body))).toMatchObject({
      ok: false,
      error: { code: 'ari.bad_answer' },
    });
  });
});

describe('the generated files', () => {
  it('are those that the generator writes', () => {
    expect(generate({ check: true }).changed).toEqual([]);
  });

  it('name each path parameter in the path', () => {
    for (const [name, { path, inPath }] of Object.entries(OPERATIONS)) {
      const inText = [...path.matchAll(/\{(\w+)\}/g)].map(([, param]) => `${name} ${param}`);
      expect(new Set(inText)).toEqual(new Set(inPath.map((param) => `${name} ${param}`)));
    }
  });
});
