export type { QueuePolicy } from './policy.ts';
