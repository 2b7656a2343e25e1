import { describe, expect, it } from 'vitest';
import { OutboundFront } from '../../src/campaigns/front.ts';
import type { ClickWish } from '../../src/campaigns/click-to-dial.ts';
import { defaultNumberPlan, readDialNumber } from '../../src/crm/index.ts';
import { CallingHouse, FakeDoNotCall } from './fixtures.ts';

/** The front with a click that notes whom it would dial. */
async function front() {
  const { callbacks, desk, house } = await CallingHouse.open({}, []);
  const dialled: ClickWish[] = [];
  const doNotCall = new FakeDoNotCall();
  const made = new OutboundFront({
    click: { dial: async (wish: ClickWish) => `rm-${dialled.push(wish)}`, clear: async () => {} } as never,
    desk,
    callbacks,
    doNotCall,
    clock: house.clock,
    readNumber: (text) => readDialNumber(text, defaultNumberPlan),
    numberOf: (id) => (id === 'c1' ? '+8613800000001' : undefined),
    openToken: (token) => (token === 'sealed' ? '13800000001' : undefined),
  });
  return { made, dialled, doNotCall };
}

describe('whom to call', () => {
  it.each([{ number: '138 0000 0001' }, { customerId: 'c1' }, { phoneToken: 'sealed' }])('by %j', async (whom) => {
    const { made, dialled } = await front();
    await made.dial({ agentId: 'ann', ...whom });
    expect(dialled[0]).toMatchObject({ agentId: 'ann', number: { canonical: '+8613800000001', region: 'CN' } });
  });

  it.each([
    [{}, 'outbound.number_missing'],
    [{ number: '13800000001', customerId: 'c1' }, 'outbound.number_missing'],
    [{ customerId: 'c2' }, 'outbound.customer_unknown'],
    [{ phoneToken: 'forged' }, 'outbound.token_refused'],
    [{ number: '13800000001&PJSIP/1' }, 'outbound.number_refused'],
  ])('not by %j', async (whom, code) => {
    const { made, dialled } = await front();
    await expect((async () => made.dial({ agentId: 'ann', ...whom }))()).rejects.toMatchObject({ code });
    expect(dialled).toEqual([]);
  });
});

describe('the do-not-call list', () => {
  it('holds numbers as the directory writes them, and takes only numbers', async () => {
    const { made, doNotCall } = await front();
    await made.forbid('138 0000 0001', 'wish');
    expect([...doNotCall.numbers]).toEqual(['+8613800000001']);
    await expect(made.forbid('x', '')).rejects.toMatchObject({ code: 'outbound.number_refused' });
    expect(await made.allow('008613800000001')).toBe(true);
    expect(await made.forbidden('', 10)).toEqual([]);
  });
});

it('a job that is not there cannot be read, nor listed from', async () => {
  const { made } = await front();
  await expect(made.job('x')).rejects.toMatchObject({ code: 'outbound.job_unknown' });
  await expect(made.jobs({ limit: 1 }, 'x')).rejects.toMatchObject({ code: 'outbound.job_unknown' });
  const { job } = await made.request({ number: '13800000001', queueId: 'sales', createdBy: 'crm' });
  expect(await made.jobs({ limit: 1 })).toEqual([job]);
  expect(await made.job(job.id)).toMatchObject({ id: job.id, number: '+8613800000001' });
  expect((await made.cancel(job.id)).outcome).toBe('cancelled');
});
