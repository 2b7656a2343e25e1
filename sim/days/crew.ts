import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { DayResult } from './day.ts';
import type { DayOrder } from './worker.ts';

type Answer = { readonly result: DayResult } | { readonly seed: number; readonly error: string };

const workerFile = fileURLToPath(new URL('./worker.ts', import.meta.url));
const workersMax = 8;

/** Lives days in worker processes, one for each core. `tell` hears of each; false ends it early. Throws when a day breaks down. */
export async function liveDays(orders: readonly DayOrder[], tell: (result: DayResult) => boolean): Promise<void> {
  const waiting = [...orders];
  const work = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const worker = fork(workerFile, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
      const end = (error?: Error): void => {
        worker.removeAllListeners();
        worker.kill();
        if (error) reject(error);
        else resolve();
      };
      const next = (): void => {
        const order = waiting.shift();
        if (order) worker.send(order);
        else end();
      };
      worker.on('exit', (code) => end(new Error(`a worker ended by itself with ${code}`)));
      worker.on('message', (answer: Answer) => {
        if ('error' in answer) return end(new Error(`seed ${answer.seed} broke down: ${answer.error}`));
        if (!tell(answer.result)) waiting.length = 0;
        next();
      });
      next();
    });
  await Promise.all(Array.from({ length: Math.min(workersMax, availableParallelism(), orders.length) }, work));
}
