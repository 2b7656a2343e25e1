import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { AmiLinkChange } from '../../src/ami/index.ts';
import { settle } from '../support/fake-clock.ts';
import { ending, linkOverMemory } from './fakes.ts';

async function upLink(options: Parameters<typeof linkOverMemory>[0] = {}) {
  const memory = linkOverMemory(options);
  const changes: AmiLinkChange[] = [];
  const events: string[] = [];
  memory.link.onLink((change) => changes.push(change));
  memory.link.onEvent((event) => events.push(event.name));
  memory.link.start();
  await memory.session().goUp();
  return { ...memory, changes, events };
}

describe('the AMI link comes up', () => {
  it('by challenge, without the secret on the wire, and is up only after FullyBooted', async () => {
    const { link, session } = linkOverMemory();
    const changes: AmiLinkChange[] = [];
    link.onLink((change) => changes.push(change));
    expect(link.state).toBe('stopped');
    link.start();
    expect(link.state).toBe('connecting');
    await session().logIn();
    const key = createHash('md5').update('123secret').digest('hex');
    expect(session().action('Login').get('Key')).toBe(key);
    expect(JSON.stringify(session().actions.map((action) => [...action]))).not.toContain('secret"');
    expect(link.state).toBe('booting');
    expect(changes).toEqual([]);
    session().say('Event: FullyBooted\r\n\r\n');
    expect(link.state).toBe('up');
    expect(changes).toEqual([{ kind: 'up', bootConfirmed: true }]);
  });

  it('also when FullyBooted comes in one chunk with the login answer', async () => {
    const { link, session, clock } = linkOverMemory();
    const events: string[] = [];
    link.onEvent((event) => events.push(event.name));
    link.start();
    session().greet();
    session().answer('Challenge', 'Challenge: 1');
    await settle();
    const id = session().action('Login').get('ActionID');
    session().say(`Response: Success\r\nActionID: ${id}\r\n\r\nEvent: FullyBooted\r\n\r\nEvent: Early\r\n\r\n`);
    await settle();
    expect(link.state).toBe('up');
    expect(events).toEqual(['FullyBooted']);
    expect(clock.pendingTimers).toBe(1);
  });

  it('says so when FullyBooted does not come', async () => {
    const { link, session, clock } = linkOverMemory();
    const changes: AmiLinkChange[] = [];
    link.onLink((change) => changes.push(change));
    link.start();
    await session().logIn();
    await clock.advance(10_000);
    expect(changes).toEqual([{ kind: 'up', bootConfirmed: false }]);
  });

  it.each([
    ['nobody greets', 5_000, async () => {}],
    ['the challenge is not answered', 5_000, async (pbx: ReturnType<typeof linkOverMemory>) => pbx.session().greet()],
  ])('gives up a try in time when %s, and tries again', async (_, deadlineMs, begin) => {
    const memory = linkOverMemory();
    memory.link.start();
    await begin(memory);
    await memory.clock.advance(deadlineMs);
    expect(memory.session().closedByClient).toBe(true);
    expect(memory.link.state).toBe('waiting');
    await memory.clock.advance(500);
    expect(memory.sessions).toHaveLength(2);
  });

  it('counts a refused login and tries again', async () => {
    const { link, session, clock, sessions } = linkOverMemory();
    link.start();
    session().greet();
    session().answer('Challenge', 'Challenge: 1');
    await settle();
    const id = session().action('Login').get('ActionID');
    session().say(`Response: Error\r\nActionID: ${id}\r\nMessage: Authentication failed\r\n\r\n`);
    await settle();
    expect(link.stats()).toMatchObject({ loginsRefused: 1, reconnects: 1 });
    await clock.advance(500);
    expect(sessions).toHaveLength(2);
  });

  it('drops a peer that is no Asterisk', async () => {
    const { link, session } = linkOverMemory();
    link.start();
    session().handlers.opened();
    session().say('HTTP/1.1 400 Bad Request\r\n\r\n');
    expect(session().closedByClient).toBe(true);
    expect(link.state).toBe('waiting');
  });

  it('doubles the pause up to its limit, and starts small again after an up', async () => {
    const { link, sessions, clock, session } = linkOverMemory({ limits: { backoffMinMs: 100, backoffMaxMs: 400 } });
    link.start();
    // Half of the pause is fixed, half is chance, here one half: 75, 150, 300, 300.
    for (const [index, pauseMs] of [75, 150, 300, 300].entries()) {
      session().drop();
      await clock.advance(pauseMs - 1);
      expect(sessions).toHaveLength(index + 1);
      await clock.advance(1);
      expect(sessions).toHaveLength(index + 2);
    }
    await session().goUp();
    session().drop();
    await clock.advance(75);
    expect(sessions).toHaveLength(6);
  });
});

describe('an action', () => {
  it('gets its own answer', async () => {
    const { link, session } = await upLink();
    const first = link.action('CoreStatus');
    const second = link.action('Ping');
    session().answer('Ping', 'Ping: Pong');
    session().answer('CoreStatus', 'CoreCurrentCalls: 3');
    await expect(second).resolves.toMatchObject({ kind: 'success' });
    expect((await first).response.get('CoreCurrentCalls')).toBe('3');
    expect(link.stats().pendingActions).toBe(0);
  });

  it('tells Asterisk’s refusal as an outcome', async () => {
    const { link, session } = await upLink();
    const result = link.action('Nope');
    const id = session().action('Nope').get('ActionID');
    session().say(`Response: Error\r\nActionID: ${id}\r\nMessage: Permission denied\r\n\r\n`);
    await expect(result).resolves.toMatchObject({ kind: 'refused', reason: 'Permission denied' });
  });

  it('ends at its deadline; a late answer is counted and harmless', async () => {
    const { link, session, clock } = await upLink();
    const result = link.action('Slow', {}, { deadlineMs: 100 });
    const settled = ending(result);
    await clock.advance(100);
    expect(await settled).toBe('ami.action_timeout');
    session().answer('Slow');
    expect(link.stats()).toMatchObject({ actionTimeouts: 1, lateResponses: 1, pendingActions: 0 });
  });

  it('ends when its caller abandons it', async () => {
    const { link } = await upLink();
    const controller = new AbortController();
    const result = link.action('Slow', {}, { signal: controller.signal });
    controller.abort();
    expect(await ending(result)).toBe('ami.action_aborted');
    expect(await ending(link.action('Slow', {}, { signal: controller.signal }))).toBe('ami.action_aborted');
  });

  it('is refused while the link is down, beyond the limit, and when the socket is full', async () => {
    const { link, session } = await upLink({ limits: { pendingActionsMax: 1 } });
    const first = link.action('One');
    expect(await ending(link.action('Two'))).toBe('ami.too_many_pending');
    session().answer('One');
    await first;
    session().accepts = false;
    expect(await ending(link.action('Three'))).toBe('ami.write_backlog');
    session().drop();
    expect(await ending(link.action('Four'))).toBe('ami.link_down');
    expect(link.stats().pendingActions).toBe(0);
  });

  it('that cannot be encoded is refused and not sent', async () => {
    const { link, session } = await upLink();
    const before = session().actions.length;
    expect(await ending(link.action('Ping', { A: 'x\r\nAction: Originate' }))).toBe('ami.field_refused');
    expect(session().actions).toHaveLength(before);
    expect(link.stats().pendingActions).toBe(0);
  });
});

describe('a list', () => {
  it('gathers its own events and leaves the others to the subscribers', async () => {
    const { link, session, events } = await upLink();
    const result = link.list('DeviceStateList');
    session().answer('DeviceStateList', 'EventList: start');
    const id = session().action('DeviceStateList').get('ActionID');
    const item = (name: string, extra = '') => `Event: ${name}\r\nActionID: ${id}\r\n${extra}\r\n`;
    session().say(`${item('DeviceStateChange')}Event: Other\r\nActionID: foreign\r\n\r\n${item('DeviceStateChange')}`);
    session().say(item('DeviceStateListComplete', 'EventList: Complete\r\n'));
    const list = await result;
    expect(list.kind === 'complete' && list.events.map((event) => event.name)).toEqual([
      'DeviceStateChange',
      'DeviceStateChange',
    ]);
    expect(events).toEqual(['FullyBooted', 'Other']);
  });

  it('does not swallow an event that belongs to another action', async () => {
    const { link, session, events } = await upLink();
    const list = ending(link.list('L', {}, { deadlineMs: 1_000 }));
    const originate = ending(link.action('Originate'));
    const id = session().action('Originate').get('ActionID');
    session().say(`Event: OriginateResponse\r\nActionID: ${id}\r\n\r\n`);
    expect(events).toContain('OriginateResponse');
    const stopped = link.stop();
    session().answer('Logoff');
    await stopped;
    expect([await list, await originate]).toEqual(['ami.stopped', 'ami.stopped']);
  });

  it.each([
    [
      'is longer than its cap',
      'A: 1\r\n\r\nEvent: I\r\nActionID: ID\r\n\r\nEvent: I\r\nActionID: ID\r\n\r\n',
      'ami.list_too_long',
    ],
    ['is cancelled', 'EventList: cancelled\r\n\r\n', 'ami.list_cancelled'],
  ])('fails when it %s', async (_, text, expected) => {
    const { link, session } = await upLink({ limits: { listEventsMax: 2 } });
    const settled = ending(link.list('L'));
    session().answer('L', 'EventList: start');
    const id = session().action('L').get('ActionID') ?? '';
    session().say(`Event: I\r\nActionID: ${id}\r\n${text.replaceAll('ID: ID', `ID: ${id}`)}`);
    expect(await settled).toBe(expected);
  });

  it('ends at its deadline when it is never complete', async () => {
    const { link, session, clock } = await upLink();
    const settled = ending(link.list('L', {}, { deadlineMs: 50 }));
    session().answer('L', 'EventList: start');
    await clock.advance(50);
    expect(await settled).toBe('ami.action_timeout');
  });

  it('of an action that has none is complete at once', async () => {
    const { link, session } = await upLink();
    const result = link.list('Ping');
    session().answer('Ping');
    await expect(result).resolves.toMatchObject({ kind: 'complete', events: [] });
  });
});

describe('a connection that dies', () => {
  it('rejects what waits, tells down, and leaves nothing to the next', async () => {
    const { link, session, clock, changes, events, sessions } = await upLink();
    const waiting = ending(link.action('Slow'));
    const old = session();
    const oldId = old.action('Slow').get('ActionID');
    old.say('Event: Half\r\nName: not en');
    old.drop();
    expect(await waiting).toBe('ami.link_lost');
    expect(changes.at(-1)).toEqual({ kind: 'down', reason: 'ami.connect_failed' });
    await clock.advance(500);
    await session().goUp();
    old.say('ded\r\n\r\nEvent: Ghost\r\n\r\n');
    session().say(`Response: Success\r\nActionID: ${oldId}\r\n\r\nEvent: Fresh\r\n\r\n`);
    expect(events).toEqual(['FullyBooted', 'FullyBooted', 'Fresh']);
    expect(link.stats()).toMatchObject({ connects: 2, reconnects: 1, lateResponses: 1 });
    expect(sessions[1]?.actions.map((action) => action.get('Action'))).toEqual(['Challenge', 'Login']);
    const ids = sessions.flatMap((one) => one.actions.map((action) => action.get('ActionID')));
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('is noticed by ping when it only falls silent', async () => {
    const { link, clock, changes, session } = await upLink();
    await clock.advance(3_000);
    expect(session().action('Ping')).toBeDefined();
    await clock.advance(3_000);
    expect(changes.at(-1)).toEqual({ kind: 'down', reason: 'ami.half_open' });
    expect(session().closedByClient).toBe(true);
    expect(link.stats().pingTimeouts).toBe(1);
  });

  it('is not mistaken for a slow one that still talks, nor for one that answers', async () => {
    const { link, clock, session } = await upLink();
    await clock.advance(3_000);
    session().say('Event: Busy\r\n\r\n');
    await clock.advance(3_000);
    expect(link.state).toBe('up');
    await clock.advance(3_000);
    session().answer('Ping');
    await clock.advance(2_999);
    expect(link.state).toBe('up');
    expect(link.stats().pingTimeouts).toBe(0);
  });
});

describe('stop', () => {
  it('says goodbye, rejects what waits, and leaves no timer', async () => {
    const { link, session, clock, changes } = await upLink();
    const waiting = ending(link.action('Slow'));
    const stopped = link.stop();
    session().answer('Logoff');
    await stopped;
    expect(await waiting).toBe('ami.stopped');
    expect(session().closedByClient).toBe(true);
    expect(changes.at(-1)).toEqual({ kind: 'down', reason: 'ami.stopped' });
    expect(clock.pendingTimers).toBe(0);
    expect(link.state).toBe('stopped');
  });

  it('stays stopped when the PBX hangs up first, and lets a new start alone', async () => {
    const { link, session, sessions, clock, changes, events } = await upLink();
    const stopped = link.stop();
    const old = session();
    link.start();
    await session().goUp();
    old.say('Event: Late\r\n\r\n');
    old.drop();
    await stopped;
    expect(link.state).toBe('up');
    expect(changes.map((change) => change.kind)).toEqual(['up', 'down', 'up']);
    expect(events).toEqual(['FullyBooted', 'FullyBooted']);
    const again = link.stop();
    session().drop();
    await again;
    await clock.advance(60_000);
    expect(link.state).toBe('stopped');
    expect(sessions).toHaveLength(2);
  });

  it('is bounded when nobody answers, and works while waiting to reconnect', async () => {
    const { link, clock, session } = await upLink();
    const stopped = link.stop();
    await clock.advance(500);
    await stopped;
    link.start();
    session().drop();
    await link.stop();
    expect(clock.pendingTimers).toBe(0);
    expect(link.state).toBe('stopped');
  });
});

it('a failing handler hurts nobody else', async () => {
  const { link, session, events } = await upLink();
  link.onEvent(() => {
    throw new Error('defect');
  });
  const after: string[] = [];
  link.onEvent((event) => after.push(event.name));
  session().say('Event: A\r\n\r\nnonsense\r\n\r\nEvent: B\r\n\r\n');
  expect(events).toEqual(['FullyBooted', 'A', 'B']);
  expect(after).toEqual(['A', 'B']);
  expect(link.stats()).toMatchObject({
    handlerErrors: 2,
    refusedMessages: 1,
    refusedByCode: { 'ami.message_unknown': 1 },
  });
});
