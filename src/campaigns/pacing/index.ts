export type { Pacing } from './pacing.ts';
export { progressive } from './progressive.ts';
