import { createServer as createHttpServer } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { freeTcpPort } from '../../lab/index.ts';
import { runDialplanCommand } from '../../src/install/index.ts';
import { entry, queue, Site } from './support/site.ts';

const presetsDir = join(import.meta.dirname, '../../config/presets/asterisk');
const keySecret = 'k'.repeat(40);
const agiSecret = 'agi-secret-of-the-lab';
const boundMs = 800;
/** What the fallback of these snippets answers; nothing else here does. */
const fellBack = 503;

/** The ways into Ringmaster, by the number before the one dialled. */
const ways = { entry: '81', broadcast: '82', curl: '83', agi: '84' } as const;
type Way = keyof typeof ways;
const allWays = Object.keys(ways) as Way[];
/** The same snippets, asking a server that is nobody's friend. */
const hostile = { curl: '93', agi: '94' } as const;

const fromTrunk = [
  '[from-trunk](+)',
  ...allWays.map((way) => `exten => _${ways[way]}X.,1,Goto(snippet-${way},\${EXTEN:2},1)`),
  ...(['curl', 'agi'] as const).map((way) => `exten => _${hostile[way]}X.,1,Goto(hostile-${way},\${EXTEN:2},1)`),
  '[lab-fell]',
  'exten => s,1,Congestion(1)',
].join('\n');

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

  /** Installs into a copy of the lab's files, renames the contexts, and has the lab's Asterisk read them. */
  async function install(prefix: string, url: string, agiPort: number): Promise<void> {
    const etc = join(site.asterisk.runDir, 'etc');
    const copy = mkdtempSync(join(tmpdir(), 'ringmaster-snippets-'));
    for (const name of ['ari.conf', 'manager.conf', 'extensions.conf']) copyFileSync(join(etc, name), join(copy, name));
    await runDialplanCommand(
      ['install', '--flavour', 'asterisk', '--dir', copy, '--yes', '--url', url].concat([
        '--agi',
        `127.0.0.1:${agiPort}`,
        '--fallback',
        'lab-fell,s,1',
        '--bound',
        String(boundMs),
      ]),
      {
        env: {
          RINGMASTER_ARI_PASSWORD: 'not-used-here',
          RINGMASTER_AMI_SECRET: 'not-used-here',
          RINGMASTER_PBX_KEY: `rmk_pbx_${keySecret}`,
          RINGMASTER_AGI_SECRET: agiSecret,
        },
        presetsDir,
        print: () => undefined,
        confirm: undefined,
      },
    );
    const snippet = readFileSync(join(copy, 'ringmaster_extensions.conf'), 'utf8').replaceAll(
      'ringmaster-',
      `${prefix}-`,
    );
    writeFileSync(join(etc, `${prefix}.conf`), snippet);
    const main = join(etc, 'extensions.conf');
    writeFileSync(main, `${readFileSync(main, 'utf8')}\n#include "${prefix}.conf"\n`);
    rmSync(copy, { recursive: true });
  }

  beforeAll(async () => {
    const agiPort = await freeTcpPort();
    site = await Site.open({
      phones: { desk: { count: 8, behaviour: 'answer' } },
      agents: ['curl', 'agi'].map((id, at) => ({
        id,
        endpoint: `Local/answer${at + 1}@lab-agents`,
        queues: ['locals'],
      })),
      dialplan: fromTrunk,
      numbers: [entry, { ...entry, id: 'locals', number: '4002', queue: 'locals' }],
      queues: [queue, { ...queue, id: 'locals' }],
      phoneQueues: () => ['support'],
      directory: 'number,id,name,blacklisted\n13900019999,B-1,Blocked,true\n',
      advice: { keepMs: '2s', fastAgi: { port: agiPort, secret: agiSecret } },
      apiKeys: [{ id: 'pbx', kind: 'integration', scopes: ['dialplan:route'], secret: keySecret }],
    });
    fake = await startHostile();
    await install('snippet', site.server.url, agiPort);
    await install('hostile', `http://127.0.0.1:${fake.httpPort}`, fake.agiPort);
    await site.asterisk.cli('dialplan reload');
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
    const { id, sip, number } = await site.arrive({ target: `${ways[way]}4001` });
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
    const { status, from } = await place(`${ways[way]}4001`);
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
      const { number, sip } = site.dial({ target: `${ways[way]}4001` });
      const advised = await site.room.waitFor('route.advised.v1', ({ data }) => data.advice.callerNumber === number);
      expect(advised.data.advice.action).toBe('queue');
      await site.see('call.queued.v1', advised.data.advice.callId);
      sip.hangUp();
    },
  );

  it('two calls that ask at once get two agents', async () => {
    const agents = [await site.signIn('desk'), await site.signIn('desk')];
    const calls = [site.dial({ target: `${ways.curl}4001` }), site.dial({ target: `${ways.agi}4001` })];
    await Promise.all(calls.map(({ sip }) => sip.answered));
    const told = calls.map(({ number }) =>
      site.room.waitFor('route.advised.v1', ({ data }) => data.advice.callerNumber === number),
    );
    const got = (await Promise.all(told)).map(({ data }) => data.advice.agentId);
    expect(new Set(got)).toEqual(new Set(agents));
  });

  it.each(['curl', 'agi'] as const)('%s: a caller of the blacklist is refused', async (way) => {
    expect((await place(`${ways[way]}4001`, '13900019999')).status).toBe(403);
  });

  it.each(['curl', 'agi'] as const)(
    '%s: an agent whose phone the snippet must not dial is not dialled',
    async (way) => {
      await site.room.signIn(way);
      expect((await place(`${ways[way]}4002`)).status).toBe(fellBack);
    },
  );

  it.each(['1390001&PJSIP', '1390001,9', '1390001;x', '139$(x)'])(
    'a caller id that injects (%s) is cleaned on the way',
    async (number) => {
      for (const way of ['curl', 'agi'] as const) {
        const seen = site.room.events.length;
        const { sip } = site.dial({ target: `${ways[way]}4001`, number });
        const advised = await site.room.waitFor('route.advised.v1', (event) => site.room.events.indexOf(event) >= seen);
        expect(advised.data.advice.callerNumber).toMatch(/^139[0-9A-Za-z]*$/);
        sip.hangUp();
      }
    },
  );

  it.each(allWays)('%s: an entry that nobody knows goes to the fallback', async (way) => {
    // What Stasis() is given is ours, whatever it is: there the caller is refused as busy.
    const expected = way === 'entry' ? 486 : fellBack;
    expect((await place(`${ways[way]}4777`)).status).toBe(expected);
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
        got.push([answer, (await place(`${hostile[way]}4001`)).status]);
      }
      expect(got).toEqual(sent.map((answer) => [answer, fellBack]));
    });

    it('and a good one is', async () => {
      fake.state.answer = 'RM1|agent|PJSIP/1001|support|rm-1|20|||';
      expect((await place(`${hostile.curl}4001`)).status).toBe(200);
      expect((await place(`${hostile.agi}4001`)).status).toBe(200);
    });
  });

  it('with the server hung, every way is at the fallback, and the server goes on afterwards', async () => {
    process.kill(site.server.pid, 'SIGSTOP');
    try {
      const got = await Promise.all(allWays.map(async (way) => [way, (await place(`${ways[way]}4001`)).status]));
      expect(got).toEqual(allWays.map((way) => [way, fellBack]));
    } finally {
      process.kill(site.server.pid, 'SIGCONT');
    }
    await site.signIn('desk');
    expect((await place(`${ways.curl}4001`)).status).toBe(200);
  });

  it('with the server stopped, every way is at the fallback', async () => {
    await site.clear();
    await site.server.terminate();
    const got = await Promise.all(allWays.map(async (way) => [way, (await place(`${ways[way]}4001`)).status]));
    expect(got).toEqual(allWays.map((way) => [way, fellBack]));
    await site.server.start();
    await site.reopen();
  });
});
