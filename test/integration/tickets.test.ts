import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { becomesTrue, type LabRequestTracker, startRequestTracker } from '../../lab/index.ts';
import type { TicketViewData } from '../../src/events/catalogue/index.ts';
import { errorText } from '../../src/kernel/index.ts';
import { sign } from '../../src/tickets/signature.ts';
import { HoldingProxy } from './support/holding-proxy.ts';
import { needed } from './support/needed.ts';
import { type Caller, entry, Site } from './support/site.ts';

const secret = 'a-secret-that-the-desk-and-we-share';
const vip = '13900017777';
const template = fileURLToPath(new URL('../../config/presets/tickets/request-tracker.yaml', import.meta.url));

let rt: LabRequestTracker;
let noRt = '';
let proxy: HoldingProxy;
let site: Site;
const stack = new AsyncDisposableStack();

const rule = {
  subject: { zh: '未接来电 {call.callerNumber}', en: 'Missed call from {call.callerNumber}' },
  text: { zh: '等待 {call.waitedMs} 毫秒后挂断。客户：{customer.name}（{customer.tier}）' },
  after: ['abandoned'],
};

beforeAll(async () => {
  try {
    rt = stack.use(await startRequestTracker());
  } catch (error) {
    noRt = needed('Request Tracker', errorText(error));
    return;
  }
  proxy = stack.use(await HoldingProxy.open(rt.url));
  const variables = { RT_URL: proxy.url, RT_USER: rt.user, RT_PASSWORD: rt.password };
  const desk = {
    template,
    variables,
    allow: ['127.0.0.0/8'],
    deadlineMs: '3s',
    pollMs: '400ms',
    webhookSecret: secret,
  };
  site = stack.use(
    await Site.open({
      numbers: [{ ...entry, language: 'zh' }],
      directory: `phone,name,id,tier,vip\n${vip},王芳,C77,gold,yes\n`,
      tickets: {
        desks: [{ ...desk, id: 'rt', queue: 'General' }],
        rules: [
          { ...rule, id: 'missed', desk: 'rt', level: 'high', when: '"refuse" in call.data == false' },
          { ...rule, id: 'lost', desk: 'rt', queue: 'Nowhere', when: '"refuse" in call.data' },
        ],
        retryFirstMs: '200ms',
        retryMaxMs: '500ms',
      },
    }),
  );
}, 180_000);
afterAll(() => stack.disposeAsync());
afterEach(async () => {
  if (noRt === '') await site.clear();
});

/** A caller who waits and gives up: the call leaves one ticket. */
async function abandoned(
  number?: string,
  before: (caller: Caller) => Promise<unknown> = async () => {},
): Promise<string> {
  const caller = await site.enqueue(number === undefined ? {} : { number });
  await before(caller);
  caller.sip.hangUp();
  const { data } = await site.ended(caller.id);
  expect(data.ticketIds).toHaveLength(1);
  return data.ticketIds?.[0] ?? '';
}

/** The customer rings once more; a call of that number has been seen before. */
async function callAgain(before: string | undefined): Promise<Caller> {
  const { number, sip } = site.dial({ number: vip });
  const { data } = await site.room.waitFor(
    'call.queued.v1',
    (event) => event.data.call.callerNumber === number && event.data.call.id !== before,
  );
  return { number, sip, id: data.call.id };
}

const created = async (ticketId: string): Promise<TicketViewData> =>
  (await site.room.waitFor('ticket.created.v1', ({ data }) => data.ticket.id === ticketId, 20_000)).data.ticket;
const read = (ticketId: string) => site.room.ask<TicketViewData>('GET', `/v1/tickets/${ticketId}`);
const updates = (ticketId: string) =>
  site.room.events.flatMap((event) =>
    event.type === 'ticket.updated.v1' && event.data.ticket.id === ticketId ? [event.data] : [],
  );

/** What a scrip of the desk would post. */
async function webhook(deskTicketId: string, over: { id?: string; secret?: string } = {}) {
  const headers = { id: over.id ?? `msg-${Math.random()}`, timestamp: String(Math.floor(Date.now() / 1000)) };
  const body = JSON.stringify({ ticket: deskTicketId });
  const response = await fetch(`${site.server.url}/v1/tickets/webhook/rt`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'webhook-id': headers.id,
      'webhook-timestamp': headers.timestamp,
      'webhook-signature': sign(over.secret ?? secret, headers, body),
    },
    body,
  });
  return { status: response.status, body: (await response.json()) as { outcome?: string; error?: { code: string } } };
}

const withRt = (run: (context: TestContext) => Promise<void>) => async (context: TestContext) => {
  if (noRt !== '') context.skip(noRt);
  await run(context);
};

describe('a call and its ticket in Request Tracker', () => {
  it(
    'leaves one, with the texts of the rule, and the next card of the customer shows it until it is solved',
    withRt(async () => {
      const ticketId = await abandoned(vip);
      const ticket = await created(ticketId);
      expect(ticket).toMatchObject({ phase: 'placed', status: 'new', level: 'high', customerId: 'C77', attempts: 0 });
      const inRt = await rt.ticketsLike(ticket.mark);
      expect(inRt).toHaveLength(1);
      expect(inRt[0]).toMatchObject({ id: ticket.deskTicketId, Subject: `未接来电 ${vip} [${ticket.mark}]` });

      const caller = await callAgain(ticket.callId);
      const card = await site.see('call.customer.updated.v1', caller.id);
      const shown = { id: ticket.deskTicketId, status: 'new', urgency: 'high' };
      expect(card.data.customer.customer?.openTickets).toMatchObject([shown]);

      // While the customer waits, the desk works on it: found by polling, once, and on the card at once.
      await rt.setStatus(ticket.deskTicketId ?? '', 'open');
      await site.see(
        'call.customer.updated.v1',
        caller.id,
        ({ data }) => data.late && data.customer.customer?.openTickets[0]?.status === 'open',
      );
      expect(updates(ticketId)).toMatchObject([{ by: 'poll', changed: ['status'], ticket: { deskStatus: 'open' } }]);

      // Told by the desk and polled as well: still one event.
      await rt.setStatus(ticket.deskTicketId ?? '', 'resolved');
      expect(await webhook(ticket.deskTicketId ?? '')).toMatchObject({ status: 200 });
      await site.see(
        'call.customer.updated.v1',
        caller.id,
        ({ data }) => data.late && data.customer.customer?.openTickets.length === 0,
      );
      // A ticket made and worked on afterwards has been polled: so has this one, again.
      caller.sip.hangUp();
      const { data } = await site.ended(caller.id);
      const later = await created(data.ticketIds?.[0] ?? '');
      await rt.setStatus(later.deskTicketId ?? '', 'stalled');
      await site.room.waitFor(
        'ticket.updated.v1',
        (event) => event.data.ticket.id === later.id && event.data.ticket.status === 'pending',
      );
      expect(updates(ticketId).map((update) => update.ticket.status)).toEqual(['open', 'solved']);
    }),
  );

  it(
    'waits while the desk is down, and arrives once when it is back',
    withRt(async () => {
      await rt.kill9();
      const ticketId = await abandoned();
      expect(await becomesTrue(async () => (await read(ticketId)).attempts >= 1, 10_000)).toBe(true);
      expect(await read(ticketId)).toMatchObject({ phase: 'waiting', failureCode: 'helpdesk.unreachable' });
      await rt.restart();
      const ticket = await created(ticketId);
      expect(await rt.ticketsLike(ticket.mark)).toHaveLength(1);
    }),
  );

  it(
    'is made once when the server is killed after the desk has made it and before we know',
    withRt(async () => {
      proxy.hold = ({ method }) => method === 'POST';
      const held = proxy.holding();
      const ticketId = await abandoned();
      await held;
      await site.server.kill9();
      proxy.hold = undefined;
      await site.server.start();
      await site.reopen();
      expect(await becomesTrue(async () => (await read(ticketId)).phase === 'placed', 15_000, 100)).toBe(true);
      const ticket = await read(ticketId);
      const inRt = await rt.ticketsLike(ticket.mark);
      expect(inRt.map(({ id }) => id)).toEqual([ticket.deskTicketId]);
    }),
  );

  it(
    'is given up when the desk refuses it, and made when a person has mended that and replays it',
    withRt(async () => {
      const ticketId = await abandoned(undefined, async (caller) => {
        await site.room.ask('PATCH', `/v1/calls/${caller.id}/data`, { data: { refuse: 'yes' } });
      });
      const { data } = await site.room.waitFor('ticket.failed.v1', (event) => event.data.ticket.id === ticketId);
      expect(data).toMatchObject({ code: 'helpdesk.refused', ticket: { phase: 'failed' } });
      const { tickets } = await site.room.ask<{ tickets: TicketViewData[] }>('GET', '/v1/tickets?phase=failed');
      expect(tickets.map(({ id }) => id)).toEqual([ticketId]);
      await rt.makeQueue('Nowhere');
      await site.room.ask('POST', `/v1/tickets/${ticketId}/replay`);
      const ticket = await created(ticketId);
      expect(await rt.ticketsLike(ticket.mark)).toHaveLength(1);
      await expect(site.room.ask('POST', `/v1/tickets/${ticketId}/replay`)).rejects.toThrow('tickets.not_failed');
    }),
  );

  it(
    'takes webhooks only signed, only once, and only about our tickets',
    withRt(async () => {
      const ticket = await created(await abandoned());
      const id = ticket.deskTicketId ?? '';
      expect(await webhook(id, { secret: 'another-secret' })).toMatchObject({
        status: 401,
        body: { error: { code: 'tickets.signature_wrong' } },
      });
      expect(await webhook(id, { id: 'once' })).toMatchObject({ status: 200, body: { outcome: 'taken' } });
      expect(await webhook(id, { id: 'once' })).toMatchObject({ status: 200, body: { outcome: 'repeated' } });
      expect(await webhook('424242')).toMatchObject({ status: 200, body: { outcome: 'unknown' } });
      expect(updates(ticket.id)).toEqual([]);
    }),
  );

  it(
    'can be made by hand from a call, once for one key, linked to another call, and changed',
    withRt(async () => {
      const caller = await site.enqueue();
      const wish = { callId: caller.id, subject: '回电', level: 'critical', text: '客户要求回电' };
      const make = (key: string, body: object = wish) =>
        site.room.ask<TicketViewData>('POST', '/v1/tickets', body, { 'idempotency-key': key });
      const [one, same] = await Promise.all([make('key-0001'), make('key-0001')]);
      expect(same.id).toBe(one.id);
      await expect(make('key-0001', { ...wish, subject: 'other' })).rejects.toThrow('tickets.key_reused');
      await expect(make('key-0002', { ...wish, callId: 'rm-gone' })).rejects.toThrow('tickets.call_unknown');
      const ticket = await created(one.id);
      expect(ticket).toMatchObject({ callIds: [caller.id], callerNumber: caller.number, level: 'critical' });
      expect(await rt.ticketsLike(ticket.mark)).toHaveLength(1);
      const linked = await site.room.ask<TicketViewData>('PUT', `/v1/tickets/${ticket.id}/calls/rm-other`);
      expect(linked.callIds).toEqual([caller.id, 'rm-other']);
      const found = await site.room.ask<{ tickets: TicketViewData[] }>('GET', '/v1/tickets?callId=rm-other');
      expect(found.tickets.map(({ id }) => id)).toEqual([ticket.id]);
      const solved = await site.room.ask<TicketViewData>('PATCH', `/v1/tickets/${ticket.id}`, { status: 'solved' });
      expect(solved).toMatchObject({ status: 'solved', deskStatus: 'resolved' });
    }),
  );
});
