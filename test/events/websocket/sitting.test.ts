import { afterEach, describe, expect, it } from 'vitest';
import { Client, identityOf, type SocketServer, serve } from '../sockets.ts';
import { event, ManualClock, settled } from '../support.ts';

const servers: SocketServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
});

async function started() {
  const clock = new ManualClock();
  const watched = new Map<string, () => void>();
  const server = await serve(undefined, {
    clock,
    authenticate: (token) => identityOf(token, clock.nowMs()),
    watch: (sessionId, tell) => {
      watched.set(sessionId, tell);
      return () => watched.delete(sessionId);
    },
  });
  servers.push(server);
  return { ...server, clock, watched };
}

describe('the connection of a person', () => {
  it('says when it ends, and ends when the token expires', async () => {
    const { url, clock } = await started();
    const client = await Client.as('ann+5000', url);
    expect((await client.next('hello')).expiresAtMs).toBe(clock.nowMs() + 5_000);
    clock.advance(5_000);
    expect(await client.closed()).toBe(4401);
    expect(client.frames.at(-1)).toMatchObject({ code: 'events.not_authenticated' });
  });

  it('goes on with a new token of the same person, without a break', async () => {
    const { url, clock, log } = await started();
    const client = await Client.as('ann+5000', url);
    client.send({ type: 'subscribe', id: 's', snapshot: false });
    await client.next('subscribed');
    clock.advance(4_000);
    client.send({ type: 'auth', token: 'ann+5000' });
    expect((await client.next('renewed')).expiresAtMs).toBe(clock.nowMs() + 5_000);
    clock.advance(4_999);
    log.write([event('stream.gap.v1', 'stream/log', { lost: 0, reason: 'bufferFull' })], []);
    await settled(log);
    await client.until(() => client.sequences().length === 1);
    clock.advance(1);
    expect(await client.closed()).toBe(4401);
  });

  it.each([
    ['of somebody else', 'desk+9000'],
    ['that is not valid', 'forged'],
  ])('ends when the new token is one %s', async (_what, token) => {
    const { url } = await started();
    const client = await Client.as('ann+5000', url);
    client.send({ type: 'auth', token });
    expect(await client.closed()).toBe(4401);
  });

  it('ends when the session does, and is forgotten when it is closed', async () => {
    const { url, watched } = await started();
    const client = await Client.as('ann+5000', url);
    watched.get('session-ann')?.();
    expect(await client.closed()).toBe(4401);
    expect(watched.size).toBe(0);
    const other = await Client.as('ann+5000', url);
    expect(watched.size).toBe(1);
    await other.close();
    while (watched.size > 0) await new Promise(setImmediate);
  });
});

describe('the connection of a key', () => {
  it('has no end, and takes no second key', async () => {
    const { url, clock } = await started();
    const client = await Client.as('desk', url);
    expect(await client.next('hello')).not.toHaveProperty('expiresAtMs');
    client.send({ type: 'auth', token: 'crm' });
    expect(await client.next('error')).toMatchObject({ code: 'events.frame_invalid' });
    clock.advance(10_000);
    client.send({ type: 'ping' });
    await client.next('pong');
  });
});

describe('an agent', () => {
  it('sees the figures of the own queues only', async () => {
    const { url } = await started();
    const client = await Client.as('ann', url);
    const subscribe = (id: string, queues?: readonly string[]) =>
      client.send({
        type: 'subscribe',
        id,
        snapshot: false,
        filter: { types: ['queue.'], ...(queues ? { queues } : {}) },
      });
    subscribe('all');
    expect(await client.next('subscribed', 'all')).toMatchObject({ filter: { queues: ['support'] } });
    subscribe('own', ['support']);
    expect(await client.next('subscribed', 'own')).toMatchObject({ filter: { queues: ['support'] } });
    subscribe('others', ['support', 'sales']);
    expect(await client.next('error', 'others')).toMatchObject({ code: 'events.forbidden' });
  });
});
