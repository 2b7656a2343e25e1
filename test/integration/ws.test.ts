import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { keySecret, StreamReader } from './support/stream-reader.ts';
import { Site } from './support/site.ts';

const secrets = { wallboard: keySecret(), crm: keySecret(), li: keySecret() };

let site: Site;

beforeAll(async () => {
  site = await Site.open({
    locals: { answer: 6 },
    agents: [{ id: 'li', endpoint: 'Local/answer91@lab-agents' }],
    apiKeys: [
      { id: 'wallboard', kind: 'integration', scopes: ['events:read'], secret: secrets.wallboard },
      { id: 'crm', kind: 'integration', scopes: ['events:read:pii'], secret: secrets.crm },
      { id: 'li', kind: 'agent', agent: 'li', scopes: ['events:read', 'calls:read'], secret: secrets.li },
    ],
  });
});

afterAll(() => site?.[Symbol.asyncDispose]());

afterEach(() => site.clear());

const read = (id: keyof typeof secrets): Promise<StreamReader> =>
  StreamReader.open(site.server.url, `rmk_${id}_${secrets[id]}`);

it('a subscriber begins with what is alive, then hears what happens', async () => {
  const waiting = await site.enqueue();
  await using reader = await read('crm');
  const snapshot = await reader.frame('snapshot');
  expect(snapshot.calls).toMatchObject([{ call: { id: waiting.id, phase: 'waiting', callerNumber: waiting.number } }]);
  expect(snapshot.agents.map(({ id }) => id)).toContain('li');
  const agentId = await site.signIn('local-answer');
  const connected = await reader.event('call.connected.v1');
  expect(connected).toMatchObject({ data: { agentId, call: { id: waiting.id, callerNumber: waiting.number } } });
  expect(Number(connected.sequence)).toBeGreaterThan(Number(snapshot.sequence));
});

it('numbers are masked for a key that may not see them, in snapshot and events alike', async () => {
  const { id, number } = await site.enqueue();
  await using reader = await read('wallboard');
  const snapshot = await reader.frame('snapshot');
  await site.signIn('local-answer');
  await reader.event('call.connected.v1');
  expect(snapshot.calls).toMatchObject([{ call: { id } }]);
  expect(reader.texts.join('\n')).not.toContain(number);
  expect(reader.texts.join('\n')).toContain(id);
});

it('the key of an agent sees the agent’s own calls only', async () => {
  await using reader = await read('li');
  await reader.frame('snapshot');
  await site.signIn('local-answer');
  const other = await site.arrive();
  await site.see('call.connected.v1', other.id);
  await site.room.signIn('li');
  const own = await site.arrive();
  await site.see('call.connected.v1', own.id, ({ data }) => data.agentId === 'li');
  await reader.event('call.connected.v1');
  expect(reader.texts.join('\n')).toContain(own.id);
  expect(reader.texts.join('\n')).not.toContain(other.id);
});

it('a key that is wrong gets nothing', async () => {
  await expect(StreamReader.open(site.server.url, `rmk_li_${keySecret()}`)).rejects.toThrow('closed with 4401');
});
