import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { AppError, type Logger } from '../../src/kernel/index.ts';
import { RecordingDesk } from '../../src/recordings/desk.ts';
import { digestOf } from '../../src/recordings/digest.ts';
import { recordingErrors } from '../../src/recordings/errors.ts';
import type { RecordingFile, RecordingRecord } from '../../src/recordings/ports.ts';
import { FakeClock } from '../support/fake-clock.ts';

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent };
const hour = 3_600_000;

/** A WAV file of 8 kHz, 16 bit, as Asterisk writes it, whose head does not know its length. */
export function wav(lengthMs: number): Buffer {
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt32LE(8000, 24);
  head.writeUInt32LE(16_000, 28);
  head.write('data', 36);
  return Buffer.concat([head, Buffer.alloc(lengthMs * 16, 7)]);
}

type Answer = Buffer | 'live' | 'gone' | 'away';

/** A desk with its neighbours in memory. */
class Office {
  readonly clock = new FakeClock();
  readonly rows = new Map<string, RecordingRecord>();
  readonly files = new Map<string, Answer>();
  readonly told: string[] = [];
  readonly desk: RecordingDesk;
  opened = 0;
  storeIsSlow = false;

  constructor(options: { readonly fileBytesMax?: number } = {}) {
    const rows = (fits: (row: RecordingRecord) => boolean) => Promise.resolve([...this.rows.values()].filter(fits));
    this.desk = new RecordingDesk(
      {
        store: {
          get: (id) => Promise.resolve(this.rows.get(id)),
          list: () => rows(() => true),
          unread: () => rows(({ phase }) => phase === 'stopped'),
          begunBefore: (ms) => rows((row) => row.startedAtMs < ms && (row.phase === 'ready' || row.phase === 'failed')),
        },
        files: {
          open: ({ id }) => this.open(id),
          remove: ({ id }) => {
            if (this.files.get(id) === 'away') return Promise.reject(new AppError(recordingErrors.unreachable));
            return Promise.resolve(this.files.delete(id) || true);
          },
        },
        journal: {
          write: (record, told) => {
            if (record.phase === 'deleted') this.rows.delete(record.id);
            else if (!this.storeIsSlow) this.rows.set(record.id, record);
            if (told) this.told.push(`${told.type} ${record.id}${'code' in told ? ` ${told.code}` : ''}`);
          },
        },
        clock: this.clock,
        logger: silent,
      },
      { keepMs: 24 * hour, readWithinMs: hour, fileBytesMax: options.fileBytesMax ?? 1_000_000 },
    );
  }

  add(id: string, answer: Answer, part: Partial<RecordingRecord> = {}): void {
    const startedAtMs = this.clock.nowMs() - 10_000;
    this.rows.set(id, {
      id,
      callId: 'rm-1',
      nodeId: 'pbx1',
      phase: 'stopped',
      byRule: true,
      startedAtMs,
      endedAtMs: startedAtMs + 10_000,
      file: `${id}.wav`,
      ...part,
    });
    this.files.set(id, answer);
  }

  private open(id: string): Promise<RecordingFile | 'live' | 'gone'> {
    this.opened += 1;
    const answer = this.files.get(id) ?? 'gone';
    if (answer === 'away') return Promise.reject(new AppError(recordingErrors.unreachable));
    return Promise.resolve(
      typeof answer === 'string' ? answer : { bytes: answer.length, body: Readable.from([answer]) },
    );
  }

  async wait(ms: number): Promise<void> {
    await this.clock.advance(ms);
    // Streams need turns of the real event loop.
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  }
}

let office: Office;
afterEach(() => office.desk.stop());

describe('a recording that is over', () => {
  it('is read once, and its length and checksum are told', async () => {
    office = new Office();
    const file = wav(2_500);
    office.add('r1', file);
    office.desk.start();
    await office.wait(1_000);
    expect(office.told).toEqual(['recording.ready.v1 r1']);
    const sha256 = createHash('sha256').update(file).digest('hex');
    expect(office.rows.get('r1')).toMatchObject({ phase: 'ready', bytes: file.length, lengthMs: 2_500, sha256 });
    await office.wait(120_000);
    expect(office.opened).toBe(1);
  });

  it('that ends later is looked at when that is told', async () => {
    office = new Office();
    office.desk.start();
    await office.wait(5_000);
    office.add('r1', wav(10));
    office.desk.ended();
    await office.wait(1_000);
    expect(office.told).toEqual(['recording.ready.v1 r1']);
  });

  it.each<[string, Answer]>([
    ['still being written', 'live'],
    ['not there yet', 'gone'],
    ['out of reach', 'away'],
  ])('and %s: tried again, and read when it can be', async (_name, answer) => {
    office = new Office();
    office.add('r1', answer);
    office.desk.start();
    await office.wait(1_000);
    await office.wait(10_000);
    expect(office.told).toEqual([]);
    office.files.set('r1', wav(10));
    await office.wait(70_000);
    expect(office.told).toEqual(['recording.ready.v1 r1']);
  });

  it.each<[Answer, string]>([
    ['gone', 'recording.file_gone'],
    ['away', 'recording.unreachable'],
  ])('and %s for too long: given up, once', async (answer, code) => {
    office = new Office();
    office.add('r1', answer, { endedAtMs: office.clock.nowMs() - hour + 5_000 });
    office.desk.start();
    for (let look = 0; look < 8; look += 1) await office.wait(20_000);
    expect(office.told).toEqual([`recording.lost.v1 r1 ${code}`]);
    expect(office.rows.get('r1')?.phase).toBe('failed');
  });

  it('and larger than it may be: given up at once', async () => {
    office = new Office({ fileBytesMax: 1_000 });
    office.add('r1', wav(1_000));
    office.desk.start();
    await office.wait(1_000);
    expect(office.told).toEqual(['recording.lost.v1 r1 recording.too_large']);
  });

  it('is told once, also when the store has not taken that down yet', async () => {
    office = new Office();
    office.storeIsSlow = true;
    office.add('r1', wav(10));
    office.desk.start();
    await office.wait(1_000);
    office.desk.ended();
    await office.wait(1_000);
    expect(office.told).toEqual(['recording.ready.v1 r1']);
  });

  it('does not hold up the next one', async () => {
    office = new Office();
    office.add('r1', 'away');
    office.add('r2', wav(10));
    office.desk.start();
    await office.wait(1_000);
    expect(office.told).toEqual(['recording.ready.v1 r2']);
  });
});

describe('the file of a recording', () => {
  it.each([
    ['r1', 'recording.unknown', undefined],
    ['r1', 'recording.not_ready', { phase: 'live' }],
    ['r1', 'recording.not_ready', { phase: 'stopped' }],
    ['r1', 'recording.file_gone', { phase: 'failed' }],
    ['r1', 'recording.file_gone', { phase: 'ready' }],
  ] as const)('%s: %s', async (id, code, part) => {
    office = new Office();
    if (part) office.add(id, 'gone', part);
    await expect(office.desk.open(id, AbortSignal.timeout(1000))).rejects.toMatchObject({ code });
  });
});

describe('old recordings', () => {
  it('are deleted with their files, and what cannot be deleted now is tried again', async () => {
    office = new Office();
    const old = { phase: 'ready', startedAtMs: office.clock.nowMs() - 25 * hour } as const;
    office.add('r1', wav(10), old);
    office.add('r2', 'away', old);
    office.add('r3', wav(10), { phase: 'ready' });
    office.desk.start();
    await office.wait(1_000);
    expect(office.told).toEqual(['recording.deleted.v1 r1']);
    office.files.set('r2', wav(10));
    await office.wait(hour);
    expect(office.told).toEqual(['recording.deleted.v1 r1', 'recording.deleted.v1 r2']);
    expect([...office.files.keys()]).toEqual(['r3']);
    expect([...office.rows.keys()]).toEqual(['r3']);
  });
});

describe('the length', () => {
  it.each([
    ['an empty file', Buffer.alloc(0)],
    ['half a head', wav(0).subarray(0, 20)],
    ['no WAV at all', Buffer.alloc(500, 1)],
  ])('is not told of %s', async (_name, file) => {
    office = new Office();
    expect(await digestOf(Readable.from([file]), 1_000)).not.toHaveProperty('lengthMs');
  });

  it('does not depend on how the bytes arrive', async () => {
    office = new Office();
    const file = wav(100);
    const pieces = Array.from({ length: Math.ceil(file.length / 7) }, (_, index) =>
      file.subarray(index * 7, index * 7 + 7),
    );
    expect(await digestOf(Readable.from(pieces), 10_000)).toEqual(await digestOf(Readable.from([file]), 10_000));
  });
});
