import { appQueueNumbers } from '../app-queue.ts';
import { people, type Scenario } from '../scenario.ts';

export const besideAppQueue: Scenario = {
  name: 'beside app_queue',
  title: 'A caller waits in the PBX’s own Queue(), whose dialplan is as it was; then the agent pauses by feature code',
  needsAsterisk: true,
  expected: '王秀英 popped to li before the answer, connected to li, completed; li pauses for tea, and goes on',
  async run(stage) {
    const { room } = stage.site;
    await room.signIn('li');
    const call = stage.dial(appQueueNumbers.queue, people.vip);
    const callId = await stage.callOfCustomer(people.vip);
    const ofCall = ({ subject }: { readonly subject: string }): boolean => subject === `call/${callId}`;
    const offered = await room.waitFor('call.offered.v1', ofCall);
    const answered = await room.waitFor('call.answered.v1', ofCall);
    const connected = await room.waitFor('call.connected.v1', ofCall);
    call.hangUp();
    const ended = await room.waitFor('call.ended.v1', ofCall);
    const order = offered.sequence < answered.sequence ? 'before' : 'after';
    const from = room.events.length;
    const told = (presence: string) =>
      room.waitFor(
        'agent.state.v1',
        (event) =>
          room.events.indexOf(event) >= from &&
          event.data.agent.changedBy === 'app_queue' &&
          event.data.agent.presence === presence,
      );
    stage.dial(appQueueNumbers.pause, people.vip);
    const { agent } = (await told('paused')).data;
    stage.dial(appQueueNumbers.goOn, people.vip);
    await told('available');
    const name = offered.data.customer.customer?.name ?? 'nobody';
    const talk = `${name} popped to ${offered.data.agentId} ${order} the answer, connected to ${connected.data.agentId}`;
    return `${talk}, ${ended.data.reason}; ${agent.id} pauses for ${agent.pauseReason}, and goes on`;
  },
};
