import type { JobViewData } from '../../../src/events/catalogue/index.ts';
import type { Scenario } from '../scenario.ts';
import { outside } from '../house.ts';

export const clickToDial: Scenario = {
  name: 'click-to-dial',
  title: 'Li clicks on a number: her own phone rings first, then the customer’s',
  expected: 'li rings, the customer rings, connected to li, completed',
  async run(stage) {
    const { room } = stage.site;
    await room.signIn('li');
    const { callId } = await room.ask<{ callId: string }>('POST', '/v1/calls', {
      agentId: 'li',
      number: outside.answers,
      from: 'hotline',
    });
    const connected = await room.waitFor('call.connected.v1', ({ data }) => data.call.id === callId);
    await room.ask('POST', `/v1/calls/${callId}/hang-up`);
    const ended = await room.waitFor('call.ended.v1', ({ data }) => data.call.id === callId);
    const told = room.ofCall(callId).map(({ type }) => type);
    const agent = told.indexOf('call.offer.ringing.v1');
    const customer = told.indexOf('call.dial.ringing.v1');
    const order = agent >= 0 && agent < customer ? 'li rings, the customer rings' : told.join(' ');
    return `${order}, connected to ${connected.data.agentId}, ${ended.data.reason}`;
  },
};

export const busyThenAnswered: Scenario = {
  name: 'outbound trigger, busy, then answered',
  title: 'The CRM has a customer called, sends it twice, and he is busy the first time',
  expected: 'one job, attempt 1 busy, attempt 2 answered, finished answered after 2 attempts',
  async run(stage) {
    const { room } = stage.site;
    await room.signIn('li');
    const wish = {
      queueId: 'support',
      number: outside.busyOnce,
      reason: 'renewal',
      idempotencyKey: `renewal-${Date.now()}`,
    };
    const first = await room.ask<JobViewData>('POST', '/v1/outbound', wish);
    const again = await room.ask<JobViewData>('POST', '/v1/outbound', wish);
    const subject = `outbound/${first.id}`;
    const finished = await room.waitFor('outbound.job.finished.v1', (event) => event.subject === subject, 15_000);
    const attempts = room.events.flatMap((event) =>
      event.type === 'outbound.attempt.ended.v1' && event.subject === subject
        ? [`attempt ${event.data.attempt} ${event.data.outcome}`]
        : [],
    );
    for (const event of room.events) {
      if (event.type !== 'outbound.attempt.ended.v1' || event.subject !== subject) continue;
      if (event.data.outcome === 'answered') await room.ask('POST', `/v1/calls/${event.data.callId}/hang-up`);
    }
    const jobs = first.id === again.id ? 'one job' : 'two jobs';
    const { outcome, attempts: count } = finished.data;
    return `${jobs}, ${attempts.join(', ')}, finished ${outcome} after ${count} attempts`;
  },
};

export const doNotCall: Scenario = {
  name: 'do-not-call refused',
  title: 'A number on the do-not-call list is refused, to the CRM and to an agent',
  expected: 'outbound.do_not_call, outbound.do_not_call',
  async run(stage) {
    const { room } = stage.site;
    await room.signIn('li');
    const number = outside.listed;
    await room.ask('POST', '/v1/do-not-call', { number, reason: 'wish' });
    const refusal = async (path: string, body: object): Promise<string> => {
      const text = await room.ask('POST', path, body).then(String, String);
      return /outbound\.\w+/.exec(text)?.[0] ?? text;
    };
    const crm = await refusal('/v1/outbound', { queueId: 'support', number });
    const agent = await refusal('/v1/calls', { agentId: 'li', number });
    return `${crm}, ${agent}`;
  },
};
