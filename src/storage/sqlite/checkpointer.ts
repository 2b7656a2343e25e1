import { Worker } from 'node:worker_threads';
import { backgroundNice } from '../../kernel/index.ts';

/**
 * Commits until the log of recent writes (WAL) is copied into the database file. On a busy day that is every few
 * seconds; SQLite's own limit, which would do it on the main thread, stands far behind as a safety net.
 */
const commitsPerCheckpoint = 1_000;
/** A writer who gives no chance is caught up with at the next checkpoint. */
const passesMax = 30;
const pauseMs = 5;
/** A thread takes 30 ms of processor time to start: on a busy day it stays, and at night its memory is given back. */
const idleMs = 60_000;

/**
 * Plain JavaScript, so that the thread needs no type stripper. A passive checkpoint never waits for the writer; what was
 * committed meanwhile it leaves. SQLite writes the log anew from its beginning only when a commit begins with nothing
 * left, so short passes follow until the log has become shorter: else it grows to SQLite's own limit, and the main
 * thread copies all of it at once.
 */
const work = `
const { readlinkSync } = require('node:fs');
const { setPriority } = require('node:os');
const { DatabaseSync } = require('node:sqlite');
const { parentPort, workerData } = require('node:worker_threads');
try {
  setPriority(Number(readlinkSync('/proc/thread-self').split('/').at(-1)), ${backgroundNice});
} catch {
  // Not Linux.
}
const clock = new Int32Array(new SharedArrayBuffer(4));
const database = new DatabaseSync(workerData, { timeout: 0 });
const checkpoint = database.prepare('pragma wal_checkpoint(passive)');
const idle = setTimeout(() => parentPort.close(), ${idleMs}).unref();
parentPort.on('message', (order) => {
  if (order === 'stop') return parentPort.close();
  for (let passes = 0, before = 0; passes < ${passesMax}; passes += 1) {
    const { log } = checkpoint.get();
    if (log < before) break;
    before = log;
    Atomics.wait(clock, 0, 0, ${pauseMs});
  }
  idle.refresh();
  parentPort.postMessage('done');
});
`;

/**
 * Copies the WAL into the database file beside the main thread: the copy ends with an fsync of several milliseconds,
 * in which no call would be served. A checkpoint that fails is tried again after the next commits.
 */
export class Checkpointer {
  private readonly file: string;
  private commits = 0;
  private isBusy = false;
  private worker: Worker | undefined;

  constructor(file: string) {
    this.file = file;
  }

  committed(): void {
    this.commits += 1;
    if (this.commits < commitsPerCheckpoint || this.isBusy) return;
    this.commits = 0;
    this.isBusy = true;
    this.worker ??= this.startWorker();
    this.worker.postMessage('checkpoint');
  }

  /** Resolves when no checkpoint is under way, and none can begin. */
  async stop(): Promise<void> {
    const { worker } = this;
    if (!worker) return;
    worker.ref();
    worker.postMessage('stop');
    await new Promise((resolve) => worker.once('exit', resolve));
  }

  private startWorker(): Worker {
    const worker = new Worker(work, { eval: true, workerData: this.file, execArgv: [], resourceLimits });
    worker.on('error', () => undefined);
    worker.on('message', () => {
      this.isBusy = false;
    });
    worker.once('exit', () => {
      this.worker = undefined;
      this.isBusy = false;
    });
    worker.unref();
    return worker;
  }
}

const resourceLimits = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 4 };
