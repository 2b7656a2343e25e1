import { people, type Scenario } from '../scenario.ts';

export const vipOvertakes: Scenario = {
  name: 'VIP overtakes three waiting callers',
  title: 'Everybody is busy; three customers wait, then the platinum customer 王秀英 rings',
  expected: 'served in the order vip, 1, 2, 3',
  async run(stage) {
    const { room } = stage.site;
    // Each is worth less than the one before, so that among the three it is the wait that decides.
    const waiting = [people.silver2, people.silver, people.standard];
    const names = new Map<string, string>();
    for (const [index, customer] of [...waiting, people.vip].entries()) {
      stage.dial('4001', customer);
      const callId = await stage.callOfCustomer(customer);
      await room.waitFor('call.queued.v1', ({ data }) => data.call.id === callId);
      names.set(callId, customer === people.vip ? 'vip' : String(index + 1));
    }
    await room.signIn('li');
    const order: string[] = [];
    for (let served = 0; served < names.size; served += 1) {
      const connected = await room.waitFor(
        'call.connected.v1',
        ({ data }) => names.has(data.call.id) && !order.includes(names.get(data.call.id) ?? ''),
      );
      order.push(names.get(connected.data.call.id) ?? '?');
      await room.ask('POST', `/v1/calls/${connected.data.call.id}/hang-up`);
    }
    return `served in the order ${order.join(', ')}`;
  },
};
