import { becomesTrue } from '../../index.ts';
import { people, type Scenario } from '../scenario.ts';

export const ringAll: Scenario = {
  name: 'ring-all',
  title: 'Two phones ring together and are answered at once: one has the call, the other is free again',
  expected: 'rang li and wang, one connected, the other rescinded and idle',
  async run(stage) {
    const { room } = stage.site;
    await room.signIn('li', 'wang');
    stage.dial('4003', people.silver2);
    const callId = await stage.callOfCustomer(people.silver2);
    const connected = await room.waitFor('call.connected.v1', ({ data }) => data.call.id === callId);
    const ended = await room.waitFor('call.offer.ended.v1', ({ data }) => data.call.id === callId);
    const rang = room
      .ofCall(callId)
      .flatMap((event) => (event.type === 'call.offered.v1' ? [event.data.agentId] : []))
      .sort();
    const { agentId: winner } = connected.data;
    const { agentId: loser, outcome } = ended.data;
    const isIdle = async (): Promise<boolean> =>
      (await room.ask<{ routing: string }>('GET', `/v1/agents/${loser}`)).routing === 'idle';
    const after = (await becomesTrue(isIdle, 2_000)) ? 'idle' : 'not idle';
    return `rang ${rang.join(' and ')}, ${winner === loser ? 'both' : 'one'} connected, the other ${outcome} and ${after}`;
  },
};
