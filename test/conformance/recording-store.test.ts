import { describe, expect, it } from 'vitest';
import { systemClock, systemRng } from '../../src/kernel/index.ts';
import type { RecordingRecord } from '../../src/recordings/ports.ts';
import { createStores, type Stores } from '../../src/storage/index.ts';
import { silent } from '../events/support.ts';
import { cleanUps, databases } from './support/databases.ts';

async function open(url: string): Promise<Stores> {
  const stores = createStores({ url }, { clock: systemClock, rng: systemRng, logger: silent });
  await stores.events.open();
  cleanUps.push(() => stores.events.close({ clean: true }));
  return stores;
}

const at = 1_790_000_000_000;
const record = (id: string, part: Partial<RecordingRecord> = {}): RecordingRecord => ({
  id,
  callId: 'rm-1',
  nodeId: 'pbx1',
  phase: 'stopped',
  byRule: true,
  startedAtMs: at,
  endedAtMs: at + 1_000,
  file: `${id}.wav`,
  ...part,
});
const keep = (stores: Stores, version: number, ...records: RecordingRecord[]) =>
  stores.events.commit({
    events: [],
    states: records.map((state) => ({ kind: 'recording', id: state.id, version, state })),
  });

describe.each(databases)('recordings on $name', ({ url }) => {
  it('are what the event log’s transactions left, and no state of a call', async () => {
    const stores = await open(await url());
    await keep(stores, 1, record('a', { phase: 'live' }), record('b'));
    await keep(stores, 2, record('a'));
    expect(await stores.recordings.get('a')).toEqual(record('a'));
    expect(await stores.recordings.get('x')).toBeUndefined();
    expect(await stores.events.states()).toEqual([]);
  });

  it('are forgotten when they are deleted', async () => {
    const stores = await open(await url());
    await keep(stores, 1, record('a'));
    await stores.events.commit({ events: [], states: [{ kind: 'recording', id: 'a', version: 2, state: null }] });
    expect(await stores.recordings.get('a')).toBeUndefined();
  });

  it('are not set back by a batch that is written again', async () => {
    const stores = await open(await url());
    await keep(stores, 5, record('a', { phase: 'ready', bytes: 1 }));
    await keep(stores, 4, record('a'));
    expect(await stores.recordings.get('a')).toMatchObject({ phase: 'ready', bytes: 1 });
  });

  it('are found by call, by time and by what has to be done', async () => {
    const stores = await open(await url());
    await keep(
      stores,
      1,
      record('a', { startedAtMs: at - 3_000, phase: 'ready' }),
      record('b', { startedAtMs: at - 2_000, callId: 'rm-2' }),
      record('c', { startedAtMs: at - 1_000, phase: 'failed' }),
      record('d', { startedAtMs: at }),
      record('e', { startedAtMs: at - 9_000, phase: 'live' }),
    );
    const { recordings } = stores;
    const ids = async (found: Promise<readonly RecordingRecord[]>) => (await found).map(({ id }) => id);
    expect(await ids(recordings.list({ limit: 3 }))).toEqual(['d', 'c', 'b']);
    expect(await ids(recordings.list({ limit: 9, callId: 'rm-2' }))).toEqual(['b']);
    expect(await ids(recordings.list({ limit: 9, beforeMs: at - 1_000 }))).toEqual(['b', 'a', 'e']);
    expect(await ids(recordings.unread(9))).toEqual(['b', 'd']);
    expect(await ids(recordings.begunBefore(at, 9))).toEqual(['a', 'c']);
  });
});
