import { describe, expect, it } from 'vitest';
import { type Advice, AdviceDesk, type AdviceQuestion } from '../../src/bridge/index.ts';
import { timeZone } from '../../src/calendar/index.ts';
import { entry, menuFlow } from '../call/fixtures.ts';
import { profile, queue } from '../routing/fixtures.ts';
import { settle } from '../support/fake-clock.ts';
import { customer } from './fake-neighbours.ts';
import { House, type HouseOptions } from './house.ts';

const question: AdviceQuestion = {
  via: 'http',
  uniqueId: 'chan-1',
  entry: '4001',
  dialledNumber: '4001',
  callerNumber: '13800000001',
};

function deskOf(house: House, nodeIds: readonly string[] = ['pbx1'], askedMax = 10): AdviceDesk {
  const { lookup, clock } = house;
  return new AdviceDesk(house.board, {
    tenant: 'main',
    nodeIds,
    lookup,
    clock,
    deadlineMs: 400,
    keepMs: 5_000,
    askedMax,
  });
}

async function open(options: HouseOptions = {}, signedIn: readonly string[] = ['ann', 'bob']) {
  const house = await House.open({ entries: [{ ...entry, greeting: [] }], ...options }, signedIn);
  return { house, desk: deskOf(house) };
}

const events = (house: House) =>
  house.journal.events
    .filter(({ type }) => type === 'route.advised.v1')
    .map(({ data }) => data as { advice: Record<string, unknown>; customer: { status: string }; late: boolean });

const wordOf = ({ placement }: Advice): string =>
  placement.action === 'agent'
    ? `agent ${placement.agentId}`
    : placement.action === 'fallback'
      ? `fallback ${placement.reason}`
      : placement.action;

describe('the advice desk', () => {
  it('names the agent, keeps the agent for the call, and tells subscribers with the card', async () => {
    const { house, desk } = await open();
    house.lookup.known.set('13800000001', customer());
    const advice = await desk.ask(question);
    expect(wordOf(advice)).toBe('agent ann');
    expect(wordOf(await desk.ask({ ...question, uniqueId: 'chan-2' }))).toBe('agent bob');
    expect(wordOf(await desk.ask({ ...question, uniqueId: 'chan-3' }))).toBe('queue');
    expect(events(house)[0]).toMatchObject({
      advice: {
        callId: advice.callId,
        via: 'http',
        nodeId: 'pbx1',
        uniqueId: 'chan-1',
        action: 'agent',
        agentId: 'ann',
        queueId: 'sales',
      },
      customer: { status: 'fresh', customer: { name: 'Wang' } },
      late: false,
      explanation: { rule: 'longestIdle' },
    });
    house.assertSound();
  });

  it('gives who asks again from the same channel the same answer', async () => {
    const { desk } = await open();
    const first = await desk.ask(question);
    const second = await desk.ask(question);
    expect([second.callId, wordOf(second)]).toEqual([first.callId, 'agent ann']);
  });

  it('hands the call its id and frees the agent when it comes to us after all', async () => {
    const { house, desk } = await open({}, ['ann']);
    const { callId } = await desk.ask(question);
    house.pbx.arrive('chan-1');
    await settle();
    expect(house.call).toMatchObject({ id: callId, offers: [{ token: { agentId: 'ann' } }] });
    // The same channel a second time is another call.
    house.pbx.hangUp('chan-1');
    await settle();
    house.pbx.arrive('chan-1');
    await settle();
    expect(house.calls.map(({ id }) => id)).not.toContain(callId);
    house.assertSound();
  });

  it.each<[string, string, HouseOptions, Partial<AdviceQuestion>]>([
    ['no entry is for it', 'fallback noEntry', {}, { entry: '9999', dialledNumber: '9999' }],
    ['the queue is not configured', 'fallback noQueue', { queues: [queue('other')] }, {}],
    ['the node is not known', 'fallback noNode', {}, { nodeId: 'pbx9' }],
    ['nobody is free', 'queue', { agents: [profile('bob', { queues: [] })] }, {}],
    ['the queue is full', 'fallback queueFull', { agents: [], queues: [queue('sales', { waitingCallsMax: 0 })] }, {}],
  ])('when %s it says %s', async (_name, expected, options, part) => {
    const { house, desk } = await open(
      options,
      ['bob'].filter(() => options.agents?.length !== 0),
    );
    expect(wordOf(await desk.ask({ ...question, ...part }))).toBe(expected);
    house.assertSound();
  });

  it('asks for the node where there are several', async () => {
    const house = await House.open({ nodes: ['pbx1', 'pbx2'] });
    const desk = deskOf(house, ['pbx1', 'pbx2']);
    expect(wordOf(await desk.ask(question))).toBe('fallback noNode');
    expect(wordOf(await desk.ask({ ...question, nodeId: 'pbx2' }))).toBe('agent ann');
  });

  it('keeps nobody for a number that is closed, nor for one whose menu decides', async () => {
    const schedule = {
      id: 'never',
      zone: timeZone('Asia/Shanghai'),
      weekly: [],
      exceptions: new Map(),
      specialDays: new Map(),
      holidayHours: [],
      workdayAs: 0,
    };
    const hours = { schedule, closed: { prompt: [], target: { kind: 'hangup' } } } as const;
    const closed = await open({ entries: [{ ...entry, hours }] });
    expect(wordOf(await closed.desk.ask(question))).toBe('closed');
    // It comes to us, and goes where the queue says.
    const afterHours = { prompt: [], target: { kind: 'hangup' } } as const;
    const queues = [queue('sales', { hours: { schedule, afterHours, atClosing: 'serve' } })];
    const closedQueue = await open({ queues });
    expect(wordOf(await closedQueue.desk.ask(question))).toBe('queue');
    const menu = {
      prompt: ['sound:menu'],
      promptMaxMs: 1_000,
      keys: {},
      timeoutMs: 1_000,
      attempts: 1,
      wrongKey: [],
      otherwise: { kind: 'hangup' },
    } as const;
    const asking = await open({ entries: [{ ...entry, flow: menuFlow(menu) }] });
    expect(wordOf(await asking.desk.ask(question))).toBe('queue');
    for (const { house } of [closed, closedQueue, asking]) {
      expect(house.board.desk.engine.agent('ann')?.advised).toBeUndefined();
      house.assertSound();
    }
  });

  it('sends a caller of the blacklist nowhere near an agent', async () => {
    const { house, desk } = await open();
    house.lookup.known.set('13800000001', customer({ blacklisted: true }));
    expect(wordOf(await desk.ask(question))).toBe('blacklist');
    expect(house.board.desk.engine.agent('ann')?.advised).toBeUndefined();
  });

  it('sends everybody to the fallback while the server shuts down, also who asked before', async () => {
    const { house, desk } = await open();
    house.lookup.holds = true;
    const asked = desk.ask(question);
    house.board.drain();
    house.lookup.held[0]?.settle(customer());
    expect([wordOf(await asked), wordOf(await desk.ask(question))]).toEqual(['fallback draining', 'fallback draining']);
  });

  it('answers at its deadline without the CRM, and tells the late answer', async () => {
    const { house, desk } = await open();
    house.lookup.holds = true;
    const asked = desk.ask(question);
    let answered = false;
    void asked.then(() => (answered = true));
    await house.clock.advance(399);
    expect(answered).toBe(false);
    await house.clock.advance(1);
    const advice = await asked;
    expect([wordOf(advice), advice.customer.status]).toEqual(['agent ann', 'pending']);
    house.lookup.held[0]?.settle(customer());
    expect(events(house).map(({ customer: { status }, late }) => [status, late])).toEqual([
      ['pending', false],
      ['fresh', true],
    ]);
    house.assertSound();
  });

  it('answers without the CRM when too many wait for it', async () => {
    const house = await House.open({});
    const desk = deskOf(house, ['pbx1'], 1);
    house.lookup.holds = true;
    const first = desk.ask(question);
    expect((await desk.ask({ ...question, uniqueId: 'chan-2' })).customer.status).toBe('pending');
    expect(house.lookup.asked).toHaveLength(1);
    house.lookup.held[0]?.settle(customer());
    expect((await first).customer.status).toBe('fresh');
    house.lookup.holds = false;
    expect((await desk.ask({ ...question, uniqueId: 'chan-3' })).customer.status).toBe('none');
  });

  it('forgets the oldest channels, never the newest', async () => {
    const { house, desk } = await open({}, ['ann']);
    for (let index = 0; index < 5_001; index += 1) await desk.ask({ ...question, uniqueId: `chan-${index}` });
    const { advised, desk: routing } = house.board;
    expect(advised.take('pbx1', 'chan-0', routing)).toBeUndefined();
    expect(advised.take('pbx1', 'chan-1', routing)).toBeDefined();
    expect(advised.take('pbx1', 'chan-5000', routing)).toBeDefined();
  });
});
