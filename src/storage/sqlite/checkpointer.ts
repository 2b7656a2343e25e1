import { Worker } from 'node:worker_threads';

/**
 * Commits until the log of recent writes (WAL) is copied into the database file. On a busy day that is every few
 * seconds; SQLite's own limit, which would do it on the main thread, stands far behind as a safety net.
 */
const commitsPerCheckpoint = 1_000;
/** A writer who gives no chance is caught up with at the next checkpoint. */
const passesMax = 30;
const pauseMs = 5;

/**
 * Plain JavaScript, so that the short-lived thread needs no type stripper. A passive checkpoint never waits for the
 * writer; what was committed meanwhile it leaves. SQLite writes the log anew from its beginning only when a commit
 * begins with nothing left, so short passes follow until the log has become shorter: else it grows to SQLite's own
 * limit, and the main thread copies all of it at once.
 */
const work = `
const { DatabaseSync } = require('node:sqlite');
const { workerData } = require('node:worker_threads');
const clock = new Int32Array(new SharedArrayBuffer(4));
const database = new DatabaseSync(workerData, { timeout: 0 });
try {
  const checkpoint = database.prepare('pragma wal_checkpoint(passive)');
  for (let passes = 0, before = 0; passes < ${passesMax}; passes += 1) {
    const { log } = checkpoint.get();
    if (log < before) break;
    before = log;
    Atomics.wait(clock, 0, 0, ${pauseMs});
  }
} finally {
  database.close();
}
`;

/**
 * Copies the WAL into the database file beside the main thread: the copy ends with an fsync of several milliseconds,
 * in which no call would be served. A checkpoint that fails is tried again after the next commits.
 */
export class Checkpointer {
  private readonly file: string;
  private commits = 0;
  private worker: Worker | undefined;

  constructor(file: string) {
    this.file = file;
  }

  committed(): void {
    this.commits += 1;
    if (this.commits < commitsPerCheckpoint || this.worker) return;
    this.commits = 0;
    const worker = new Worker(work, { eval: true, workerData: this.file, execArgv: [], resourceLimits });
    worker.on('error', () => undefined);
    worker.once('exit', () => {
      this.worker = undefined;
    });
    worker.unref();
    this.worker = worker;
  }

  /** Resolves when no checkpoint is under way. */
  async stop(): Promise<void> {
    const { worker } = this;
    if (worker) await new Promise((resolve) => worker.once('exit', resolve));
  }
}

const resourceLimits = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 4 };
