import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createFastAgiServer, type FastAgiOptions, type FastAgiServer } from '../../../src/advice/fastagi/server.ts';
import type { Advice, AdviceQuestion } from '../../../src/bridge/index.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { notingLogger } from '../../http/support.ts';

const advice: Advice = {
  callId: 'rm-1',
  customer: { status: 'none', source: 'nobody' },
  placement: { action: 'queue', queueId: 'support' },
};
const options: FastAgiOptions = {
  host: '127.0.0.1',
  port: 0,
  allow: ['127.0.0.0/8'],
  secret: 'the right secret',
  connectionsMax: 5,
  deadlineMs: 1_000,
};

/** Also when the other side breaks it off. */
const closing = (socket: Socket): Promise<void> => new Promise((resolve) => socket.once('close', () => resolve()));

describe('the FastAGI server', () => {
  let server: FastAgiServer | undefined;
  afterEach(() => server?.close());

  async function open(part: Partial<FastAgiOptions> = {}, answer: () => Promise<Advice> = async () => advice) {
    const asked: AdviceQuestion[] = [];
    const clock = new FakeClock();
    const logger = notingLogger();
    const ask = (question: AdviceQuestion): Promise<Advice> => {
      asked.push(question);
      return answer();
    };
    server = createFastAgiServer({ ...options, ...part }, { ask, clock, logger });
    const port = await server.listen();
    return { asked, clock, logger, port };
  }

  const call = async (port: number, replies = ''): Promise<Socket> => {
    // As Asterisk, which goes on with what it has read after the other side has ended.
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    socket.setEncoding('utf8').on('error', () => undefined);
    socket.on('end', () => socket.end(replies)).resume();
    await once(socket, 'connect');
    return socket;
  };
  const environment = (args: readonly string[], caller = '13800138000'): string =>
    [
      'agi_network: yes',
      'agi_request: agi://127.0.0.1/route',
      'agi_uniqueid: 1700000000.1',
      `agi_callerid: ${caller}`,
      'agi_dnid: unknown',
      'agi_extension: 4001',
      ...args.map((arg, index) => `agi_arg_${index + 1}: ${arg}`),
      '',
      '',
    ].join('\n');

  /** Everything that the server says; answers each command as Asterisk does. */
  async function converse(port: number, text: string, replies = '200 result=1\n'.repeat(9)): Promise<string> {
    const socket = await call(port, replies);
    let said = '';
    socket.on('data', (chunk: string) => {
      said += chunk;
    });
    socket.write(text);
    await closing(socket);
    return said;
  }

  it('answers with channel variables and closes', async () => {
    const { asked, port } = await open();
    const said = await converse(port, environment(['secret=the right secret', 'customer=1']));
    expect(said).toContain('SET VARIABLE RM_ACTION "queue"\n');
    expect(said.trimEnd().split('\n').at(-1)).toBe('SET VARIABLE RM_ANSWER "RM1|queue||support|rm-1||||"');
    expect(asked).toEqual([
      {
        via: 'fastagi',
        callerNumber: '13800138000',
        dialledNumber: '4001',
        entry: '4001',
        uniqueId: '1700000000.1',
        nodeId: undefined,
      },
    ]);
  });

  it.each([
    ['no secret', []],
    ['a wrong secret', ['secret=the wrong secret']],
  ])('tells nothing to who brings %s', async (_name, args) => {
    const { asked, port, logger } = await open();
    expect(await converse(port, environment(args))).toBe('');
    expect(asked).toEqual([]);
    expect(logger.lines.at(-1)?.fields).toMatchObject({ code: 'dialplan.agi_refused' });
  });

  it('tells nothing to an address that is not allowed', async () => {
    const { port } = await open({ allow: ['10.0.0.0/8'] });
    const socket = await call(port);
    await closing(socket);
    expect(socket.bytesRead).toBe(0);
  });

  it.each([
    ['a caller’s number that injects', ['number=1&PJSIP/2'], 'dialplan.bad_number'],
    ['an unknown argument', ['colour=red'], 'dialplan.bad_argument'],
    ['an argument twice', ['entry=a', 'entry=b'], 'dialplan.bad_argument'],
  ])('sends the call to its fallback with a code for %s', async (_name, args, code) => {
    const { asked, port } = await open();
    const said = await converse(port, environment(['secret=the right secret', ...args]));
    expect(said).toBe(`SET VARIABLE RM_CODE "${code}"\nSET VARIABLE RM_ACTION "fallback"\n`);
    expect(asked).toEqual([]);
  });

  it('closes at what is not AGI', async () => {
    const { port } = await open();
    expect(await converse(port, 'GET / HTTP/1.1\r\n\r\n')).toBe('');
  });

  it('closes at its deadline, whether the PBX says nothing or the answer does not come', async () => {
    const { clock, port } = await open({}, () => new Promise(() => {}));
    const silent = await call(port);
    const asking = await call(port);
    asking.write(environment(['secret=the right secret']));
    const closed = Promise.all([closing(silent), closing(asking)]);
    while (clock.pendingTimers < 2) await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(1_000);
    await closed;
    expect(clock.pendingTimers).toBe(0);
  });

  it('closes without an answer when the caller hangs up, and when asking fails', async () => {
    const { port, logger } = await open({}, () => Promise.reject(new Error('defect')));
    expect(await converse(port, environment(['secret=the right secret']))).toBe('');
    expect(logger.lines.at(-1)?.message).toBe('FastAGI question refused');
    expect(await converse(port, `agi_request: x\n\nHANGUP\n`)).toBe('');
  });

  it('says when the PBX does not take what it is told', async () => {
    const { port, logger } = await open();
    await converse(port, environment(['secret=the right secret']), '510 Invalid or unknown command\n');
    while (logger.lines.length === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(logger.lines[0]?.fields).toEqual({ status: 510 });
  });

  it('says when its port is taken', async () => {
    const { port } = await open();
    const second = createFastAgiServer(
      { ...options, port },
      { ask: async () => advice, clock: new FakeClock(), logger: notingLogger() },
    );
    await expect(second.listen()).rejects.toMatchObject({ code: 'dialplan.agi_port_taken' });
    await second.close();
  });
});
