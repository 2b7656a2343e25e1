import { createHash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { RecordingViewData } from '../../src/events/catalogue/index.ts';
import { type Caller, entry, queue, Site } from './support/site.ts';

let site: Site;

beforeAll(async () => {
  site = await Site.open({
    phones: { phone: { behaviour: 'answer', answerAfterMs: 30, count: 12 } },
    numbers: [
      { ...entry, recording: 'always' },
      { ...entry, id: 'asked', number: '4002', recording: 'onDemand' },
      { ...entry, id: 'never', number: '4003' },
    ],
    queues: [queue],
    recording: { pauseMaxMs: '1s', announcement: ['sound:beep'] },
  });
});
afterAll(async () => {
  await site?.[Symbol.asyncDispose]();
});
afterEach(() => site.clear());

async function talk(target: string): Promise<Caller> {
  await site.signIn('phone');
  const caller = await site.arrive({ target });
  await site.see('call.connected.v1', caller.id);
  return caller;
}

/** A tone of 620 Hz, two seconds long, that everybody in the bridge hears; the phones of the lab send no sound. */
async function sound({ id }: Caller): Promise<void> {
  expect((await askPbx('POST', `bridges/${id}.bridge/play?media=sound:menu`)).status).toBe(201);
}

/** Under load the PBX begins a recording some time after it said that it would. */
async function isRecorded({ id }: Caller): Promise<void> {
  await expect
    .poll(async () => (await askPbx('GET', `recordings/live/${id}.recording1`)).json(), { timeout: 5_000 })
    .toMatchObject({ state: 'recording' });
}

function askPbx(method: 'GET' | 'POST' | 'DELETE', path: string): Promise<Response> {
  const { ariUrl, ariUser, ariPassword } = site.asterisk;
  const authorization = `Basic ${btoa(`${ariUser}:${ariPassword}`)}`;
  return fetch(`${ariUrl}/${path}`, { method, headers: { authorization } });
}

const ready = (caller: Caller) =>
  site.room.waitFor('recording.ready.v1', ({ data }) => data.recording.callId === caller.id, 15_000);

async function fetchFile(id: string): Promise<Buffer> {
  const headers = { authorization: `Bearer ${site.server.key}` };
  const response = await fetch(`${site.server.url}/v1/recordings/${id}/file`, { headers });
  expect(response.status).toBe(200);
  return Buffer.from(await response.arrayBuffer());
}

/** How loud it is, by tenths of a second. */
function loudness(wav: Buffer): number[] {
  const samples = wav.subarray(44);
  return Array.from({ length: Math.floor(samples.length / 1600) }, (_, tenth) => {
    let sum = 0;
    for (let at = 0; at < 800; at += 1) sum += Math.abs(samples.readInt16LE(tenth * 1600 + at * 2));
    return sum / 800;
  });
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('by rule', () => {
  it('a conversation is announced, recorded through hold, and its file told with length and checksum', async () => {
    const caller = await talk('4001');
    await site.see('call.recording.started.v1', caller.id);
    await sound(caller);
    await pause(1_200);
    await site.command(caller.id, 'hold');
    await site.command(caller.id, 'resume');
    await pause(300);
    await site.command(caller.id, 'hang-up');
    const { recording } = (await ready(caller)).data;
    expect(recording).toMatchObject({ callId: caller.id, phase: 'ready', byRule: true, file: `${recording.id}.wav` });
    expect(recording.lengthMs).toBeGreaterThan(900);
    expect(recording.lengthMs).toBeLessThan((recording.endedAtMs ?? 0) - recording.startedAtMs + 1_000);
    const file = await fetchFile(recording.id);
    expect(file.length).toBe(recording.bytes);
    expect(createHash('sha256').update(file).digest('hex')).toBe(recording.sha256);
    expect(Math.max(...loudness(file))).toBeGreaterThan(1_000);
    const list = await site.room.ask<{ recordings: RecordingViewData[] }>('GET', `/v1/recordings?callId=${caller.id}`);
    expect(list.recordings).toEqual([recording]);
  });

  it('a number without a rule is not recorded, and may not be', async () => {
    const caller = await talk('4003');
    await expect(site.command(caller.id, 'recording/start')).rejects.toThrow('call.recording_forbidden');
  });
});

describe('by wish', () => {
  it('a pause holds silence, a forgotten one is told, and what is said afterwards is there', async () => {
    const caller = await talk('4002');
    await site.command(caller.id, 'recording/start');
    await isRecorded(caller);
    await site.command(caller.id, 'recording/pause');
    await sound(caller);
    await site.see('call.recording.pause.overdue.v1', caller.id);
    await pause(1_100);
    await site.command(caller.id, 'recording/resume');
    const resumed = await site.see('call.recording.resumed.v1', caller.id);
    expect(resumed.data.pausedMs).toBeGreaterThan(1_900);
    await sound(caller);
    await pause(800);
    await site.command(caller.id, 'recording/stop');
    const { recording } = (await ready(caller)).data;
    expect(recording.byRule).toBe(false);
    const loud = loudness(await fetchFile(recording.id));
    const firstLoud = loud.findIndex((level) => level > 1_000);
    expect(firstLoud).toBeGreaterThan(10);
    expect(Math.max(...loud.slice(0, firstLoud - 1))).toBeLessThan(50);
    await site.command(caller.id, 'hang-up');
  });
});

describe('a server that is killed', () => {
  it('while it is recorded: the recording goes on, and its file is told after the start', async () => {
    const caller = await talk('4001');
    const { data } = await site.see('call.recording.started.v1', caller.id);
    await site.server.kill9();
    await pause(500);
    await site.server.start();
    await site.reopen();
    expect(await site.liveCalls()).toMatchObject([{ id: caller.id, recording: 'on' }]);
    caller.sip.hangUp();
    const { recording } = (await ready(caller)).data;
    expect(recording.id).toBe(data.recordingId);
    expect(recording.lengthMs).toBeGreaterThan(400);
  });

  it('after the end and before the file was read: read after the start', async () => {
    const caller = await talk('4002');
    await site.command(caller.id, 'recording/start');
    await pause(500);
    await site.command(caller.id, 'recording/stop');
    await site.see('call.recording.stopped.v1', caller.id);
    await site.server.kill9();
    await site.server.start();
    await site.reopen();
    const id = `${caller.id}.recording1`;
    await expect
      .poll(() => site.room.ask<RecordingViewData>('GET', `/v1/recordings/${id}`), { timeout: 8_000 })
      .toMatchObject({ phase: 'ready' });
  });
});

it('what the PBX cannot record ends no call', async () => {
  const caller = await talk('4002');
  await site.command(caller.id, 'recording/start');
  await site.see('call.recording.started.v1', caller.id);
  await askPbx('DELETE', `recordings/live/${caller.id}.recording1`);
  await expect.poll(async () => (await site.liveCalls())[0]?.recording).toBeUndefined();
  expect(await site.liveCalls()).toMatchObject([{ id: caller.id, phase: 'talking' }]);
});
