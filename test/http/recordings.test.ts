import { describe, expect, it } from 'vitest';
import { apiFor, bearer, keyOf } from './support.ts';

const keys = [keyOf('root', [], { kind: 'admin' })];
const headers = bearer('root');

describe('recordings', () => {
  it('are listed, and told one by one', async () => {
    const { api } = await apiFor({ keys });
    const list = await api.inject({ url: '/v1/recordings?callId=c1&limit=5', headers });
    expect(list.json()).toMatchObject({ recordings: [{ id: 'r1', callId: 'c1', file: 'r1.wav', bytes: 5 }] });
    expect((await api.inject({ url: '/v1/recordings/r1', headers })).json()).toMatchObject({
      id: 'r1',
      phase: 'ready',
    });
    const unknown = await api.inject({ url: '/v1/recordings/r2', headers });
    expect([unknown.statusCode, unknown.json().error.code]).toEqual([404, 'recording.unknown']);
  });

  it.each(['..%2Fetc%2Fpasswd', 'a%2Fb', '%00'])('refuse the name %s', async (name) => {
    const { api } = await apiFor({ keys });
    expect((await api.inject({ url: `/v1/recordings/${name}/file`, headers })).statusCode).toBe(400);
  });

  it('are handed out with their checksum, and it is written down first', async () => {
    const { api, audit } = await apiFor({ keys });
    const file = await api.inject({ url: '/v1/recordings/r1/file', headers });
    expect(file.body).toBe('bytes');
    expect(file.headers).toMatchObject({
      'content-type': 'audio/wav',
      'content-length': '5',
      'content-disposition': 'attachment; filename="r1.wav"',
      'cache-control': 'no-store',
      digest: expect.stringMatching(/^sha-256=/),
    });
    expect(audit.entries).toMatchObject([{ actor: 'root', action: 'recording.fetch', target: 'recording/r1' }]);
  });

  it('are not handed out when it cannot be written down', async () => {
    const { api, audit } = await apiFor({ keys });
    audit.away = true;
    const file = await api.inject({ url: '/v1/recordings/r1/file', headers });
    expect([file.statusCode, file.body.includes('bytes')]).toEqual([503, false]);
  });
});

describe('keypad tones', () => {
  it.each(['', '1'.repeat(33), '12 3', '1,2', 'E', '1\n'])('of %j are refused', async (digits) => {
    const { api, frontDoor } = await apiFor({ keys });
    const answer = await api.inject({ method: 'POST', url: '/v1/calls/c1/keypad', headers, payload: { digits } });
    expect([answer.statusCode, frontDoor.asked]).toEqual([400, []]);
  });

  it('stand in no line of the log', async () => {
    const { api, frontDoor, logger } = await apiFor({ keys });
    await api.inject({ method: 'POST', url: '/v1/calls/c1/keypad', headers, payload: { digits: '4929#' } });
    expect(frontDoor.asked).toEqual([['sendKeys', 'c1', '4929#', undefined]]);
    expect(JSON.stringify(logger.lines)).not.toContain('4929');
  });
});
