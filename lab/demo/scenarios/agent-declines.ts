import { people, type Scenario } from '../scenario.ts';

export const agentDeclines: Scenario = {
  name: 'one declines, one rings out, the third answers',
  title: 'Zhang declines, Chen does not answer within two seconds, Zhao picks up',
  expected: 'zhang declined, chen noAnswer, connected to zhao at attempt 3',
  async run(stage) {
    const { room } = stage.site;
    await room.signIn('zhang', 'chen', 'zhao');
    stage.dial('4001', people.gold);
    const callId = await stage.callOfCustomer(people.gold);
    const connected = await room.waitFor('call.connected.v1', ({ data }) => data.call.id === callId);
    const steps = room
      .ofCall(callId)
      .flatMap((event) =>
        event.type === 'call.offer.ended.v1' ? [`${event.data.agentId} ${event.data.outcome}`] : [],
      );
    const attempts = room.ofCall(callId).filter((event) => event.type === 'call.offered.v1').length;
    return `${steps.join(', ')}, connected to ${connected.data.agentId} at attempt ${attempts}`;
  },
};
