import { once } from 'node:events';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { systemClock, systemRng } from '../../../src/kernel/index.ts';
import { createEventStore, type StoreOptions } from '../../../src/storage/index.ts';
import { silent } from '../../events/support.ts';

interface Orders {
  readonly options: StoreOptions;
  /** The writer stands still until it holds another value than 0. */
  readonly gate: Int32Array;
}

export interface FrozenWriter {
  /** Lets the writer go on; gives the code with which its commit failed, or `done`. */
  wake(): Promise<string>;
  /** The same of one more commit. */
  commitAgain(): Promise<string>;
  end(): Promise<unknown>;
}

/** A writer in a thread of its own, whose event loop stands still when its transaction holds the row of the shard. */
export async function freezeInCommit(options: StoreOptions): Promise<FrozenWriter> {
  const gate = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(new URL(import.meta.url), { workerData: { options, gate } satisfies Orders, execArgv: [] });
  const said = async (): Promise<string> => String(((await once(worker, 'message')) as [string])[0]);
  if ((await said()) !== 'held') throw new Error('the writer does not hold the row');
  return {
    wake: () => {
      const outcome = said();
      Atomics.store(gate, 0, 1);
      Atomics.notify(gate, 0);
      return outcome;
    },
    commitAgain: () => {
      const outcome = said();
      worker.postMessage('again');
      return outcome;
    },
    end: () => worker.terminate(),
  };
}

async function write({ options, gate }: Orders): Promise<void> {
  const store = createEventStore(options, { clock: systemClock, rng: systemRng, logger: silent });
  await store.open();
  // The store looks at the events when the row is locked.
  const batch = {
    get events() {
      if (Atomics.load(gate, 0) === 0) parentPort?.postMessage('held');
      Atomics.wait(gate, 0, 0);
      return [];
    },
    states: [],
  };
  const outcome = async (work: Promise<void>): Promise<string> =>
    work.then(
      () => 'done',
      (error: unknown) => (error as { code: string }).code,
    );
  parentPort?.postMessage(await outcome(store.commit(batch)));
  parentPort?.on(
    'message',
    () => void outcome(store.commit({ events: [], states: [] })).then((said) => parentPort?.postMessage(said)),
  );
}

if (!isMainThread && workerData && 'gate' in (workerData as object)) void write(workerData as Orders);
