import type { Tickets } from './compose-tickets.ts';
import type { ManagedLookup } from './crm/index.ts';
import type { EventLog } from './events/index.ts';
import type { Clock, Logger, Timer } from './kernel/index.ts';
import { measuredLoopDelay, type Metrics, type Readiness, watchLoop } from './observability/index.ts';

const healthEveryMs = 500;

export interface Watched {
  readonly log: EventLog;
  readonly lookup: ManagedLookup;
  readonly tickets: Tickets | undefined;
  readonly readiness: Readiness;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly loopAlarmMs: number;
}

/** Failures in a row after which a ticket desk counts as down. */
const deskFailuresMax = 3;

/** Looks twice a second at what does not report by itself. */
export function watchHealth(watched: Watched): Timer {
  const { log, lookup, tickets, readiness, clock, loopAlarmMs: alarmMs } = watched;
  const store = readiness.declare('store');
  const crm = readiness.declare('crm', { optional: true });
  const redis = readiness.declare('redis', { optional: true });
  const desks = [...(tickets?.deskFailures().keys() ?? [])].map(
    (id) => [id, readiness.declare(`tickets:${id}`, { optional: true })] as const,
  );
  let timer: Timer;
  const look = (): void => {
    const { state, code, buffered } = log.health();
    if (state === 'up') store.up();
    else store.down(code ?? 'events.losing', `${buffered} waiting`);
    const health = lookup.health();
    if (health.redis === 'down') redis.down('lookup.redis_down');
    else redis.up(health.redis);
    if (health.breaker === 'closed') crm.up();
    else crm.down('lookup.breaker_open');
    const failures = tickets?.deskFailures();
    for (const [id, desk] of desks) {
      if ((failures?.get(id) ?? 0) < deskFailuresMax) desk.up();
      else desk.down('tickets.desk_down');
    }
    timer = clock.after(healthEveryMs, look);
  };
  look();
  const loop = watchLoop({ ...watched, delay: measuredLoopDelay(), alarmMs });
  return {
    cancel: () => {
      timer.cancel();
      loop.cancel();
    },
  };
}
