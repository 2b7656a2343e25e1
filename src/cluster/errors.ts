import { defineErrors } from '../kernel/index.ts';

/** What instances have to say of each other, to themselves and to clients. */
export const clusterErrors = defineErrors('cluster', {
  lease_away: [
    503,
    'Redis does not answer about the lease of the shard',
    'check that Redis runs; while it is away the owner goes on, but nobody could take over',
  ],
  no_owner: [
    503,
    'no instance owns the shard now; one of them will in a moment',
    'try again after Retry-After; if it stays so, read the logs of all instances',
  ],
  owner_unreachable: [
    502,
    'the instance that owns the shard could not be reached; it may not have got the request',
    'try again; if it stays so, check cluster.url of that instance and the network between them',
  ],
  owner_timeout: [
    504,
    'the instance that owns the shard did not answer in time; the request may have been carried out',
    'look whether it has been before you try again',
  ],
  owner_changing: [
    503,
    'the request was handed on once already and this instance does not own the shard either',
    'try again after Retry-After; the instances do not agree for a moment',
  ],
  owner_busy: [
    503,
    'too many requests are on their way to the owner, or of a kind that is not handed on',
    'try again after Retry-After',
  ],
  bad_snapshot: [502, 'the owner sent no usable state', 'run the same version on all instances'],
});
