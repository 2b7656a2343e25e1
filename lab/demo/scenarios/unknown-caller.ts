import type { Scenario } from '../scenario.ts';

const nobody = '13900009999';

export const unknownCaller: Scenario = {
  name: 'unknown caller',
  title: 'A number that the CRM does not know rings',
  expected: 'customer none, connected to li',
  async run(stage) {
    const { room } = stage.site;
    await room.signIn('li');
    stage.dialFrom('4001', nobody);
    const callId = await stage.callOf(nobody);
    const offered = await room.waitFor('call.offered.v1', ({ data }) => data.call.id === callId);
    const connected = await room.waitFor('call.connected.v1', ({ data }) => data.call.id === callId);
    return `customer ${offered.data.customer.status}, connected to ${connected.data.agentId}`;
  },
};
