import type { Scenario } from '../scenario.ts';
import { outside } from '../house.ts';

export const messageAtNight: Scenario = {
  name: 'voicemail after hours',
  title:
    'The number is closed: the caller leaves a message, which becomes a ticket and, with an agent there, a callback',
  expected: 'message left, kept with its checksum, one ticket, called back by li',
  async run(stage) {
    const { room, desk } = stage.site;
    const caller = stage.dialFrom('4004', outside.answers);
    const callId = await stage.callOf(outside.answers);
    const { data } = await room.waitFor('call.recording.started.v1', (event) => event.data.call.id === callId);
    await caller.talk(1_000);
    caller.hangUp();
    const left = await room.waitFor('call.voicemail.ended.v1', (event) => event.data.call.id === callId);
    const kept = await room.waitFor('recording.ready.v1', (event) => event.data.recording.id === data.recordingId);
    const ticket = await room.waitFor('ticket.created.v1', (event) => event.data.ticket.callId === callId, 20_000);
    const subjects = await desk.subjects(ticket.data.ticket.mark);
    await room.signIn('li');
    const placed = await room.waitFor(
      'call.placed.v1',
      (event) => event.sequence > left.sequence && event.data.call.queueId === 'patient',
      15_000,
    );
    const reached = await room.waitFor(
      'call.connected.v1',
      (event) => event.data.call.id === placed.data.call.id,
      15_000,
    );
    await room.ask('POST', `/v1/calls/${reached.data.call.id}/hang-up`);
    const checksum = kept.data.recording.sha256 === undefined ? 'without a checksum' : 'kept with its checksum';
    const tickets = subjects.length === 1 ? 'one ticket' : `${subjects.length} tickets`;
    return `message ${left.data.outcome}, ${checksum}, ${tickets}, called back by ${reached.data.agentId}`;
  },
};
