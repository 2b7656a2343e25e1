import { fictionalMobile } from '../../index.ts';
import type { Scenario } from '../scenario.ts';

const customer = 8 + 2;
const crmDelayMs = 1_800;

export const crmSlow: Scenario = {
  name: 'CRM slow',
  title: 'The CRM takes 1.8 seconds; the caller is routed at the deadline, the late answer is popped',
  expected: 'routed with customer pending, connected to li, then a late answer popped: ambiguous',
  async run(stage) {
    const { room, crm } = stage.site;
    crm.setBehaviour({ delayMs: crmDelayMs });
    try {
      await room.signIn('li');
      stage.dial('4001', customer - 1);
      const callId = await stage.callOf(fictionalMobile(customer - 1));
      const first = await room.waitFor('call.customer.updated.v1', ({ data }) => data.call.id === callId);
      const connected = await room.waitFor('call.connected.v1', ({ data }) => data.call.id === callId);
      const late = await room.waitFor('call.customer.updated.v1', ({ data }) => data.call.id === callId && data.late);
      return `routed with customer ${first.data.customer.status}, connected to ${connected.data.agentId}, then a late answer popped: ${late.data.customer.status}`;
    } finally {
      crm.setBehaviour({ delayMs: 0 });
    }
  },
};
