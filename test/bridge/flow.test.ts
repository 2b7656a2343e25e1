import { afterEach, expect, it } from 'vitest';
import type { CheckRequest } from '../../src/bridge/ports.ts';
import { type CheckOutcome, type FlowPolicy } from '../../src/call/index.ts';
import { entry } from '../call/fixtures.ts';
import { queue } from '../routing/fixtures.ts';
import { settle } from '../support/fake-clock.ts';
import { House } from './house.ts';

const flow: FlowPolicy = {
  id: 'hotline',
  start: 'order',
  steps: {
    order: {
      kind: 'collect',
      prompt: ['sound:order'],
      promptMaxMs: 30_000,
      timeoutMs: 5_000,
      attempts: 2,
      wrongKey: [],
      unknown: [],
      into: 'order',
      digitsMin: 1,
      digitsMax: 12,
      endKey: '#',
      check: 'orders',
      sensitive: true,
      next: { kind: 'queue', queueId: 'sales' },
      otherwise: { kind: 'queue', queueId: 'sales' },
    },
  },
  otherwise: { kind: 'queue', queueId: 'sales' },
  stepsMax: 5,
  timeMaxMs: 60_000,
};

let house: House;
afterEach(() => {
  house.assertSound();
});

const asked: { request: CheckRequest; settle: (outcome: CheckOutcome) => void }[] = [];
const checks = {
  check: (request: CheckRequest, answer: (outcome: CheckOutcome) => void) =>
    void asked.push({ request, settle: answer }),
};

async function typing(keys: string, more = {}): Promise<void> {
  asked.length = 0;
  house = await House.open({ entries: [{ ...entry, greeting: [], flow }], queues: [queue('sales')], ...more }, []);
  house.pbx.arrive('caller-1');
  await settle();
  for (const key of keys) house.pbx.tell({ kind: 'keyPressed', legId: 'caller-1', key });
  await settle();
}

it('what is typed is asked about once, and is in no state that is kept', async () => {
  await typing('47110815#', { checks });
  expect(asked.map(({ request }) => request)).toMatchObject([
    { checkId: 'orders', value: '47110815', callerNumber: house.call.callerNumber },
  ]);
  expect(JSON.stringify([...(await house.journal.load())])).not.toContain('4711');
  asked[0]?.settle({ kind: 'found', data: {} });
  await settle();
  expect(house.call).toMatchObject({ phase: 'waiting', data: { order: '****0815' } });
  expect(JSON.stringify(house.journal.events)).not.toContain('4711');
});

it('without anybody to ask the caller goes on', async () => {
  await typing('1#');
  expect(house.call).toMatchObject({ phase: 'waiting', data: { 'order.check': 'unchecked' } });
});

it('killed while it is checked: asked anew', async () => {
  await typing('12#', { checks });
  await house.restart();
  expect(house.call).toMatchObject({ phase: 'arriving', flow: { stage: 'prompt', attempt: 1 } });
});
