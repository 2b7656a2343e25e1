import type { Scenario } from '../scenario.ts';
import { outside } from '../house.ts';

export const callbackKept: Scenario = {
  name: 'callback instead of waiting',
  title:
    'Nobody is free; the caller presses 1 and hangs up. Another one comes. Then Li signs in, and calls the first back',
  expected: 'place 1 told, ended callback, li calls back before the second caller, with the age of the first wait',
  async run(stage) {
    const { room } = stage.site;
    const call = stage.dialFrom('4006', outside.callback);
    const callId = await stage.callOf(outside.callback);
    const told = await room.waitFor('call.announced.v1', ({ data }) => data.call.id === callId);
    await room.waitFor('call.callback.offered.v1', ({ data }) => data.call.id === callId);
    await call.press('1');
    const asked = await room.waitFor('callback.requested.v1', ({ data }) => data.job.callback?.callId === callId);
    call.hangUp();
    const ended = await room.waitFor('call.ended.v1', ({ data }) => data.call.id === callId);
    const kept = await room.waitFor(
      'call.queued.v1',
      ({ data }) => data.call.direction === 'outbound' && data.call.callerNumber.endsWith(outside.callback),
    );
    const other = stage.dialFrom('4006', outside.second);
    const otherId = await stage.callOf(outside.second);
    await room.waitFor('call.queued.v1', ({ data }) => data.call.id === otherId);
    await room.signIn('li');
    const reached = await room.waitFor('callback.reached.v1', ({ data }) => data.job.id === asked.data.job.id);
    const connected = await room.waitFor('call.connected.v1', ({ data }) => data.call.id === kept.data.call.id);
    const isFirst = !room.ofCall(otherId).some((event) => event.type === 'call.offered.v1');
    await room.ask('POST', `/v1/calls/${kept.data.call.id}/hang-up`);
    other.hangUp();
    const isAge = kept.data.call.queuedAtMs === reached.data.job.callback?.queuedAtMs;
    return [
      `place ${told.data.position} told`,
      `ended ${ended.data.reason}`,
      `${connected.data.agentId} calls back ${isFirst ? 'before' : 'after'} the second caller`,
      `with the age of ${isAge ? 'the first' : 'another'} wait`,
    ].join(', ');
  },
};
