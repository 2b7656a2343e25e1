import type { Config } from '../config/index.ts';
import type { NewEvent } from './bridge/ports.ts';
import { EventLog, retentionDefaults } from './events/index.ts';
import { type HttpSettings, openWaitingRoom, type WaitingRoom } from './http/index.ts';
import { AppError, type Clock, errorText, type Logger, type Rng } from './kernel/index.ts';
import type { Readiness } from './observability/index.ts';
import { createStores, type Fence, type Stores } from './storage/index.ts';
import { storeUrl } from './store-url.ts';

/** Far below what an agent notices, and enough to write a busy moment's events together. */
const commitLingerMs = 5;
/** For what no agent's screen waits for; the next call that rings takes it along. */
const patientLingerMs = 20;
const storeRetryMs = { first: 500, max: 10_000 };

/** How an owner among several instances holds the log. */
export interface LogOwnership {
  readonly fence: Fence;
  readonly onFenced: () => void;
}

export interface LogParts {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly logger: Logger;
  /** Ends the waiting for a store that is away. */
  readonly signal: AbortSignal;
  readonly ownership?: LogOwnership | undefined;
}

export interface OpenedLog {
  readonly stores: Stores;
  readonly log: EventLog;
}

/**
 * Opens the store and the event log in it. While the store is away it is tried again for ever, and the API's port says
 * so. Rejects when the parts' signal ends the waiting, or the address of the API is taken.
 */
export async function openLog(
  config: Config,
  parts: LogParts,
  http: HttpSettings,
  readiness: Readiness,
): Promise<OpenedLog> {
  const { clock, logger, signal } = parts;
  const store = readiness.declare('store');
  let room: WaitingRoom | undefined;
  try {
    for (let delayMs = storeRetryMs.first; ; delayMs = Math.min(delayMs * 2, storeRetryMs.max)) {
      try {
        return await tryToOpen(config, parts);
      } catch (error) {
        if (signal.aborted) throw error;
        store.down(error instanceof AppError ? error.code : 'storage.unavailable');
        logger.error({ error: errorText(error), retryMs: delayMs }, 'the store is away; trying again');
        // Of several instances one that stands by has the port still, and says that there is no owner.
        if (!parts.ownership) room ??= await waitingRoom(http, readiness, logger);
        await pause(delayMs, signal, clock);
        if (signal.aborted) throw error;
      }
    }
  } finally {
    await room?.close();
  }
}

async function waitingRoom(http: HttpSettings, readiness: Readiness, logger: Logger): Promise<WaitingRoom> {
  const room = await openWaitingRoom(http, readiness);
  logger.info({ port: room.port }, 'the API says so meanwhile');
  return room;
}

async function tryToOpen(config: Config, { clock, rng, logger, ownership }: LogParts): Promise<OpenedLog> {
  const stores = createStores(
    {
      url: storeUrl(config),
      statementTimeoutMs: config.store.deadlineMs,
      ...(ownership ? { fence: ownership.fence } : {}),
    },
    { clock, rng, logger },
  );
  const options = {
    source: `/ringmaster/${config.tenant}`,
    bufferMax: config.store.bufferEvents,
    lingerMs: commitLingerMs,
    patientLingerMs,
    isPrompt: ({ type }: NewEvent) => type === 'call.offered.v1',
    retention: { ...retentionDefaults, retentionMs: config.store.retentionMs },
  };
  try {
    return {
      stores,
      log: await EventLog.open({ store: stores.events, clock, rng, logger, onFenced: ownership?.onFenced }, options),
    };
  } catch (error) {
    await stores.events.close({ clean: false }).catch(() => undefined);
    throw error;
  }
}

/** How long to wait before a store that is away is tried again, for the given number of tries. */
export const storeRestMs = (tries: number): number =>
  Math.min(storeRetryMs.first * 2 ** Math.min(tries, 10), storeRetryMs.max);

/** Waits, unless the signal says that nobody needs to any more. */
export function pause(delayMs: number, signal: AbortSignal, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      timer.cancel();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = clock.after(delayMs, done);
    signal.addEventListener('abort', done);
  });
}
