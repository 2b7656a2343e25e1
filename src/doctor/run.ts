import { AppError, type Clock, errorText, within } from '../kernel/index.ts';
import { type Check, failed, type Finding, said } from './finding.ts';

const deadlineDefaultMs = 5_000;

/** A check with what it found. */
export interface Outcome extends Finding {
  readonly id: string;
  readonly about: Check['about'];
  readonly tookMs: number;
}

/** Runs all checks at once, each with its own deadline; `onDone` is told of each as it ends. Never rejects. */
export function runChecks(
  checks: readonly Check[],
  clock: Clock,
  onDone: (outcome: Outcome) => void = () => {},
): Promise<readonly Outcome[]> {
  return Promise.all(
    checks.map(async (check) => {
      const startedMs = clock.nowMs();
      const finding = await inTime(check, clock);
      const outcome = { id: check.id, about: check.about, tookMs: clock.nowMs() - startedMs, ...finding };
      onDone(outcome);
      return outcome;
    }),
  );
}

async function inTime({ run, deadlineMs = deadlineDefaultMs }: Check, clock: Clock): Promise<Finding> {
  return (await within(clock, deadlineMs, run().catch(broken))) ?? late(deadlineMs);
}

function late(deadlineMs: number): Finding {
  const says = said(`no answer within ${deadlineMs} ms`, `${deadlineMs} 毫秒内没有答复`);
  return failed(says, said('Check the network path and the load of both sides.', '请检查网络与双方负载。'));
}

function broken(error: unknown): Finding {
  const text = error instanceof AppError ? `${error.code}: ${error.message}` : errorText(error);
  const mend = error instanceof AppError ? error.mend : 'See what it says.';
  return failed(said(text, text), said(mend, error instanceof AppError ? mend : '请按提示处理。'));
}
