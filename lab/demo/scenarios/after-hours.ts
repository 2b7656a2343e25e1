import { people, type Scenario } from '../scenario.ts';

export const afterHours: Scenario = {
  name: 'after hours',
  title: 'The number is closed: the caller hears the message and goes to the fallback of the dialplan',
  expected: 'closed, to dialplan:ringmaster-fallback,s,1 after the message, hung up by the PBX',
  async run(stage) {
    const { room } = stage.site;
    await room.signIn('li');
    const caller = stage.dial('4009', people.standard);
    const callId = await stage.callOfCustomer(people.standard);
    const { data } = await room.waitFor('call.overflowed.v1', (event) => event.data.call.id === callId);
    const { talkMs = 0, endedBy } = await caller.ended;
    // The message is 700 ms long, what the fallback plays 500.
    const heard = talkMs > 1_100 ? 'after the message' : `after ${Math.round(talkMs)} ms`;
    return `${data.reason}, to ${data.target} ${heard}, hung up by the ${endedBy === 'callee' ? 'PBX' : 'caller'}`;
  },
};
