import { statSync } from 'node:fs';
import { type Config, isLive, loadConfig } from '../config/index.ts';
import { AppError, errorText, type Logger } from './kernel/index.ts';

interface Parts {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly logger: Logger;
}

/**
 * For an instance that may take over long after it was started: gives back the configuration of the start with the rules
 * as the file says them then, for the owner before may have read it anew. A file with errors is logged, and changes
 * nothing. A file that nobody has touched is not read: there is no time to spare in a take-over.
 */
export function rulesNow(start: Config, { env, logger }: Parts): () => Config {
  const touched = touchedMs(start);
  return () => {
    if (touchedMs(start) === touched) return start;
    try {
      return withLiveSections(start, loadConfig(start.file, { env, running: start }));
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      logger.error({ error: errorText(error) }, 'the configuration has errors; the rules of the start are in force');
      return start;
    }
  };
}

/** When the files that rules are read from were written, in Unix milliseconds; of one that is gone 0. */
function touchedMs({ file, checks }: Config): string {
  const files = [file, ...checks.map(({ template }) => template)];
  return files.map((path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0).join();
}

function withLiveSections(start: Config, next: Config): Config {
  const { schedules, skills, routing, rules, rulesData, rollout, checks, entries, queues, voicemails, agents } = next;
  const both = [
    ...Object.entries(start.digests).filter(([key]) => !isLive(key)),
    ...Object.entries(next.digests).filter(([key]) => isLive(key)),
  ];
  const digests = Object.fromEntries(both);
  return {
    ...start,
    schedules,
    skills,
    routing,
    rules,
    rulesData,
    rollout,
    checks,
    entries,
    queues,
    voicemails,
    agents,
    digests,
  };
}
