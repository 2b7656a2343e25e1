import { beforeEach, describe, expect, it } from 'vitest';
import { Patience } from '../../src/ari/patience.ts';
import type { PbxCommand } from '../../src/call/index.ts';
import { ManualClock, settled } from './support.ts';

const dial = (endpoint: string): PbxCommand => ({
  kind: 'dial',
  legId: 'new',
  endpoint,
  callerName: '',
  callerNumber: '',
  timeoutMs: 1_000,
  variables: {},
});
const answer: PbxCommand = { kind: 'answer', legId: 'a' };
const createBridge: PbxCommand = { kind: 'createBridge', bridgeId: 'b' };

describe('commands for which nobody waits', () => {
  let clock: ManualClock;
  let inFlight: number;
  let patience: Patience;
  let gone: string[];

  const add = (callId: string, kind: PbxCommand['kind'], endpoint?: string): void => {
    const run = (): void => {
      inFlight += 1;
      gone.push(`${callId} ${kind}`);
    };
    patience.add({ callId, kind, endpoint, run });
  };
  const answered = (): void => {
    inFlight -= 1;
    patience.drain();
  };

  beforeEach(() => {
    clock = new ManualClock();
    inFlight = 0;
    gone = [];
    patience = new Patience(clock, () => inFlight);
  });

  it('go in their order when the turn is over and the PBX has little to do', async () => {
    add('1', 'ring');
    add('2', 'hangup', 'PJSIP/1');
    expect(gone).toEqual([]);
    await settled();
    expect(gone).toEqual(['1 ring', '2 hangup']);
    clock.advance(1_000);
    expect(gone).toHaveLength(2);
  });

  it('go one for each answer while it has enough to do', async () => {
    inFlight = 3;
    add('1', 'hangup', 'PJSIP/1');
    add('1', 'destroyBridge');
    await settled();
    answered();
    expect(gone).toEqual([]);
    answered();
    expect(gone).toEqual(['1 hangup']);
    answered();
    expect(gone).toEqual(['1 hangup', '1 destroyBridge']);
  });

  it('go after 300 ms though no answer came, and those after them have their own', async () => {
    inFlight = 9;
    add('1', 'ring');
    clock.advance(200);
    add('2', 'ring');
    clock.advance(99);
    expect(gone).toEqual([]);
    clock.advance(1);
    expect(gone).toEqual(['1 ring', '2 ring']);
    add('3', 'ring');
    clock.advance(299);
    expect(gone).toHaveLength(2);
    clock.advance(1);
    expect(gone).toHaveLength(3);
    await settled();
    expect(gone).toHaveLength(3);
  });

  it.each<[string, string, PbxCommand, readonly string[]]>([
    ['a dial leaves what its caller is given behind', '1', dial('PJSIP/9'), ['1 destroyBridge']],
    ['a new bridge comes after the end of the old', '1', createBridge, ['1 destroyBridge']],
    ['anything else of the call comes after all', '1', answer, ['1 ring', '1 destroyBridge']],
    ['a phone is hung up before it is dialled for somebody else', '3', dial('PJSIP/1'), ['2 hangup']],
    ['other calls wait for nothing', '3', answer, []],
  ])('%s', (_what, callId, command, before) => {
    inFlight = 9;
    add('1', 'ring');
    add('1', 'destroyBridge');
    add('2', 'hangup', 'PJSIP/1');
    patience.before(callId, command);
    expect(gone).toEqual(before);
    patience.flush();
    expect(gone).toHaveLength(3);
  });
});
