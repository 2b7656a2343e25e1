import type { TicketViewData } from '../../../src/events/catalogue/index.ts';
import { people, type Scenario, type Stage } from '../scenario.ts';

/** A customer waits and gives up; a rule wants a ticket of that. */
async function giveUp(stage: Stage, customer: number): Promise<TicketViewData> {
  const { room } = stage.site;
  const call = stage.dial('4007', customer);
  const callId = await stage.callOfCustomer(customer);
  await room.waitFor('call.queued.v1', ({ data }) => data.call.id === callId);
  call.hangUp();
  const { data } = await room.waitFor('ticket.requested.v1', (event) => event.data.ticket.callId === callId);
  return data.ticket;
}

const created = (stage: Stage, ticketId: string) =>
  stage.site.room.waitFor('ticket.created.v1', ({ data }) => data.ticket.id === ticketId, 20_000);

export const ticketByRule: Scenario = {
  name: 'ticket',
  title: 'A customer gives up waiting: a rule leaves a ticket at the desk, and the next card shows it',
  expected: 'one ticket at the desk for 张敏, on the card of his next call',
  async run(stage) {
    const { room, desk } = stage.site;
    const wanted = await giveUp(stage, people.silver);
    const { data } = await created(stage, wanted.id);
    const subjects = await desk.subjects(data.ticket.mark);
    const from = room.events.length;
    stage.dial('4007', people.silver);
    const next = await room.waitFor(
      'call.customer.updated.v1',
      (event) => room.events.indexOf(event) >= from && event.data.customer.customer?.name === '张敏',
    );
    const { openTickets = [] } = next.data.customer.customer ?? {};
    const isShown = openTickets.some(({ id }) => id === data.ticket.deskTicketId);
    const whom = subjects[0]?.includes('张敏') ? '张敏' : 'somebody';
    const count = subjects.length === 1 ? 'one ticket' : `${subjects.length} tickets`;
    return `${count} at the desk for ${whom}, ${isShown ? 'on' : 'not on'} the card of his next call`;
  },
};

export const ticketDeskDown: Scenario = {
  name: 'ticket desk down',
  title: 'The ticket desk is down when the call ends; the ticket waits in the store and arrives later, once',
  expected: 'waiting while the desk is down, one ticket when it is back',
  async run(stage) {
    const { room, desk } = stage.site;
    await desk.goDown();
    const wanted = await giveUp(stage, people.silver2).catch(async (error: unknown) => {
      await desk.comeBack();
      throw error;
    });
    const { phase } = await room.ask<TicketViewData>('GET', `/v1/tickets/${wanted.id}`);
    await desk.comeBack();
    const { data } = await created(stage, wanted.id);
    const subjects = await desk.subjects(data.ticket.mark);
    const count = subjects.length === 1 ? 'one ticket' : `${subjects.length} tickets`;
    return `${phase} while the desk is down, ${count} when it is back`;
  },
};
