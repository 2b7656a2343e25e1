import { expect, it } from 'vitest';
import {
  createLogger,
  createMetrics,
  createReadiness,
  measuredLoopDelay,
  watchLoop,
} from '../../src/observability/index.ts';
import { FakeClock } from '../support/fake-clock.ts';

it('an event loop that is held up: told once in the log, counted, in readiness until it has been quiet', async () => {
  const clock = new FakeClock();
  const lines: string[] = [];
  const logger = createLogger({ level: 'info', write: (line) => lines.push(line) });
  const metrics = createMetrics();
  const readiness = createReadiness();
  let delayMs = 900;
  // What was measured stays the longest until it is forgotten.
  const delay = { maxMs: () => delayMs, reset: () => (delayMs = 0), stop: () => undefined };
  const watch = watchLoop({ delay, alarmMs: 250, clock, readiness, metrics, logger });
  const check = () => readiness.report().checks.find(({ name }) => name === 'eventLoop');
  // What the start holds up is forgiven.
  await clock.advance(1_000);
  delayMs = 249;
  await clock.advance(5_000);
  expect(check()?.ok).toBe(true);

  delayMs = 400;
  await clock.advance(1_000);
  delayMs = 250;
  await clock.advance(1_000);
  expect(readiness.report().ok).toBe(true);
  expect(check()).toMatchObject({ ok: false, code: 'loop.slow', detail: '250 ms' });
  const { value } = (await metrics.loopAlarms.get()).values[0] ?? {};
  expect(value).toBe(1);

  await clock.advance(9_000);
  expect(check()?.ok).toBe(false);
  await clock.advance(2_000);
  expect(check()?.ok).toBe(true);
  expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual([
    'the event loop was held up',
    'the event loop is in time again',
  ]);
  watch.cancel();
  expect(clock.pendingTimers).toBe(0);
});

it('the measure sees a turn that takes long, and forgets it when it was looked at', async () => {
  const delay = measuredLoopDelay();
  try {
    await new Promise((resolve) => setTimeout(resolve, 50));
    const untilMs = performance.now() + 120;
    while (performance.now() < untilMs);
    // Busy for 120 ms: most of that is seen, whatever else the machine does.
    await expect.poll(() => delay.maxMs()).toBeGreaterThan(60);
    delay.reset();
    expect(delay.maxMs()).toBe(0);
  } finally {
    delay.stop();
  }
});
