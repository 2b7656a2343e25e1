import type { RedisCacheOptions, RedisSharedCache } from './cache/redis-shared-cache.ts';
import type { CsvLimits, CsvOutcome } from './directory/csv.ts';
import type { NumberListOutcome } from './directory/number-list.ts';
import type { NumberPlan } from './numbers.ts';

/** Parts that only some sites need: their packages are loaded when the configuration asks for them. */

/** The cache that several servers share, on Redis or Valkey. Connects only at `start()`. */
export async function openRedisCache(options: RedisCacheOptions): Promise<RedisSharedCache> {
  const { RedisSharedCache } = await import('./cache/redis-shared-cache.ts');
  return new RedisSharedCache(options);
}

/** Reads a directory file as `parseDirectoryCsv` does. */
export async function readDirectoryCsv(
  content: string | Uint8Array,
  plan: NumberPlan,
  limits: CsvLimits,
): Promise<CsvOutcome> {
  const { parseDirectoryCsv } = await import('./directory/csv.ts');
  return parseDirectoryCsv(content, plan, limits);
}

/** Reads a file of numbers as `readNumberList` does. */
export async function readNumberFile(content: string, plan: NumberPlan, limits: CsvLimits): Promise<NumberListOutcome> {
  const { readNumberList } = await import('./directory/number-list.ts');
  return readNumberList(content, plan, limits);
}
