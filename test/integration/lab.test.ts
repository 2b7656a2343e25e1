import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type CallResult,
  type CallsOptions,
  type LabAsterisk,
  type PhoneOptions,
  placeCalls,
  placeSippCalls,
  SipCaller,
  type SippPhone,
  startAsterisk,
  startPhone,
} from '../../lab/index.ts';

/** Writes down how Dial() to an agent without SIP ended. */
const dialplan = `[lab-test]
exten => hold,1,Wait(60)
exten => _[a-z].,1,Dial(Local/\${EXTEN}@lab-agents,1,gL(300))
 same => n,Set(DB(lab/\${EXTEN})=\${DIALSTATUS})`;

let asterisk: LabAsterisk;
let phone: SippPhone | undefined;

beforeAll(async () => {
  asterisk = await startAsterisk({ phones: 1, qualifySeconds: 0, dialplan });
});

afterAll(async () => {
  await phone?.stop();
  await asterisk?.stop();
});

/** Calls the first phone, while it behaves so, through Dial(). */
async function callPhone(behaviour: PhoneOptions, options: Partial<CallsOptions> = {}): Promise<CallResult> {
  await startFirstPhone(behaviour);
  return call('71001', options);
}

async function startFirstPhone(behaviour: PhoneOptions): Promise<void> {
  await phone?.stop();
  phone = await startPhone({ ...behaviour, port: asterisk.phones[0]?.port ?? 0 });
}

async function call(target: string, options: Partial<CallsOptions> = {}): Promise<CallResult> {
  const [result] = await placeCalls(asterisk, { target, count: 1, ratePerSecond: 1, ...options });
  if (!result) throw new Error('no result');
  return result;
}

describe('a SIP call through Dial() to a sipp phone', () => {
  it('is answered, and ends when the caller hangs up', async () => {
    const result = await callPhone({ behaviour: 'answer' }, { holdMs: 50 });
    expect(result).toMatchObject({ outcome: 'connected', status: 200, endedBy: 'caller' });
    expect(result.answerMs).toBeGreaterThan(0);
  });

  it('is answered after ringing, and ends when the phone hangs up', async () => {
    const result = await callPhone({ behaviour: 'answer', answerAfterMs: 200, talkMs: 100 });
    expect(result).toMatchObject({ outcome: 'connected', endedBy: 'callee' });
    expect(result.answerMs).toBeGreaterThanOrEqual(200);
    expect(result.ringingMs).toBeLessThan(result.answerMs ?? 0);
  });

  it('is refused by a busy phone', async () => {
    expect(await callPhone({ behaviour: 'busy' })).toMatchObject({ outcome: 'refused', status: 486 });
  });

  it('is refused by a phone that declines: Asterisk turns its 603 into cause 21, which is 403', async () => {
    expect(await callPhone({ behaviour: 'decline' })).toMatchObject({ outcome: 'refused', status: 403 });
  });

  it('is cancelled by the caller when nobody answers', async () => {
    const result = await callPhone({ behaviour: 'noAnswer' }, { cancelAfterMs: 200 });
    expect(result).toMatchObject({ outcome: 'cancelled', status: 487, endedBy: 'caller' });
    expect(result.ringingMs).toBeDefined();
  });

  it('drops right after the answer', async () => {
    const result = await callPhone({ behaviour: 'answerThenDrop', talkMs: 20 });
    expect(result).toMatchObject({ outcome: 'connected', endedBy: 'callee' });
  });

  it('keeps a call that is hung up by hand apart from the others of one caller', async () => {
    await callPhone({ behaviour: 'answer' }, { holdMs: 10 });
    await using caller = await SipCaller.open(asterisk);
    const [first, second] = ['13900000001', '13900000002'].map((callerNumber) =>
      caller.call({ target: '71001', callerNumber }),
    );
    expect(await Promise.all([first?.answered, second?.answered])).toEqual([200, 200]);
    first?.hangUp();
    expect(await first?.ended).toMatchObject({ callerNumber: '13900000001', endedBy: 'caller' });
    // Asterisk answers the BYE before it has ended the call.
    await expect.poll(() => asterisk.cli('core show channels count'), { timeout: 5_000 }).toContain('1 active call\n');
    second?.hangUp();
    expect(await second?.ended).toMatchObject({ callerNumber: '13900000002', endedBy: 'caller' });
  });
});

describe('sipp as the caller agrees with our own', () => {
  it.each([
    [{ behaviour: 'answer' }, { behaviour: 'talk' }],
    [{ behaviour: 'answer', talkMs: 50 }, { behaviour: 'listen' }],
    [{ behaviour: 'busy' }, { behaviour: 'refused', status: 486 }],
    [{ behaviour: 'noAnswer' }, { behaviour: 'cancel' }],
  ] as const)('phone %j, caller %j', async (behaviour, caller) => {
    await startFirstPhone(behaviour);
    const calls = { ...caller, target: '71001', callerNumbers: ['13900000001'], count: 3, ratePerSecond: 20 };
    const { answerMs, ...counts } = await placeSippCalls(asterisk, calls);
    expect(counts).toEqual({ successful: 3, failed: 0 });
    const isAnswered = behaviour.behaviour === 'answer';
    expect(answerMs.map((ms) => ms !== undefined)).toEqual([isAnswered, isAnswered, isAnswered]);
  });

  it('counts calls that went otherwise', async () => {
    const calls = {
      target: '5002',
      callerNumbers: ['13900000001'],
      count: 2,
      ratePerSecond: 20,
      behaviour: 'talk',
    } as const;
    const none = { successful: 0, failed: 2, answerMs: [undefined, undefined] };
    expect(await placeSippCalls(asterisk, calls)).toEqual(none);
  });

  it('times each call, and takes the callers in turn', async () => {
    await startFirstPhone({ behaviour: 'answer', answerAfterMs: 150, talkMs: 2_000 });
    const callerNumbers = ['13900000001', '13900000002'];
    const calls = placeSippCalls(asterisk, {
      behaviour: 'talk',
      hesitateMs: 200,
      holdMs: 1_500,
      target: '71001',
      callerNumbers,
      count: 3,
      ratePerSecond: 20,
    });
    const shown = async () =>
      [...(await asterisk.cli('core show channels concise')).matchAll(/!1390000000(\d)!/g)].map(([, last]) => last);
    await expect.poll(async () => new Set(await shown()), { timeout: 10_000 }).toEqual(new Set(['1', '2']));
    const { answerMs } = await calls;
    expect(answerMs.map((ms) => ms !== undefined && ms >= 150 && ms < 5_000)).toEqual([true, true, true]);
  });
});

describe('the lab’s Asterisk', () => {
  it('falls back in the dialplan when no application is connected', async () => {
    expect(await call('4001')).toMatchObject({ outcome: 'connected', endedBy: 'callee' });
  });

  it('reaches the phone through app_queue too', async () => {
    await callPhone({ behaviour: 'answer' }, { holdMs: 10 });
    expect(await call('6000', { holdMs: 20 })).toMatchObject({ outcome: 'connected', endedBy: 'caller' });
  });

  it('has loaded every module of its list and complains of nothing at start', async () => {
    const modules = await asterisk.cli('module show');
    expect(modules).toContain('modules loaded');
    expect(modules).not.toContain('Not Running');
    const complaints = readFileSync(asterisk.logPath, 'utf8')
      .split('\n')
      .filter((line) => line.includes('ERROR'));
    expect(complaints).toEqual([]);
  });

  it('comes back with the same addresses after a kill', async () => {
    await using own = await startAsterisk({ phones: 1, dialplan: '[lab-targets](+)\nexten => 5999,1,Busy(1)' });
    const before = own.pid;
    await own.kill9();
    await own.restart();
    expect(own.pid).not.toBe(before);
    const [result] = await placeCalls(own, { target: '5999', count: 1, ratePerSecond: 1 });
    expect(result).toMatchObject({ outcome: 'refused', status: 486 });
  });
});

describe('agents and callers without SIP', () => {
  const authorization = () => `Basic ${btoa(`${asterisk.ariUser}:${asterisk.ariPassword}`)}`;

  /** Dials the agent from the dialplan, as a queue would, and gives what Dial() made of it. */
  async function dialStatus(agent: string): Promise<string> {
    const query = new URLSearchParams({ endpoint: `Local/${agent}@lab-test`, extension: 'hold', context: 'lab-test' });
    const answer = await fetch(`${asterisk.ariUrl}/channels?${query.toString()}`, {
      method: 'POST',
      headers: { authorization: authorization() },
    });
    expect(answer.status).toBe(200);
    const read = async () => (await asterisk.cli(`database get lab ${agent}`)).match(/Value: (\w+)/)?.[1] ?? '';
    await expect.poll(read, { timeout: 10_000 }).not.toBe('');
    return read();
  }

  it.each([
    ['answer7', 'ANSWER'],
    ['drop', 'ANSWER'],
    ['busy3', 'BUSY'],
    ['ringout', 'NOANSWER'],
    ['decline', 'CHANUNAVAIL'],
    ['gone', 'CHANUNAVAIL'],
  ])('%s ends Dial() with %s', async (agent, status) => {
    expect(await dialStatus(agent)).toBe(status);
  });
});
