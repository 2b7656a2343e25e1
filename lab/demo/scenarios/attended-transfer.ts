import { people, type Scenario } from '../scenario.ts';

export const attendedTransfer: Scenario = {
  name: 'attended transfer',
  title: 'Li asks billing while the customer hears music; Zhao sees the same card and takes the call over',
  expected:
    'connected to li, zhao asked with the same card, talked in private, transferred to agent:zhao, the same call',
  async run(stage) {
    const { room } = stage.site;
    await room.signIn('li');
    stage.dial('4001', people.silver);
    const callId = await stage.callOfCustomer(people.silver);
    const isMine = (event: { readonly data: { readonly call: { readonly id: string } } }): boolean =>
      event.data.call.id === callId;
    const first = await room.waitFor('call.connected.v1', isMine);
    const shown = await room.waitFor('call.offered.v1', isMine);
    await room.signIn('zhao');
    await room.ask('POST', `/v1/calls/${callId}/consult`, { target: { kind: 'queue', queueId: 'billing' } });
    const pop = await room.waitFor('call.offered.v1', (event) => isMine(event) && event.data.askedBy === 'li');
    const answered = await room.waitFor('call.consult.answered.v1', isMine);
    await room.ask('POST', `/v1/calls/${callId}/consult/complete`);
    const moved = await room.waitFor('call.transferred.v1', isMine);
    const card =
      JSON.stringify(pop.data.customer) === JSON.stringify(shown.data.customer) ? 'the same card' : 'another card';
    const alone = answered.data.call.consult?.state === 'private' ? 'talked in private' : 'did not talk';
    const same = moved.data.call.agentId === 'zhao' ? 'the same call' : 'another call';
    return `connected to ${first.data.agentId}, ${pop.data.agentId} asked with ${card}, ${alone}, transferred to ${moved.data.target}, ${same}`;
  },
};
