import type { Redis } from 'ioredis';
import { failed, type Finding, ok, said, together, warning } from '../finding.ts';

const oldestMajor = 6;
const askedTimes = 10;

export interface RedisFacts {
  readonly version: string;
  readonly maxmemoryBytes: number;
  readonly policy: string;
  readonly medianMs: number;
  /** `redis.deadlineMs` of the config. */
  readonly deadlineMs: number;
}

export function judgeRedis({ version, maxmemoryBytes, policy, medianMs, deadlineMs }: RedisFacts): Finding {
  const findings: Finding[] = [];
  if (Number(version.split('.')[0]) < oldestMajor) {
    findings.push(
      warning(
        said(`Redis ${version} is old`, `Redis ${version} 较旧`),
        said('Upgrade to 6 or newer.', '请升级到 6 或更高。'),
      ),
    );
  }
  if (maxmemoryBytes > 0 && policy === 'noeviction') {
    findings.push(
      warning(
        said(
          'a full Redis refuses writes (maxmemory with noeviction)',
          'Redis 写满后会拒绝写入（设了 maxmemory 且为 noeviction）',
        ),
        said(
          'Set maxmemory-policy volatile-lru: all our keys have a lifetime.',
          '请设 maxmemory-policy volatile-lru：我们的键都有有效期。',
        ),
      ),
    );
  }
  if (medianMs > deadlineMs / 4) {
    findings.push(
      warning(
        said(
          `a command takes ${medianMs.toFixed(1)} ms; given up after redis.deadlineMs, ${deadlineMs} ms`,
          `一次命令 ${medianMs.toFixed(1)} 毫秒；超过 redis.deadlineMs（${deadlineMs} 毫秒）即放弃`,
        ),
        said('Put Redis nearer, or raise redis.deadlineMs.', '请将 Redis 部署得更近，或调大 redis.deadlineMs。'),
      ),
    );
  }
  if (findings.length > 0) return together(findings);
  const limit = maxmemoryBytes === 0 ? 'no memory limit' : policy;
  return ok(
    `Redis ${version}, ${medianMs.toFixed(1)} ms, ${limit}`,
    `Redis ${version}，${medianMs.toFixed(1)} 毫秒，${maxmemoryBytes === 0 ? '无内存上限' : policy}`,
  );
}

export async function checkRedis(url: string, deadlineMs: number, stopwatch: () => () => number): Promise<Finding> {
  const { Redis: Client } = await import('ioredis');
  const redis = new Client(url, {
    lazyConnect: true,
    retryStrategy: null,
    enableOfflineQueue: false,
    connectTimeout: 2_000,
  });
  // Told by the rejected promise; without a listener the client would write it to the terminal.
  redis.on('error', () => {});
  try {
    await redis.connect();
    return judgeRedis({ ...(await readInfo(redis)), medianMs: await medianOf(redis, stopwatch), deadlineMs });
  } catch (error) {
    return judgeRedisError(error);
  } finally {
    redis.disconnect();
  }
}

export function judgeRedisError(error: unknown): Finding {
  const text = error instanceof Error ? error.message : '';
  if (/NOAUTH|WRONGPASS|invalid.*password/i.test(text)) {
    return failed(
      said('Redis refused the password', 'Redis 拒绝了口令'),
      said(
        'Compare redis.url with requirepass or the ACL of Redis.',
        '请核对 redis.url 与 Redis 的 requirepass 或 ACL。',
      ),
    );
  }
  return failed(
    said('Redis cannot be reached', 'Redis 不可达'),
    said(
      'Start Redis, or mend redis.url. Calls go on meanwhile with the cache in memory.',
      '请启动 Redis 或修正 redis.url。期间呼叫使用内存缓存，不受影响。',
    ),
  );
}

async function medianOf(redis: Redis, stopwatch: () => () => number): Promise<number> {
  const timesMs: number[] = [];
  for (let count = 0; count < askedTimes; count += 1) {
    const elapsed = stopwatch();
    await redis.ping();
    timesMs.push(elapsed() * 1000);
  }
  return timesMs.sort((a, b) => a - b)[askedTimes / 2] ?? 0;
}

async function readInfo(redis: Redis): Promise<Pick<RedisFacts, 'version' | 'maxmemoryBytes' | 'policy'>> {
  const text = `${await redis.info('server')}\n${await redis.info('memory')}`;
  const field = (name: string): string => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(text)?.[1] ?? '';
  return {
    version: field('redis_version'),
    maxmemoryBytes: Number(field('maxmemory')),
    policy: field('maxmemory_policy'),
  };
}
