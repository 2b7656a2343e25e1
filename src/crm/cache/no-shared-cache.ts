import type { SharedCache } from './shared-cache.ts';

/** A single server without Redis: every question is answered "not here" at once. */
export const noSharedCache: SharedCache = {
  state: () => 'off',
  onMessage: () => undefined,
  start: () => undefined,
  stop: () => Promise.resolve(),
  read: () => Promise.resolve({ kind: 'unavailable' }),
  claim: () => Promise.resolve({ kind: 'unavailable' }),
  settle: () => Promise.resolve(false),
  invalidate: () => Promise.resolve('unavailable'),
  hears: () => false,
};
