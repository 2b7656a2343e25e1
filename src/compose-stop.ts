import type { FastAgiServer } from './advice/index.ts';
import type { Switchboard } from './bridge/index.ts';
import type { Access } from './compose-access.ts';
import type { Watched } from './compose-health.ts';
import type { EventRelay } from './cluster/ports.ts';
import type { Checks } from './compose-checks.ts';
import type { Outbound } from './compose-outbound.ts';
import type { Recordings } from './compose-recordings.ts';
import type { EventSockets } from './events/index.ts';
import type { HttpServer } from './http/index.ts';
import { type Clock, type Timer, within } from './kernel/index.ts';
import type { MirrorDesk } from './mirror/index.ts';
import type { AuditLog } from './security/index.ts';

/** What a running server must end. */
export interface Running extends Pick<Watched, 'log' | 'lookup' | 'clock' | 'tickets'> {
  readonly recordings: Pick<Recordings, 'stop'>;
  readonly checks: Pick<Checks, 'stop'>;
  readonly board: Switchboard;
  readonly outbound: Outbound | undefined;
  readonly mirror: Pick<MirrorDesk, 'stop'> | undefined;
  readonly http: HttpServer;
  readonly fastAgi: FastAgiServer | undefined;
  readonly sockets: EventSockets | undefined;
  readonly health: Timer;
  readonly access: Access;
  readonly audit: AuditLog;
  /** Told of what is committed, for the other instances. */
  readonly relay: EventRelay | undefined;
}

/**
 * Stops so that another instance can go on where we are: what is known is written, no caller is sent away. The caller
 * has closed the way to the PBX before.
 */
export async function handOverServer(running: Running, deadlineMs: number): Promise<void> {
  const { audit, log } = running;
  fallSilent(running);
  // It is in the same store, which the log closes.
  await audit.stop(Math.min(500, deadlineMs));
  await log.stop(deadlineMs);
}

/**
 * Closes the doors and lets go of the neighbours, without a word to anybody. The PBX is let go of last, `after` the next
 * owner was seen there: a call that comes meanwhile finds the application, and is the next owner's.
 */
export async function leaveServer(running: Running, after: Promise<unknown>): Promise<void> {
  await closeDoors(running);
  await after;
  await letGoOfPbx(running);
}

/** Another instance owns the calls: lets go of everything at once. */
export async function abandonServer(running: Running): Promise<void> {
  const { audit, log } = running;
  fallSilent(running);
  // At once the PBX too: a link that comes back now would take the name from its owner.
  await Promise.all([letGoOfPbx(running), closeDoors(running)]);
  await audit.stop(500);
  await log.stop(500);
}

async function closeDoors({ clock, ...running }: Running): Promise<void> {
  const { sockets, http, fastAgi, recordings, tickets, lookup, checks, relay } = running;
  const doors = [sockets?.stop(), http.close(), fastAgi?.close()];
  const rest = [recordings.stop(), tickets?.stop(), lookup.stop(), checks.stop()];
  relay?.stop();
  await withDeadline(Promise.allSettled([...doors, ...rest]), 1_000, clock);
}

const letGoOfPbx = ({ board, clock }: Running): Promise<unknown> => withDeadline(board.stop(), 1_000, clock);

/** What happens from now on is another instance's to tell. */
function fallSilent(running: Running): void {
  beginNothing(running);
  running.health.cancel();
  running.log.seal();
}

function beginNothing({ access, outbound, mirror }: Running): void {
  access.stop();
  outbound?.stop();
  mirror?.stop();
}

/** Sends waiting callers on, closes the doors, and writes what is left; bounded by `drainMs`. */
export async function stopServer(running: Running, drainMs: number): Promise<void> {
  const { board, http, fastAgi, sockets, recordings, log, lookup, checks, tickets, health, audit, clock, relay } =
    running;
  beginNothing(running);
  board.drain();
  const endsAtMs = clock.nowMs() + drainMs;
  await withDeadline(board.settled(), drainMs / 2, clock);
  health.cancel();
  await withDeadline(Promise.all([board.stop(), recordings.stop()]), 1_000, clock);
  // Before the log, which takes down what its desks have answered by then.
  if (tickets) await withDeadline(tickets.stop(), 1_000, clock);
  await audit.stop(1_000);
  await log.stop(Math.max(100, endsAtMs - clock.nowMs() - 1_000));
  relay?.stop();
  await withDeadline(
    Promise.allSettled([sockets?.stop(), http.close(), fastAgi?.close(), lookup.stop(), checks.stop()]),
    1_000,
    clock,
  );
}

/** Resolves when the work is over, well or not, or the time is, whichever is first; the work goes on then. */
export const withDeadline = (work: Promise<unknown>, deadlineMs: number, clock: Clock): Promise<unknown> =>
  within(
    clock,
    deadlineMs,
    work.catch(() => undefined),
  );
