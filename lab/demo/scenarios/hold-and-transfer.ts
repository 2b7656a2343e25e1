import { people, type Scenario } from '../scenario.ts';

export const holdAndTransfer: Scenario = {
  name: 'hold and blind transfer to another queue',
  title: 'Li puts the customer on hold, comes back, and passes the call to billing, where Zhao takes it',
  expected: 'connected to li, held, resumed, transferred to queue:billing, connected to zhao, the same call',
  async run(stage) {
    const { room } = stage.site;
    await room.signIn('li');
    stage.dial('4001', people.standard);
    const callId = await stage.callOfCustomer(people.standard);
    const first = await room.waitFor('call.connected.v1', ({ data }) => data.call.id === callId);
    await room.ask('POST', `/v1/calls/${callId}/hold`);
    await room.waitFor('call.held.v1', ({ data }) => data.call.id === callId);
    await room.ask('POST', `/v1/calls/${callId}/resume`);
    await room.waitFor('call.resumed.v1', ({ data }) => data.call.id === callId);
    await room.signIn('zhao');
    await room.ask('POST', `/v1/calls/${callId}/transfer`, { target: { kind: 'queue', queueId: 'billing' } });
    const moved = await room.waitFor('call.transferred.v1', ({ data }) => data.call.id === callId);
    const second = await room.waitFor(
      'call.connected.v1',
      ({ data }) => data.call.id === callId && data.agentId !== first.data.agentId,
    );
    const told = room.ofCall(callId).map((event) => event.type);
    const held = told.includes('call.held.v1') ? 'held' : 'not held';
    const resumed = told.includes('call.resumed.v1') ? 'resumed' : 'not resumed';
    const same = second.data.call.id === callId ? 'the same call' : 'another call';
    return `connected to ${first.data.agentId}, ${held}, ${resumed}, transferred to ${moved.data.target}, connected to ${second.data.agentId}, ${same}`;
  },
};
