import { people, type Scenario } from '../scenario.ts';

export const callerGivesUp: Scenario = {
  name: 'caller gives up',
  title: 'Nobody is signed in; the caller hangs up while waiting',
  expected: 'ended abandoned, never offered',
  async run(stage) {
    const { room } = stage.site;
    const call = stage.dial('4001', people.silver);
    const callId = await stage.callOfCustomer(people.silver);
    await room.waitFor('call.queued.v1', ({ data }) => data.call.id === callId);
    call.hangUp();
    const ended = await room.waitFor('call.ended.v1', ({ data }) => data.call.id === callId);
    const offered = room.ofCall(callId).some((event) => event.type === 'call.offered.v1');
    return `ended ${ended.data.reason}, ${offered ? 'offered' : 'never offered'}`;
  },
};
