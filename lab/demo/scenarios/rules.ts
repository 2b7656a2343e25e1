import { people, type Scenario } from '../scenario.ts';

export const relaxation: Scenario = {
  name: 'relaxation',
  title: 'Nobody has the skill that the queue asks for; after two seconds less will do',
  expected: 'at first wang lacks skill:repair, after its step popped to wang, connected to wang',
  async run(stage) {
    const { room } = stage.site;
    await room.signIn('wang');
    stage.dial('4008000004', people.gold);
    const callId = await stage.callOfCustomer(people.gold);
    const queued = await room.waitFor('call.queued.v1', ({ data }) => data.call.id === callId);
    const why = await room.ask<{ agents: { agentId: string; reasons: string[] }[] }>('POST', '/v1/routing/explain', {
      callId,
    });
    const lacks = why.agents.find(({ agentId }) => agentId === 'wang')?.reasons.join() ?? 'nothing';
    const offered = await room.waitFor('call.offered.v1', ({ data }) => data.call.id === callId);
    const connected = await room.waitFor('call.connected.v1', ({ data }) => data.call.id === callId);
    const when = Date.parse(offered.time) - Date.parse(queued.time) >= 2_000 ? 'after its step' : 'too early';
    return `at first wang lacks ${lacks}, ${when} popped to ${offered.data.agentId}, connected to ${connected.data.agentId}`;
  },
};

export const stickyAgent: Scenario = {
  name: 'sticky agent',
  title: 'A customer rings again: the agent who talked last is asked first, though another has been idle for longer',
  expected: 'both times connected to the same agent',
  async run(stage) {
    const { room } = stage.site;
    await room.signIn('li', 'wang');
    const first = stage.dial('4008000005', people.silver2);
    const firstId = await stage.callOfCustomer(people.silver2);
    const { agentId } = (await room.waitFor('call.connected.v1', ({ data }) => data.call.id === firstId)).data;
    first.hangUp();
    await room.waitFor('call.ended.v1', ({ data }) => data.call.id === firstId);
    stage.dial('4008000005', people.silver2);
    const again = await room.waitFor(
      'call.connected.v1',
      ({ data: { call } }) => call.dialledNumber === '4008000005' && call.id !== firstId,
    );
    const same = again.data.agentId === agentId;
    return same ? 'both times connected to the same agent' : `connected to ${agentId}, then to ${again.data.agentId}`;
  },
};
