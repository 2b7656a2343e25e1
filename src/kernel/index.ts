export { assert, InvariantError, unreachable } from './assert.ts';
export { BoundedQueue } from './bounded-queue.ts';
export type { Clock, Rng, Timer } from './clock.ts';
export { AppError, declaredErrors, defineErrors, type ErrorSpec, errorText } from './errors.ts';
export { idMaker, uuidv7 } from './ids.ts';
export type { Logger } from './logger.ts';
export { nearest } from './nearest.ts';
export { type Bucket, type BucketRule, takeToken } from './token-bucket.ts';
export { systemClock, systemRng, systemStopwatch } from './system-clock.ts';
