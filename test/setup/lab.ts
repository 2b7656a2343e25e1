import type { TestProject } from 'vitest/node';
import { type AsteriskAddress, startAsterisk, startPostgres, startRedis } from '../../lab/index.ts';
import { errorText } from '../../src/kernel/index.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The shared Asterisk: fine for tests that leave nothing behind; others start their own. Null when there is none. */
    asterisk: AsteriskAddress | null;
    redisUrl: string | null;
    postgresUrl: string | null;
    /** What this machine could not give, one line each: tests that need it skip, and say so. */
    labMissing: string[];
  }
}

/** Starts what the projects on the real PBX share, once; under `CI=true` a missing part fails the run. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const labMissing: string[] = [];
  const orMissing = async <Part>(name: string, start: () => Promise<Part>): Promise<Part | null> => {
    try {
      return await start();
    } catch (error) {
      labMissing.push(`${name}: ${errorText(error)}`);
      return null;
    }
  };
  const asterisk = await orMissing('Asterisk', startAsterisk);
  const redis = await orMissing('Redis', startRedis);
  const postgres = await orMissing('PostgreSQL', startPostgres);
  const stop = async () => {
    await Promise.all([asterisk?.stop(), redis?.stop(), postgres?.stop()]);
  };
  for (const line of labMissing) process.stderr.write(`NOT TESTED HERE, no ${line}\n`);
  if (labMissing.length > 0 && process.env['CI'] === 'true') {
    await stop();
    throw new Error(`the lab is not complete: ${labMissing.join('; ')}`);
  }
  project.provide('asterisk', asterisk && addressOf(asterisk));
  project.provide('redisUrl', redis?.url ?? null);
  project.provide('postgresUrl', postgres?.url ?? null);
  project.provide('labMissing', labMissing);
  return stop;
}

/** Only plain data can cross to the test processes. */
function addressOf(asterisk: AsteriskAddress): AsteriskAddress {
  const plain = Object.entries(asterisk).filter(([, value]) => typeof value !== 'function');
  return Object.fromEntries(plain) as unknown as AsteriskAddress;
}
