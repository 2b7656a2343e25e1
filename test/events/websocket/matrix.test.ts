import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clientFrames } from '../../../src/events/websocket/index.ts';
import { assert, systemClock } from '../../../src/kernel/index.ts';
import { AccessTokens, grantOf, type Role, roleNames } from '../../../src/security/index.ts';
import { password, signInFor, tokenOptions } from '../../security/support.ts';
import { Client, type SocketServer, serve } from '../sockets.ts';

type Command = keyof typeof clientFrames;
/** What each command is answered with by somebody who holds `events:read`, and by somebody who does not. */
const table: Readonly<Record<Command, { readonly frame: object; readonly may: string; readonly mayNot: string }>> = {
  auth: { frame: { type: 'auth', token: 'again' }, may: 'closed 4401', mayNot: 'closed 4401' },
  subscribe: { frame: { type: 'subscribe', id: 's' }, may: 'subscribed', mayNot: 'events.forbidden' },
  unsubscribe: {
    frame: { type: 'unsubscribe', id: 'x' },
    may: 'events.subscription_unknown',
    mayNot: 'events.subscription_unknown',
  },
  ack: {
    frame: { type: 'ack', id: 'x', sequence: 1 },
    may: 'events.subscription_unknown',
    mayNot: 'events.subscription_unknown',
  },
  ping: { frame: { type: 'ping' }, may: 'pong', mayNot: 'pong' },
};

const signIn = signInFor([], systemClock);
let server: SocketServer;
beforeAll(async () => {
  for (const role of roleNames) await signIn.addUser(role, [role], role === 'agent' ? 'li' : undefined);
  const { checkFrame, watch } = signIn.authenticator;
  server = await serve(undefined, {
    authenticate: async (token) => {
      const checked = await checkFrame(token);
      return checked.ok ? checked.identity : undefined;
    },
    watch,
  });
});
afterAll(async () => {
  signIn.sessions.stop();
  await server.stop();
});

async function login(user: string) {
  const outcome = await signIn.desk.login({ user, password }, { address: user });
  assert(outcome.kind === 'in', 'signed in');
  return outcome.signedIn;
}

/** What comes back for a frame, after the greeting if there is one. */
async function answerTo(token: string | undefined, frame: object | undefined): Promise<string> {
  const client = new Client(server.url);
  await client.opened();
  if (token !== undefined) client.send({ type: 'auth', token });
  if (frame) client.send(frame);
  const answer = () => client.frames.find(({ type }) => type !== 'hello');
  await client.until(() => answer() !== undefined || client.closeCode !== undefined);
  const found = answer();
  if (found?.code === 'events.not_authenticated') return `closed ${await client.closed()}`;
  client.ws.terminate();
  return found?.code ?? found?.type ?? 'nothing';
}

const commands = Object.keys(clientFrames) as Command[];

describe.each(commands)('the command %s', (command) => {
  const { frame, may, mayNot } = table[command];
  it.each([...roleNames])('of role %s is answered by the table', async (role: Role) => {
    const { accessToken } = await login(role);
    expect(await answerTo(accessToken, frame)).toBe(grantOf(role, 'events:read') === 'has' ? may : mayNot);
  });

  it('of nobody ends the connection; a ping is only answered', async () => {
    expect(await answerTo(undefined, frame)).toBe(command === 'ping' ? 'pong' : 'closed 4401');
  });
});

describe('a socket', () => {
  it('opens with a ticket, once', async () => {
    const { accessToken } = await login('supervisor');
    const checked = await signIn.authenticator.checkFrame(accessToken);
    assert(checked.ok, 'known');
    const { ticket } = signIn.tickets.issue(checked.identity);
    expect(await answerTo(ticket, table.subscribe.frame)).toBe('subscribed');
    expect(await answerTo(ticket, table.subscribe.frame)).toBe('closed 4401');
  });

  it('does not open with a token that is forged, foreign, old, revoked or meant for something else', async () => {
    const [gone, fresh] = [await login('admin'), await login('admin')];
    await signIn.desk.logout({ id: gone.sessionId, userId: 'admin' }, { address: 'a' });
    const foreign = signInFor([], systemClock, { tenant: 'other', tokenKeys: [{ id: 'k', secret: 'f'.repeat(40) }] });
    const past = { ...systemClock, nowMs: () => systemClock.nowMs() - 700_000 };
    const tokens = [
      `${fresh.accessToken.slice(0, -4)}AAAA`,
      (await foreign.tokens.issue('admin', fresh.sessionId, systemClock.nowMs() + 60_000)).token,
      (await new AccessTokens(signIn.store, past, tokenOptions).issue('admin', fresh.sessionId, systemClock.nowMs()))
        .token,
      gone.accessToken,
      fresh.refreshToken,
      'rmt_nothing',
      'rmk_root_nothing',
    ];
    for (const token of tokens) expect(await answerTo(token, table.subscribe.frame)).toBe('closed 4401');
  });

  it('closes when the session ends elsewhere on this server', async () => {
    const { accessToken, sessionId } = await login('supervisor');
    const client = await Client.as(accessToken, server.url);
    await signIn.desk.logout({ id: sessionId, userId: 'supervisor' }, { address: 'a' });
    expect(await client.closed()).toBe(4401);
  });

  it.each([
    ['of nobody', undefined, 101],
    ['of the own page', 'own', 101],
    ['on the list', 'https://desk.example', 101],
    ['of elsewhere', 'https://evil.example', 403],
    ['of a sandbox', 'null', 403],
  ])('from a page %s', async (_what, origin, status) => {
    const own = server.url.replace('ws:', 'http:').replace('/v1/events', '');
    const client = new Client(server.url, {
      headers: origin === undefined ? {} : { origin: origin === 'own' ? own : origin },
    });
    const got = await new Promise((resolve) => {
      client.ws.once('open', () => resolve(101));
      client.ws.once('unexpected-response', (_request, response) => resolve(response.statusCode));
    });
    expect(got).toBe(status);
    client.ws.terminate();
  });
});
