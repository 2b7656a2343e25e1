import { people, type Scenario } from '../scenario.ts';

export const skillMatch: Scenario = {
  name: 'skill match',
  title: 'An English-speaking customer rings; only Wang speaks English, though Li has been idle for longer',
  expected: 'popped to wang before the answer, connected to wang, customer Alice Carter',
  async run(stage) {
    const { room } = stage.site;
    await room.signIn('li', 'wang');
    stage.dial('4002', people.english);
    const callId = await stage.callOfCustomer(people.english);
    const offered = await room.waitFor('call.offered.v1', ({ data }) => data.call.id === callId);
    const answered = await room.waitFor('call.answered.v1', ({ data }) => data.call.id === callId);
    const connected = await room.waitFor('call.connected.v1', ({ data }) => data.call.id === callId);
    const order = offered.seenAtMs < answered.seenAtMs ? 'before' : 'after';
    const name = offered.data.customer.customer?.name ?? 'nobody';
    return `popped to ${offered.data.agentId} ${order} the answer, connected to ${connected.data.agentId}, customer ${name}`;
  },
};
