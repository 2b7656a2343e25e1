import { people, type Scenario } from '../scenario.ts';

export const englishCaller: Scenario = {
  name: 'English caller through a two-level menu',
  title: 'Chooses English, presses 7, which leads nowhere, hears so in English, presses 2 and is served by billing',
  expected: 'topic asked in en, again after wrongKey in en, chose English › 账单 Billing, connected to zhao',
  async run(stage) {
    const { room } = stage.site;
    await room.signIn('zhao');
    const caller = stage.dial('4005', people.english2);
    const callId = await stage.callOfCustomer(people.english2);
    const asked = (menu: string, attempt: number) =>
      room.waitFor(
        'call.menu.asked.v1',
        ({ data }) => data.call.id === callId && data.menu === menu && data.attempt === attempt,
      );
    await asked('language', 1);
    await caller.press('2');
    const topic = await asked('topic', 1);
    await caller.press('7');
    const again = await asked('topic', 2);
    await caller.press('2');
    const { data } = await room.waitFor('call.connected.v1', (event) => event.data.call.id === callId);
    const path = (data.call.menuPath ?? []).map(({ label }) => label).join(' › ');
    return `topic asked in ${topic.data.call.language}, again after ${again.data.reason} in ${again.data.call.language}, chose ${path}, connected to ${data.agentId}`;
  },
};
