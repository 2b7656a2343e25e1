import { afterEach, describe, expect, it } from 'vitest';
import type { RecordingRule } from '../../src/call/index.ts';
import { settle } from '../support/fake-clock.ts';
import { House } from './house.ts';

let house: House;
afterEach(() => house.assertSound());

const care = {
  format: 'wav',
  announcement: [],
  announcementMaxMs: 5_000,
  pauseMaxMs: 60_000,
  lengthMaxMs: 3_600_000,
};

async function open(rule: RecordingRule): Promise<string> {
  house = await House.open({ recording: { ...care, rule } });
  const { id } = await house.talking();
  await house.clock.advance(5_000);
  return id;
}

const code = (outcome: { ok: boolean; code?: string }): string => (outcome.ok ? 'ok' : (outcome.code ?? ''));

describe('who may do what with a recording', () => {
  it('what a rule began an agent may pause, and only others may end', async () => {
    const id = await open({ kind: 'always' });
    const { control } = house.desk;
    expect(code(control.record(id, 'start', 'ann'))).toBe('call.recording_state');
    expect(code(control.record(id, 'stop', 'ann'))).toBe('call.recording_forbidden');
    expect(code(control.record(id, 'pause', 'bob'))).toBe('call.not_yours');
    expect(code(control.record(id, 'pause', 'ann'))).toBe('ok');
    expect([...house.pbx.recordings.values()]).toEqual(['silent']);
    expect(code(control.record(id, 'pause', 'ann'))).toBe('call.recording_state');
    expect(code(control.record(id, 'resume', 'ann'))).toBe('ok');
    expect(code(control.record(id, 'stop'))).toBe('ok');
    await settle();
    expect(house.pbx.recordings.size).toBe(0);
  });

  it('what the agent began the agent may end', async () => {
    const id = await open({ kind: 'onDemand' });
    const { control } = house.desk;
    expect(code(control.record(id, 'stop', 'ann'))).toBe('call.recording_state');
    expect(code(control.record(id, 'start', 'ann'))).toBe('ok');
    expect(code(control.record(id, 'stop', 'ann'))).toBe('ok');
  });

  it('nobody records what the rules forbid, or what has no rules', async () => {
    const id = await open({ kind: 'never' });
    expect(code(house.desk.control.record(id, 'start'))).toBe('call.recording_forbidden');
    house.kill();
    house = await House.open();
    const { id: other } = await house.talking();
    expect(code(house.desk.control.record(other, 'start'))).toBe('call.recording_forbidden');
  });
});

describe('what is kept of a recording', () => {
  it('is written with the event that began or ended it', async () => {
    const id = await open({ kind: 'always' });
    expect(house.journal.state('recording', `${id}.recording1`)).toMatchObject({ phase: 'live', callId: id });
    house.pbx.hangUp('caller-1');
    await settle();
    expect(house.journal.state('recording', `${id}.recording1`)).toMatchObject({
      phase: 'stopped',
      agentId: 'ann',
      byRule: true,
      file: `${id}.recording1.wav`,
    });
  });

  it('a refusal of the PBX is told, and the call goes on', async () => {
    house = await House.open({ recording: { ...care, rule: { kind: 'always' } } });
    house.pbx.refusals.set('record', { ok: false, failure: 'refused' });
    const { id } = await house.talking();
    await settle();
    expect(house.journal.types('call.recording')).toEqual(['call.recording.started.v1', 'call.recording.failed.v1']);
    expect(house.call.phase).toBe('talking');
    expect(house.journal.state('recording', `${id}.recording1`)).toMatchObject({ phase: 'failed' });
  });

  it('a server that starts again goes on with it, and watches its pause', async () => {
    const id = await open({ kind: 'always' });
    house.desk.control.record(id, 'pause', 'ann');
    await house.restart({ recording: { ...care, rule: { kind: 'always' } } });
    expect(house.call.recording).toMatchObject({ stage: 'paused' });
    await house.clock.advance(60_000);
    expect(house.journal.types('call.recording.pause.')).toEqual(['call.recording.pause.overdue.v1']);
  });
});
