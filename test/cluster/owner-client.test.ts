import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import type { ForwardedAnswer } from '../../src/cluster/index.ts';
import { OwnerClient, type OwnerLimits, ownerLimits } from '../../src/cluster/owner-client.ts';
import { ManualClock } from '../events/support.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** An owner that answers as told, and a client of it whose limits are small. */
async function owner(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  limits: Partial<OwnerLimits>,
) {
  const server = createServer(answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const clock = new ManualClock();
  const client = new OwnerClient({
    instanceId: 'b',
    owner: { current: () => ({ url, instanceId: 'a' }) },
    clock,
    limits,
  });
  ends.push(
    () => server.close(),
    () => server.closeAllConnections(),
    () => client.stop(),
  );
  const ask = (target: string, { method = 'GET', gone }: { method?: string; gone?: AbortSignal } = {}) =>
    client.forward({ method, target, headers: {}, addresses: [], isSecure: false, body: undefined }, gone);
  return { client, clock, ask };
}

const codeOf = (asked: Promise<unknown>) => asked.catch((error: unknown) => (error as { code: string }).code);
const textOf = async ({ body }: ForwardedAnswer) => Buffer.concat(await body.toArray()).toString();
const long = 'x'.repeat(100_000);

it('does not let a request wait for a connection for longer than for an answer', async () => {
  const seen: string[] = [];
  const { client, clock, ask } = await owner((request) => seen.push(request.url ?? ''), { connectionsMax: 1 });
  const first = codeOf(ask('/first'));
  await expect.poll(() => seen).toEqual(['/first']);
  const second = codeOf(ask('/second'));
  clock.advance(ownerLimits.connectMs + ownerLimits.answerMs);
  expect(await Promise.all([first, second])).toEqual(['cluster.owner_timeout', 'cluster.owner_timeout']);
  expect(client.figures()).toMatchObject({ timeout: 2, unreachable: 0 });
  // The one that waited was never sent.
  void codeOf(ask('/third'));
  await expect.poll(() => seen).toEqual(['/first', '/third']);
});

it('gives up what nobody waits for', async () => {
  const seen: IncomingMessage[] = [];
  const { client, ask } = await owner((request) => seen.push(request), {});
  const gone = new AbortController();
  const asked = codeOf(ask('/', { gone: gone.signal }));
  await expect.poll(() => seen.length).toBe(1);
  gone.abort();
  expect(await asked).toBe('cluster.owner_unreachable');
  await expect.poll(() => seen[0]?.destroyed).toBe(true);
  expect(client.figures()).toMatchObject({ abandoned: 1, unreachable: 0 });
});

it('counts a request until the end of its answer', async () => {
  const { ask } = await owner((_request, response) => response.end(long), { requestsMax: 1 });
  const answer = await ask('/');
  expect(await codeOf(ask('/'))).toBe('cluster.owner_busy');
  expect(await textOf(answer)).toBe(long);
  await expect.poll(async () => textOf(await ask('/')).catch(() => '')).toBe(long);
});

it('counts one that has no answer to read as ended', async () => {
  const { ask } = await owner((_request, response) => response.writeHead(204).end(), { requestsMax: 1 });
  for (let n = 0; n < 3; n += 1)
    await expect
      .poll(() =>
        ask('/').then(
          ({ status }) => status,
          () => 0,
        ),
      )
      .toBe(204);
});

it('lets long answers hold half of the connections, and does what changes something all the same', async () => {
  const says = (request: IncomingMessage, response: ServerResponse) =>
    response.end(request.url === '/short' ? 'short' : long);
  const { ask } = await owner(says, { connectionsMax: 4 });
  const held = [await ask('/long'), await ask('/long')];
  expect(await codeOf(ask('/long'))).toBe('cluster.owner_busy');
  expect(await textOf(await ask('/short'))).toBe('short');
  const deed = await ask('/long', { method: 'POST' });
  for (const answer of [deed, ...held]) expect(await textOf(answer)).toBe(long);
  expect(await textOf(await ask('/long'))).toBe(long);
});
