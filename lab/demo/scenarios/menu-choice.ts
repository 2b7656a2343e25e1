import { people, type Scenario } from '../scenario.ts';

export const menuChoice: Scenario = {
  name: 'menu: wrong key, then billing',
  title: 'The caller is asked by keypad, presses 7, which leads nowhere, hears so, presses 2 and is served by billing',
  expected: 'asked again after wrongKey, chose 2 账单 Billing, connected to zhao of billing with topic bill',
  async run(stage) {
    const { room } = stage.site;
    await room.signIn('zhao');
    const caller = stage.dial('4008', people.silver2);
    const callId = await stage.callOfCustomer(people.silver2);
    const mine = ({ data }: { data: { call: { id: string } } }): boolean => data.call.id === callId;
    await room.waitFor('call.menu.asked.v1', mine);
    await caller.press('7');
    const again = await room.waitFor('call.menu.asked.v1', (event) => mine(event) && event.data.attempt === 2);
    await caller.press('2');
    const { data } = await room.waitFor('call.connected.v1', mine);
    const [step] = data.call.menuPath ?? [];
    return `asked again after ${again.data.reason}, chose ${step?.key} ${step?.label}, connected to ${data.agentId} of ${data.call.queueId} with topic ${data.call.data['topic']}`;
  },
};
