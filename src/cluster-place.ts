import type { Config } from '../config/index.ts';
import type { RedisPlace } from './cluster/index.ts';
import { assert } from './kernel/index.ts';

export type ClusterConfig = NonNullable<Config['cluster']>;

/** Where in Redis the instances of a shard meet. */
export function redisPlace({ redis }: Pick<Config, 'redis'>, { shard }: Pick<ClusterConfig, 'shard'>): RedisPlace {
  assert(redis !== undefined, 'a config with instances has Redis');
  return { url: redis.url.reveal(), prefix: redis.prefix.replace(/:$/, ''), shard };
}
