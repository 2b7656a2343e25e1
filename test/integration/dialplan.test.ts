import { createServer as createHttpServer } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { freeTcpPort, installSnippets, snippetSecrets, type SnippetWay, snippetWays } from '../../lab/index.ts';
import { entry, queue, Site } from './support/site.ts';

const boundMs = 800;
/** What the fallback of these snippets answers (Congestion); nothing else here does. */
const fellBack = 503;
const allWays = Object.keys(snippetWays) as SnippetWay[];
const by = (way: SnippetWay, number: string): string => `8${snippetWays[way]}${number}`;
/** The same snippets, asking a server that is nobody's friend. */
const byHostile = (way: SnippetWay): string => `9${snippetWays[way]}4001`;

/** A server that says what it is told to, over HTTP and over AGI, and notes what it was asked. */
async function startHostile() {
  const state = { answer: '', asked: [] as string[] };
  const http = createHttpServer((request, response) => {
    state.asked.push(request.url ?? '');
    if (state.answer !== 'silence') response.end(state.answer);
  });
  const agi = createTcpServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => {
      if (state.answer === 'silence') return;
      socket.end(`SET VARIABLE RM_ANSWER "${state.answer.replace(/["\\]/g, '\\$&')}"\n`);
    });
  });
  await Promise.all([http, agi].map((server) => new Promise<void>((done) => server.listen(0, '127.0.0.1', done))));
  const portOf = (server: typeof http | typeof agi): number => (server.address() as AddressInfo).port;
  return {
    state,
    httpPort: portOf(http),
    agiPort: portOf(agi),
    close() {
      http.closeAllConnections();
      http.close();
      agi.close();
    },
  };
}

describe('the snippets, in a real dialplan with real calls', () => {
  let site: Site;
  let fake: Awaited<ReturnType<typeof startHostile>>;

  beforeAll(async () => {
    const agiPort = await freeTcpPort();
    site = await Site.open({
      phones: { desk: { count: 8, behaviour: 'answer' } },
      agents: ['curl', 'agi'].map((id, at) => ({
        id,
        endpoint: `Local/answer${at + 1}@lab-agents`,
        queues: ['locals'],
      })),
      numbers: [entry, { ...entry, id: 'locals', number: '4002', queue: 'locals' }],
      queues: [queue, { ...queue, id: 'locals' }],
      phoneQueues: () => ['support'],
      directory: 'number,id,name,blacklisted\n13900019999,B-1,Blocked,true\n',
      advice: { keepMs: '2s', fastAgi: { port: agiPort, secret: snippetSecrets.agi } },
      apiKeys: [{ id: 'pbx', kind: 'pbx', scopes: ['dialplan:route'], secret: snippetSecrets.key }],
    });
    fake = await startHostile();
    const common = { boundMs, fallback: 'Congestion(1)' };
    await installSnippets(site.asterisk, {
      ...common,
      flavour: 'asterisk',
      prefix: 'snippet',
      digit: '8',
      url: site.server.url,
      agiPort,
    });
    const url = `http://127.0.0.1:${fake.httpPort}`;
    await installSnippets(site.asterisk, {
      ...common,
      flavour: 'freepbx',
      prefix: 'hostile',
      digit: '9',
      url,
      agiPort: fake.agiPort,
    });
  });
  afterAll(async () => {
    fake?.close();
    await site?.[Symbol.asyncDispose]();
  });
  afterEach(() => site.clear());

  /** The status with which the call was refused, or 200 with what it is now. */
  const place = async (target: string, number?: string) => {
    const { sip, number: from } = site.dial({ target, ...(number === undefined ? {} : { number }) });
    return { status: await sip.answered, from, sip };
  };

  it.each(['entry', 'broadcast'] as const)('%s: the call is ours, and no limit ends it later', async (way) => {
    await site.signIn('desk');
    const { id, sip, number } = await site.arrive({ target: by(way, '4001') });
    await site.see('call.connected.v1', id);
    const channels = await site.asterisk.cli('core show channels concise');
    const caller =
      channels
        .split('\n')
        .find((line) => line.includes(number))
        ?.split('!')[0] ?? '';
    const left = await site.asterisk.cli(`core show channel ${caller}`);
    expect(left).toMatch(/WhenToHangup: *none|Time to Hangup: *0/);
    sip.hangUp();
  });

  it.each(['curl', 'agi'] as const)('%s: the agent is popped, the dialplan rings the phone', async (way) => {
    const agentId = await site.signIn('desk');
    const { status, from } = await place(by(way, '4001'));
    expect(status).toBe(200);
    const advised = await site.room.waitFor('route.advised.v1', ({ data }) => data.advice.callerNumber === from);
    expect(advised.data.advice).toMatchObject({
      via: way === 'curl' ? 'http' : 'fastagi',
      action: 'agent',
      agentId,
      queueId: 'support',
      entryId: 'hotline',
      nodeId: 'pbx1',
    });
    expect(await site.liveCalls()).toEqual([]);
  });

  it.each(['curl', 'agi'] as const)(
    '%s: with nobody free the call waits with us, under the id of the advice',
    async (way) => {
      const { number, sip } = site.dial({ target: by(way, '4001') });
      const advised = await site.room.waitFor('route.advised.v1', ({ data }) => data.advice.callerNumber === number);
      expect(advised.data.advice.action).toBe('queue');
      await site.see('call.queued.v1', advised.data.advice.callId);
      sip.hangUp();
    },
  );

  it('two calls that ask at once get two agents', async () => {
    const agents = [await site.signIn('desk'), await site.signIn('desk')];
    const calls = [site.dial({ target: by('curl', '4001') }), site.dial({ target: by('agi', '4001') })];
    await Promise.all(calls.map(({ sip }) => sip.answered));
    const told = calls.map(({ number }) =>
      site.room.waitFor('route.advised.v1', ({ data }) => data.advice.callerNumber === number),
    );
    const got = (await Promise.all(told)).map(({ data }) => data.advice.agentId);
    expect(new Set(got)).toEqual(new Set(agents));
  });

  it.each(['curl', 'agi'] as const)('%s: a caller of the blacklist is refused', async (way) => {
    expect((await place(by(way, '4001'), '13900019999')).status).toBe(403);
  });

  it.each(['curl', 'agi'] as const)(
    '%s: an agent whose phone the snippet must not dial is not dialled',
    async (way) => {
      await site.room.signIn(way);
      expect((await place(by(way, '4002'))).status).toBe(fellBack);
    },
  );

  it.each(['1390001&PJSIP', '1390001,9', '1390001;x', '139$(x)'])(
    'a caller id that injects (%s) is cleaned on the way',
    async (number) => {
      for (const way of ['curl', 'agi'] as const) {
        const seen = site.room.events.length;
        const { sip } = site.dial({ target: by(way, '4001'), number });
        const advised = await site.room.waitFor('route.advised.v1', (event) => site.room.events.indexOf(event) >= seen);
        expect(advised.data.advice.callerNumber).toMatch(/^139[0-9A-Za-z]*$/);
        sip.hangUp();
      }
    },
  );

  it.each(allWays)('%s: an entry that nobody knows goes to the fallback', async (way) => {
    // What Stasis() is given is ours, whatever it is: there the caller is refused as busy.
    const expected = way === 'entry' ? 486 : fellBack;
    expect((await place(by(way, '4777'))).status).toBe(expected);
  });

  describe('answers from hell', () => {
    const answers = [
      '',
      'RM1',
      'RM2|agent|PJSIP/1001|support|rm-1|20|||',
      'RM1|agent|PJSIP/1001|support|rm-1|20||',
      'RM1|agent|PJSIP/1001|support|rm-1|20||||',
      'RM1|agent|PJSIP/1001&PJSIP/1002|support|rm-1|20|||',
      'RM1|agent|PJSIP/1001,30,g|support|rm-1|20|||',
      'RM1|agent|PJSIP/13800000000@trunk|support|rm-1|20|||',
      'RM1|agent|Local/1001@from-internal|support|rm-1|20|||',
      'RM1|agent|PJSIP/|support|rm-1|20|||',
      'RM1|agent|PJSIP/1001|support|rm-1|0|||',
      'RM1|agent|PJSIP/1001|support|rm-1||||',
      'RM1|agent|PJSIP/${SHELL(touch /tmp/x)}|support|rm-1|20|||',
      'RM1|agent|PJSIP/$[1000+1]|support|rm-1|20|||',
      'RM1|agent|PJSIP/1001|support|rm-1|20|||\r\nRM1|queue||support|rm-1||||',
      'RM1|agent" = "agent"]?agent|PJSIP/1001|support|rm-1|20|||',
      'RM1|hangup||support|rm-1||||',
      '<html><body>502 Bad Gateway</body></html>',
      ')}${HANGUPCAUSE}',
      '中文'.repeat(50),
      `RM1|agent|PJSIP/${'1'.repeat(3_000)}|support|rm-1|20|||`,
      'silence',
    ];

    it.each(['curl', 'agi'] as const)('%s: none is believed, the caller is at the fallback', async (way) => {
      // AGI carries one line: what ends it is cut by the fake server itself.
      const sent = way === 'curl' ? answers : answers.filter((answer) => !/[\r\n]/.test(answer));
      const got: [string, number][] = [];
      for (const answer of sent) {
        fake.state.answer = answer;
        got.push([answer, (await place(byHostile(way))).status]);
      }
      expect(got).toEqual(sent.map((answer) => [answer, fellBack]));
    });

    it('and a good one is', async () => {
      fake.state.answer = 'RM1|agent|PJSIP/1001|support|rm-1|20|||';
      expect((await place(byHostile('curl'))).status).toBe(200);
      expect((await place(byHostile('agi'))).status).toBe(200);
    });
  });

  it('with the server hung, every way is at the fallback, and the server goes on afterwards', async () => {
    process.kill(site.server.pid, 'SIGSTOP');
    try {
      const got = await Promise.all(allWays.map(async (way) => [way, (await place(by(way, '4001'))).status]));
      expect(got).toEqual(allWays.map((way) => [way, fellBack]));
    } finally {
      process.kill(site.server.pid, 'SIGCONT');
    }
    await site.signIn('desk');
    expect((await place(by('curl', '4001'))).status).toBe(200);
  });

  it('with the server stopped, every way is at the fallback', async () => {
    await site.clear();
    await site.server.terminate();
    const got = await Promise.all(allWays.map(async (way) => [way, (await place(by(way, '4001'))).status]));
    expect(got).toEqual(allWays.map((way) => [way, fellBack]));
    await site.server.start();
    await site.reopen();
  });

  it('whom it had claimed a server finds again after a kill', async () => {
    await site.signIn('desk');
    const talking = await site.arrive({ target: by('broadcast', '4001') });
    await site.see('call.connected.v1', talking.id);
    await site.server.kill9();
    await site.server.start();
    await site.reopen();
    await expect.poll(async () => (await site.liveCalls()).map(({ phase }) => phase)).toEqual(['talking']);
    expect((await site.bridges()).map(({ channels }) => channels.length)).toEqual([2]);
    talking.sip.hangUp();
    expect((await site.ended(talking.id)).data.reason).toBe('completed');
  });
});
