import { defineErrors } from '../kernel/index.ts';

export const clusterErrors = defineErrors('cluster', {
  lease_away: [
    503,
    'Redis does not answer about the lease of the shard',
    'check that Redis runs; while it is away the owner goes on, but nobody could take over',
  ],
});
