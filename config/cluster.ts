import { type Static, Type } from '../src/schema/index.ts';
import type { Secret } from '../src/security/index.ts';
import { duration, formed, id } from './kinds.ts';
import type { Problems } from './problems.ts';

const reachable = formed(
  /^https?:\/\/[^\s@/]+$/,
  'a URL such as http://10.0.0.11:8090, without a path',
  'where the other instances reach the API of this one',
);

/** Several instances of one server: one owns the calls, the others stand by. */
export const ClusterSection = Type.Object({
  shard: id(
    'name of what the instances serve together: one set of numbers, queues and agents; the same in all of them',
  ),
  instanceId: id('name of this instance; another in each'),
  url: reachable,
  leaseMs: duration(1_300, 300, 60_000, 'how long a dead owner holds up the others; renewed all the time'),
  renewMs: duration(300, 50, 20_000, 'how often the owner renews'),
  pollMs: duration(150, 20, 20_000, 'how often the others look whether there is an owner'),
  deadlineMs: duration(
    250,
    20,
    10_000,
    'an answer of Redis or PostgreSQL about the lease counts as missing after this',
  ),
  handOverMs: duration(2_000, 100, 30_000, 'how long a planned hand-over waits for the next owner'),
});

interface Needs {
  readonly cluster?: Static<typeof ClusterSection>;
  readonly redis?: object;
  readonly store: { readonly url: Secret };
}

/** The lease lives in Redis and its token in PostgreSQL. */
export function checkCluster({ cluster, redis, store }: Needs, problems: Problems): void {
  if (!cluster) return;
  if (!redis) problems.report('missing', 'cluster', 'several instances need Redis', 'Add the section redis.');
  if (!/^postgres(ql)?:/.test(store.url.reveal())) {
    problems.report(
      'contradiction',
      'store.url',
      'several instances need one PostgreSQL that all of them reach',
      'Give store.url as postgres://….',
    );
  }
  if (cluster.renewMs + cluster.deadlineMs > cluster.leaseMs / 2) {
    problems.report(
      'contradiction',
      'cluster.renewMs',
      'a lease must outlast two renewals that fail',
      'Make leaseMs at least twice renewMs and deadlineMs together.',
    );
  }
}
