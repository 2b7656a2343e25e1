import { styleText } from 'node:util';
import type { SeenEvent } from '../ringmaster/control-room.ts';

type Colour = Parameters<typeof styleText>[0];

/** Tells an event in a line that a person likes to read; undefined for what would only be noise. */
export function narrate(event: SeenEvent): string | undefined {
  const told = sentence(event);
  if (!told) return undefined;
  const [colour, text] = told;
  const callId = event.subject.startsWith('call/') ? event.subject.slice(-6) : '      ';
  return `  ${styleText('dim', `${event.time.slice(11, 23)}  ${callId}`)}  ${styleText(colour, text)}`;
}

function sentence(event: SeenEvent): readonly [Colour, string] | undefined {
  switch (event.type) {
    case 'call.arrived.v1':
      return ['white', `☎  ${event.data.call.callerNumber} rings ${event.data.call.dialledNumber}`];
    case 'call.customer.updated.v1':
      return ['cyan', `👤 ${event.data.late ? 'late answer of the CRM: ' : ''}${card(event.data.customer)}`];
    case 'call.menu.asked.v1':
      return ['white', `⌨  is asked by keypad (${event.data.reason}, time ${event.data.attempt})`];
    case 'call.menu.left.v1':
      return [
        'white',
        `⌨  ${event.data.key ? `presses ${event.data.key}` : event.data.outcome}: to ${event.data.target}`,
      ];
    case 'call.voicemail.started.v1':
      return ['white', '✉  is asked for a message'];
    case 'call.voicemail.ended.v1':
      return ['white', `✉  message: ${event.data.outcome}, ${event.data.lengthMs} ms`];
    case 'call.queued.v1':
      if (event.data.reason === 'outbound') return undefined;
      return ['white', `…  waits in ${event.data.call.queueId} (${event.data.reason})`];
    case 'call.offered.v1': {
      const { agentId, attempt, customer, explanation } = event.data;
      const why = `${explanation.rule}, ${explanation.candidates.length} of ${explanation.considered} could take it`;
      return ['yellow', `▣  popped to ${agentId} (attempt ${attempt}; ${why}): ${card(customer)}`];
    }
    case 'call.offer.ringing.v1':
      return ['dim', `   ${event.data.agentId}'s phone rings`];
    case 'call.offer.ended.v1':
      if (event.data.outcome === 'rescinded')
        return ['dim', `   ${event.data.agentId}'s phone stops: another was faster`];
      return ['red', `✗  ${event.data.agentId}: ${event.data.outcome}; the caller keeps its place`];
    case 'call.connected.v1':
      return ['green', `✓  speaks with ${event.data.agentId} after ${event.data.waitedMs} ms of waiting`];
    case 'call.held.v1':
      return ['magenta', `‖  on hold by ${event.data.agentId}`];
    case 'call.resumed.v1':
      return ['magenta', `▶  back with ${event.data.agentId}`];
    case 'call.transferred.v1':
      return ['magenta', `→  ${event.data.agentId} passes the call to ${event.data.target}`];
    case 'call.overflowed.v1':
      return ['red', `↷  overflows to ${event.data.target} (${event.data.reason})`];
    case 'route.advised.v1': {
      const { action, agentId, via } = event.data.advice;
      const what = agentId === undefined ? action : `ring ${agentId}, popped: ${card(event.data.customer)}`;
      return ['yellow', `▣  dialplan asks by ${via}: ${what}`];
    }
    case 'call.ended.v1':
      return ['dim', `■  ${event.data.reason}: waited ${event.data.waitedMs} ms, talked ${event.data.talkMs} ms`];
    case 'ticket.requested.v1':
      return ['blue', `✎  a ticket is wanted at ${event.data.ticket.deskId}: ${event.data.ticket.subject}`];
    case 'ticket.created.v1':
      return ['blue', `✎  the desk has it: ticket ${event.data.ticket.deskTicketId} (${event.data.ticket.level})`];
    default:
      return goingOut(event);
  }
}

function goingOut(event: SeenEvent): readonly [Colour, string] | undefined {
  switch (event.type) {
    case 'call.placed.v1':
      return ['white', `☏  a call is to go out to ${event.data.call.callerNumber}`];
    case 'call.dialling.v1':
      return ['dim', `   ${event.data.agentId} is on the line, the customer is dialled`];
    case 'call.dial.ringing.v1':
      return ['dim', "   the customer's phone rings"];
    case 'call.dial.ended.v1':
      return ['red', `✗  the customer: ${event.data.outcome}`];
    case 'outbound.job.finished.v1':
      return ['dim', `■  job ${event.data.outcome}, attempts: ${event.data.attempts}`];
    default:
      return undefined;
  }
}

function card(customer: Extract<SeenEvent, { type: 'call.offered.v1' }>['data']['customer']): string {
  const { status, customer: known } = customer;
  if (!known) return `customer ${status}`;
  const marks = [known.tier, ...(known.vip ? ['VIP'] : []), ...known.tags].filter(Boolean).join(', ');
  const bought = known.purchases.map(({ title }) => title).join(', ');
  const open = known.openTickets.map(({ title }) => title).join(', ');
  const more = [bought && `bought ${bought}`, open && `open: ${open}`].filter(Boolean);
  return [`${known.name} (${marks}) [${status}]`, ...more].join('; ');
}
