import { beforeEach, describe, expect, it } from 'vitest';
import { RestOverWs } from '../../src/ari/rest-over-ws.ts';
import { ManualClock } from './support.ts';

interface Sent {
  readonly type: string;
  readonly request_id: string;
  readonly method: string;
  readonly uri: string;
  readonly message_body?: string;
}

describe('REST over the socket', () => {
  let clock: ManualClock;
  let sent: Sent[];
  let late: number;
  let isOpen: boolean;
  let rest: RestOverWs;

  beforeEach(() => {
    clock = new ManualClock();
    sent = [];
    late = 0;
    isOpen = true;
    rest = new RestOverWs({
      clock,
      pendingMax: 3,
      write: (frame) => {
        if (isOpen) sent.push(JSON.parse(frame) as Sent);
        return isOpen;
      },
      onLate: () => {
        late += 1;
      },
    });
  });
  const answer = (requestId: string, body: string, status = 200) =>
    rest.answer({ requestId, status, reason: 'OK', body });

  it('sends at once, without waiting for answers, in order', () => {
    void rest.send('channels.answer', { channelId: 'a' }, 100);
    void rest.send('channels.startMoh', { channelId: 'a', mohClass: 'x' }, 100);
    expect(sent.map(({ method, uri }) => `${method} ${uri}`)).toEqual([
      'POST channels/a/answer',
      'POST channels/a/moh?mohClass=x',
    ]);
    expect(rest.pending).toBe(2);
  });

  it('finds the request of an answer by its id, in whatever order they come', async () => {
    const first = rest.send('asterisk.ping', {}, 100);
    const second = rest.send('asterisk.ping', {}, 100);
    answer(sent[1]?.request_id ?? '', '{"n":2}');
    answer(sent[0]?.request_id ?? '', '{"n":1}');
    expect(await first).toMatchObject({ ok: true, body: { n: 1 } });
    expect(await second).toMatchObject({ ok: true, body: { n: 2 } });
    expect(rest.pending).toBe(0);
  });

  it('gives up at the deadline; the answer that comes later goes to nobody', async () => {
    const slow = rest.send('asterisk.ping', {}, 100);
    clock.advance(99);
    expect(rest.pending).toBe(1);
    clock.advance(1);
    expect(await slow).toMatchObject({ ok: false, error: { code: 'ari.timeout' } });
    answer(sent[0]?.request_id ?? '', '{}');
    answer('nonsense', '{}');
    expect(late).toBe(2);
  });

  it('refuses what is over its limit', async () => {
    for (let count = 0; count < 3; count += 1) void rest.send('asterisk.ping', {}, 100);
    expect(await rest.send('asterisk.ping', {}, 100)).toMatchObject({ ok: false, error: { code: 'ari.busy' } });
    expect(sent).toHaveLength(3);
  });

  it.each([
    ['a body over 40,960 bytes', { variables: { A: 'x'.repeat(40_960) } }],
    ['a body whose bytes, not characters, are too many', { variables: { A: '漢'.repeat(14_000) } }],
    ['a frame over 65,535 bytes', { variables: { A: '"'.repeat(19_000) } }],
  ])('does not send %s', async (_name, params) => {
    const result = await rest.send('channels.create', { endpoint: 'x', app: 'r', ...params }, 100);
    expect(result).toMatchObject({ ok: false, error: { code: 'ari.request_too_large' } });
    expect(sent).toEqual([]);
  });

  it('fails at once when the socket is not open', async () => {
    isOpen = false;
    expect(await rest.send('asterisk.ping', {}, 100)).toMatchObject({ error: { code: 'ari.not_connected' } });
    expect(rest.pending).toBe(0);
  });

  it('tells all that wait when the link is lost', async () => {
    const waiting = [rest.send('asterisk.ping', {}, 100), rest.send('asterisk.ping', {}, 100)];
    rest.lost();
    for (const result of await Promise.all(waiting)) expect(result).toMatchObject({ error: { code: 'ari.link_lost' } });
    expect(rest.pending).toBe(0);
  });

  it('takes a body that is no JSON for a failure', async () => {
    const asked = rest.send('asterisk.ping', {}, 100);
    answer(sent[0]?.request_id ?? '', '<html>');
    expect(await asked).toMatchObject({ ok: false, error: { code: 'ari.bad_answer' } });
  });
});
