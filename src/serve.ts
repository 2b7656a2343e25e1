import { type Config, configWarnings, loadConfig } from '../config/index.ts';
import { type Server, type ServerParts, startServer } from './compose.ts';
import { letHelpersGiveWay } from './helper-threads.ts';
import { type Clock, type Logger, systemClock, systemRng, systemStopwatch } from './kernel/index.ts';
import { createLogger } from './observability/index.ts';

const tidyEveryMs = 500;
const tidyPasses = 4;

/** Runs the server of a config file until a signal ends it. Throws on a config or a part that cannot be used. */
export async function serve(file: string, version: string): Promise<void> {
  letHelpersGiveWay();
  const config = loadConfig(file, { env: process.env });
  const logger = createLogger(config.log);
  for (const warning of configWarnings(config, systemClock.nowMs())) logger.warn({ warning }, 'configuration warning');
  const signals = waitForSignal(logger);
  const system = { clock: systemClock, rng: systemRng, stopwatch: systemStopwatch, env: process.env };
  const parts = { ...system, logger, version, signal: signals.aborted };
  const server = await start(config, parts).catch((error: unknown) => {
    // Asked to stop while it waited for a neighbour: there is nothing to end.
    if (!signals.aborted.aborted) throw error;
  });
  if (!server) return;
  giveBackMemory(systemClock);
  process.on('SIGHUP', () => server.reload());
  await Promise.race([signals.came, ...(server.failed ? [server.failed] : [])]);
  await server.stop();
  logger.info({}, 'stopped');
}

interface Started extends Pick<Server, 'reload' | 'stop'> {
  /** Rejects when it cannot go on. */
  readonly failed?: Promise<never>;
}

async function start(config: Config, parts: ServerParts): Promise<Started> {
  if (!config.cluster) return startServer(config, parts);
  const { startInstance } = await import('./compose-cluster.ts');
  return startInstance(config, config.cluster, parts);
}

interface Signals {
  /** Resolves at the first SIGTERM or SIGINT; a second one ends the process at once. */
  readonly came: Promise<void>;
  readonly aborted: AbortSignal;
}

function waitForSignal(logger: Logger): Signals {
  const controller = new AbortController();
  const came = new Promise<void>((resolve) => {
    const onSignal = (signal: NodeJS.Signals): void => {
      if (controller.signal.aborted) process.exit(1);
      logger.info({ signal }, 'stopping');
      controller.abort();
      resolve();
    };
    process.on('SIGTERM', onSignal).on('SIGINT', onSignal);
  });
  return { came, aborted: controller.signal };
}

/**
 * Loading leaves twice the garbage that running needs; `npm start` lets us hand it back, before calls come. More than
 * one pass, because the engine drops the code of functions that only ran at the start when it has aged.
 */
function giveBackMemory(clock: Clock, passes = tidyPasses): void {
  const collect = globalThis.gc;
  if (!collect || passes === 0) return;
  clock.after(tidyEveryMs, () => {
    collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
    giveBackMemory(clock, passes - 1);
  });
}
