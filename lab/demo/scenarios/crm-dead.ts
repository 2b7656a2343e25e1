import { people, type Scenario } from '../scenario.ts';

export const crmDead: Scenario = {
  name: 'CRM dead',
  title: 'The CRM resets every connection; the caller is routed all the same',
  expected: 'customer error, connected to li',
  async run(stage) {
    const { room, crm } = stage.site;
    crm.setBehaviour({ failure: 'reset' });
    try {
      await room.signIn('li');
      stage.dial('4001', people.unseen);
      const callId = await stage.callOfCustomer(people.unseen);
      const offered = await room.waitFor('call.offered.v1', ({ data }) => data.call.id === callId);
      const connected = await room.waitFor('call.connected.v1', ({ data }) => data.call.id === callId);
      return `customer ${offered.data.customer.status}, connected to ${connected.data.agentId}`;
    } finally {
      crm.setBehaviour({ failure: 'none' });
    }
  },
};
