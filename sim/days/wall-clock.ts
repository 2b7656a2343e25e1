/**
 * Runs something while the process believes that it is another time: a library that looks at the wall clock by itself
 * (the breaker around the CRM does) then goes by virtual time too, and a day is the same each time.
 */
export async function wallClockAs<Result>(nowMs: () => number, run: () => Promise<Result>): Promise<Result> {
  const { now } = Date;
  Date.now = nowMs;
  try {
    return await run();
  } finally {
    Date.now = now;
  }
}
