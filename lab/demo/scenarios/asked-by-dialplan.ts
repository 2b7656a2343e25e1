import { type SnippetWay, snippetWays } from '../../index.ts';
import { people, type Scenario, type Stage } from '../scenario.ts';

const by = (way: SnippetWay): string => `8${snippetWays[way]}4001`;

/** Asked by the dialplan, which then rings the phone itself: whom it was told, and whether that phone answered. */
async function asked(stage: Stage, way: SnippetWay, customer: number): Promise<string> {
  const { room } = stage.site;
  const from = room.events.length;
  const call = stage.dial(by(way), customer);
  const advised = await room.waitFor('route.advised.v1', (event) => room.events.indexOf(event) >= from);
  const { advice, customer: card } = advised.data;
  const answered = (await call.answered) === 200 ? 'answers' : 'does not answer';
  const pop = `${advice.agentId ?? advice.action} popped with ${card.customer?.name ?? card.status}`;
  call.hangUp();
  await call.ended;
  return `${pop}, the phone ${answered}`;
}

export const askedByCurl: Scenario = {
  name: 'dialplan asks by CURL',
  title: 'The dialplan keeps the call, asks by CURL() where it should go, and rings the phone itself',
  expected: 'li popped with 王秀英, the phone answers',
  async run(stage) {
    await stage.site.room.signIn('li');
    return asked(stage, 'curl', people.vip);
  },
};

export const askedByAgi: Scenario = {
  name: 'dialplan asks by FastAGI',
  title: 'The same by AGI(agi://…)',
  expected: 'li popped with 王秀英, the phone answers',
  async run(stage) {
    await stage.site.room.signIn('li');
    return asked(stage, 'agi', people.vip);
  },
};

export const claimed: Scenario = {
  name: 'StasisBroadcast',
  title: 'The dialplan offers the call to every server; Ringmaster claims it',
  expected: 'connected to li',
  async run(stage) {
    const { room } = stage.site;
    await room.signIn('li');
    stage.dial(by('broadcast'), people.standard);
    const callId = await stage.callOfCustomer(people.standard);
    const connected = await room.waitFor('call.connected.v1', ({ data }) => data.call.id === callId);
    return `connected to ${connected.data.agentId}`;
  },
};

/** Last of all: the server stops and is started again. */
export const serverStopped: Scenario = {
  name: 'server stopped',
  title: 'Nobody answers the dialplan: each way goes to its fallback; then the server is started again',
  expected: 'entry, broadcast, curl, agi at the fallback; afterwards li popped with 王秀英, the phone answers',
  async run(stage) {
    const { room, server } = stage.site;
    await server.terminate();
    const ways = Object.keys(snippetWays) as SnippetWay[];
    const calls = ways.map((way) => [way, stage.dial(by(way), people.silver)] as const);
    const fell: string[] = [];
    for (const [way, call] of calls) if ((await call.answered) === fallbackStatus) fell.push(way);
    await server.start();
    await room.connect();
    await room.signIn('li');
    return `${fell.join(', ')} at the fallback; afterwards ${await asked(stage, 'curl', people.vip)}`;
  },
};

const fallbackStatus = 503;
