import type { FastAgiServer } from './advice/index.ts';
import type { Switchboard } from './bridge/index.ts';
import type { Access } from './compose-access.ts';
import type { Watched } from './compose-health.ts';
import type { Checks } from './compose-lookup.ts';
import type { Outbound } from './compose-outbound.ts';
import type { Recordings } from './compose-recordings.ts';
import type { EventSockets } from './events/index.ts';
import type { HttpServer } from './http/index.ts';
import type { Clock, Timer } from './kernel/index.ts';
import type { AuditLog } from './security/index.ts';

/** What a running server must end. */
export interface Running extends Pick<Watched, 'log' | 'lookup' | 'clock' | 'tickets'> {
  readonly recordings: Recordings | undefined;
  readonly checks: Checks | undefined;
  readonly board: Switchboard;
  readonly outbound: Outbound | undefined;
  readonly http: HttpServer;
  readonly fastAgi: FastAgiServer | undefined;
  readonly sockets: EventSockets | undefined;
  readonly health: Timer;
  readonly access: Access;
  readonly audit: AuditLog;
}

/** Sends waiting callers on, closes the doors, and writes what is left; bounded by `drainMs`. */
export async function stopServer(running: Running, drainMs: number): Promise<void> {
  const {
    board,
    outbound,
    http,
    fastAgi,
    sockets,
    recordings,
    log,
    lookup,
    checks,
    tickets,
    health,
    access,
    audit,
    clock,
  } = running;
  access.stop();
  outbound?.stop();
  board.drain();
  const endsAtMs = clock.nowMs() + drainMs;
  await withDeadline(board.settled(), drainMs / 2, clock);
  health.cancel();
  await withDeadline(Promise.all([board.stop(), recordings?.stop()]), 1_000, clock);
  // Before the log, which takes down what its desks have answered by then.
  if (tickets) await withDeadline(tickets.stop(), 1_000, clock);
  await audit.stop(1_000);
  await log.stop(Math.max(100, endsAtMs - clock.nowMs() - 1_000));
  await withDeadline(
    Promise.allSettled([sockets?.stop(), http.close(), fastAgi?.close(), lookup.stop(), checks?.stop()]),
    1_000,
    clock,
  );
}

async function withDeadline(work: Promise<unknown>, deadlineMs: number, clock: Clock): Promise<void> {
  await new Promise<void>((done) => {
    const timer = clock.after(deadlineMs, done);
    void work.finally(() => {
      timer.cancel();
      done();
    });
  });
}
