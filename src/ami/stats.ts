import type { AmiStats } from './ports.ts';

/** The counters of a link that has done nothing yet. */
export function emptyAmiStats(): AmiStats {
  return {
    messages: 0,
    events: 0,
    bytes: 0,
    refusedMessages: 0,
    refusedByCode: {},
    connects: 0,
    reconnects: 0,
    loginsRefused: 0,
    actions: 0,
    actionTimeouts: 0,
    lateResponses: 0,
    pingTimeouts: 0,
    handlerErrors: 0,
    pendingActions: 0,
  };
}
