import { describe, expect, it } from 'vitest';
import type { AgentProfile } from '../../src/agents/index.ts';
import type { QueuePolicy, RoutingRequest } from '../../src/routing/index.ts';
import { profile, queue, Table, t0, words } from './fixtures.ts';

const chat = (part: Partial<RoutingRequest> = {}): Partial<RoutingRequest> => ({
  queueId: 'desk',
  channel: 'chat',
  ...part,
});
const mail = chat({ channel: 'mail' });

function floor(people: Readonly<Record<string, Partial<AgentProfile>>>, part: Partial<QueuePolicy> = {}): Table {
  const agents = Object.entries(people).map(([id, one]) => profile(id, { queues: ['sales', 'desk'], ...one }));
  return new Table([queue('sales'), queue('desk', part)], agents).signIn(...Object.keys(people));
}
const two = { capacity: { chat: 2 } };
const reasons = (table: Table, part: Partial<RoutingRequest>, agentId = 'ann'): readonly string[] | undefined =>
  table.engine
    .explain({ request: table.request('made-up', part) }, table.nowMs)
    ?.agents.find((agent) => agent.agentId === agentId)?.reasons;

describe('chats beside each other', () => {
  it('are offered one after another, up to the capacity', () => {
    const table = floor({ ann: two });
    expect(words(table.enqueue('c1', chat()))).toEqual(['c1>ann']);
    expect(words(table.enqueue('c2', chat()))).toEqual([]);
    expect(words(table.enqueue('c3', chat()))).toEqual([]);
    // Who takes one is asked again at once.
    const token = table.offerOf('c1');
    if (!token) throw new Error('no offer');
    expect(token.channel).toBe('chat');
    expect(words(table.step({ kind: 'offerAnswered', token }))).toEqual(['c2>ann']);
    table.answer('c2');
    expect(table.offerOf('c3')).toBeUndefined();
    expect(reasons(table, chat())).toEqual(['full']);
    expect(words(table.endTalk('c1', 'ann'))).toEqual(['c3>ann']);
  });

  it('leave room for mail, which has a capacity of its own', () => {
    const table = floor({ ann: { capacity: { chat: 1, mail: 1 } } });
    table.enqueue('c1', chat());
    table.answer('c1');
    expect(words(table.enqueue('m1', mail))).toEqual(['m1>ann']);
    expect(table.answer('m1').channel).toBe('mail');
    expect([reasons(table, chat()), reasons(table, mail)]).toEqual([['full'], ['full']]);
  });

  it('keep calls away, and a call keeps them away', () => {
    const table = floor({ ann: two });
    table.enqueue('c1', chat());
    table.answer('c1');
    expect(words(table.enqueue('v1'))).toEqual([]);
    expect(reasons(table, {})).toEqual(['contacts']);
    table.endTalk('c1', 'ann');
    table.advance(10_000);
    table.answer('v1');
    expect(words(table.enqueue('c2', chat()))).toEqual([]);
    expect(reasons(table, chat())).toEqual(['talking']);
  });

  it('are not for who takes none, who is also nobody to wait for', () => {
    const table = floor(
      { ann: {}, bob: { capacity: { mail: 1 } } },
      { joinEmpty: { counted: 'signedIn', target: { kind: 'hangup' } } },
    );
    expect(words(table.enqueue('c1', chat()))).toEqual(['overflow c1 noAgents']);
    expect(reasons(table, chat())).toEqual(['notOnChannel']);
    expect(words(table.enqueue('m1', mail))).toEqual(['m1>bob']);
  });

  it('go to who has the fewest, then to who took one longest ago', () => {
    const table = floor({ ann: two, bob: two });
    table.enqueue('c1', chat());
    table.answer('c1');
    table.advance(60_000);
    expect(words(table.enqueue('c2', chat()))).toEqual(['c2>bob']);
    table.answer('c2');
    table.advance(60_000);
    expect(words(table.enqueue('c3', chat()))).toEqual(['c3>ann']);
  });

  it('of one queue with calls: who comes free takes the first, of whatever channel', () => {
    const table = floor({ ann: two });
    table.pause('ann');
    table.enqueue('c1', chat({ queueId: 'sales' }));
    table.advance(1000);
    table.enqueue('v1');
    expect(words(table.available('ann'))).toEqual(['c1>ann']);
    table.fail('c1', 'withdrawn');
    table.step({ kind: 'leave', callId: 'c1' });
    expect(table.engine.agent('ann')).toMatchObject({ routing: 'offered', callId: 'v1' });
  });
});

describe('the agent who has chats', () => {
  it('writes up once, when the last one ends', () => {
    const table = floor({ ann: two });
    for (const callId of ['c1', 'c2']) {
      table.enqueue(callId, chat());
      table.answer(callId);
    }
    table.endTalk('c1', 'ann');
    expect(table.engine.agent('ann')).toMatchObject({ routing: 'idle', contacts: [{ callId: 'c2', channel: 'chat' }] });
    table.endTalk('c2', 'ann');
    expect(table.engine.agent('ann')).toMatchObject({ routing: 'wrapUp', callId: 'c2', contacts: undefined });
    expect(words(table.advance(10_000))).toEqual(['wrapUpEnded ann c2']);
  });

  it('rests after one that was declined, and is looked at again by the clock', () => {
    const table = floor({ ann: two });
    table.enqueue('c1', chat());
    table.answer('c1');
    table.enqueue('c2', chat());
    table.fail('c2', 'declined');
    expect(reasons(table, chat())).toEqual(['cooldown']);
    expect(words(table.advance(5000))).toEqual(['c2>ann']);
  });

  it('needs no phone for them, but is left alone on a call of another system', () => {
    const table = floor({ ann: two }, { joinEmpty: { counted: 'atWork', target: { kind: 'hangup' } } });
    table.device('ann', 'unavailable');
    expect(words(table.enqueue('c1', chat()))).toEqual(['c1>ann']);
    table.step({ kind: 'leave', callId: 'c1' });
    table.device('ann', 'inUse');
    expect(words(table.enqueue('c2', chat()))).toEqual([]);
    expect(reasons(table, chat())).toEqual(['phoneBusy']);
  });

  it('signs out and keeps them; taken out of the config, is gone with the last', () => {
    const table = floor({ ann: two });
    table.enqueue('c1', chat());
    table.answer('c1');
    table.step({ kind: 'agentRemoved', agentId: 'ann' });
    expect(table.engine.agent('ann')).toMatchObject({ presence: 'signedOut', contacts: [{ callId: 'c1' }] });
    table.endTalk('c1', 'ann', 'callerLeft');
    expect(table.engine.agent('ann')).toBeUndefined();
  });

  it('loses a capacity and keeps what is in hand; gets one and is asked', () => {
    const table = floor({ ann: two });
    table.enqueue('c1', chat());
    table.answer('c1');
    table.step({ kind: 'agentProfile', profile: profile('ann', { queues: ['sales', 'desk'] }) });
    expect(words(table.enqueue('c2', chat()))).toEqual([]);
    expect(words(table.enqueue('v1'))).toEqual([]);
    const raised = profile('ann', { queues: ['sales', 'desk'], capacity: { chat: 3 } });
    expect(words(table.step({ kind: 'agentProfile', profile: raised }))).toEqual(['c2>ann']);
  });

  it('has them after a restart', () => {
    const table = floor({ ann: two });
    table.enqueue('c1', chat());
    table.answer('c1');
    const before = table.engine.agent('ann');
    if (!before) throw new Error('no agent');
    const {
      profile: _profile,
      device: _device,
      devices: _devices,
      ...record
    } = JSON.parse(JSON.stringify(before)) as typeof before;
    const again = floor({ ann: two });
    again.step({ kind: 'restoreAgent', agentId: 'ann', record });
    expect(reasons(again, {})).toEqual(['contacts']);
    expect(words(again.enqueue('c2', chat()))).toEqual(['c2>ann']);
    again.answer('c2');
    expect(reasons(again, chat())).toEqual(['full']);
  });

  it('counts as at work all the time', () => {
    const table = floor({ ann: two, bob: two }, { selection: 'leastOccupied', wrapUpMs: 0 });
    table.enqueue('c1', chat());
    table.answer('c1');
    table.advance(60_000);
    table.endTalk('c1', 'ann');
    expect(words(table.enqueue('c2', chat()))).toEqual(['c2>bob']);
  });
});

describe('several asked together', () => {
  it('the first to take a chat has it, the others keep theirs and their place', () => {
    const table = floor({ ann: two, bob: two }, { ringAll: 2 });
    expect(words(table.enqueue('c1', chat()))).toEqual(['c1>ann', 'c1>bob']);
    const [ann, bob] = table.offersOf('c1');
    if (!ann || !bob) throw new Error('no offers');
    expect(words(table.step({ kind: 'offerAnswered', token: bob }))).toEqual(['withdraw c1>ann']);
    table.step({ kind: 'offerEnded', token: ann, outcome: 'withdrawn' });
    expect(table.engine.agent('ann')).toMatchObject({ routing: 'idle', contacts: undefined, idleSinceMs: t0 });
  });
});

describe('how long a chat will wait', () => {
  it('counts an agent as often as chats may be in hand', () => {
    const table = floor({ ann: two, bob: { capacity: { chat: 3 } } });
    const facts = table.engine.lineFacts(table.request('c1', chat()), [], t0);
    expect(facts).toMatchObject({ share: 5, free: 2 });
  });
});
