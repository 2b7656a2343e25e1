import { exactModels, playExact } from './exact-models.ts';
import type { Gate } from './gate.ts';
import { playInvariants, ways } from './invariants.ts';
import type { Extent } from './models.ts';
import type { PlayOptions } from './play.ts';
import { playUntidyFloor } from './untidy-floor.ts';

export type GateSize = 'full' | 'short';

/** Full: every interval within 5 % of its value. Short, for the tests: enough to see a wrong engine. */
const sizes: Readonly<Record<GateSize, Omit<Extent, 'seed'> & { readonly halfWidthMax: number }>> = {
  full: { replications: 20, warmUpHours: 2, countedHours: 10, halfWidthMax: 0.05 },
  short: { replications: 14, warmUpHours: 1, countedHours: 3, halfWidthMax: 0.15 },
};

/** The seed of the published figures; any other must do as well, but for one interval in twenty. */
export const gateSeed = 1;

export interface GateOptions extends Omit<PlayOptions, 'inspect' | 'played'> {
  readonly size: GateSize;
  readonly seed?: number;
  readonly progress?: (share: number) => void;
}

/** Holds the engine against queueing theory. */
export function runGates({ size, seed = gateSeed, progress, ...options }: GateOptions): readonly Gate[] {
  const { halfWidthMax, ...amount } = sizes[size];
  const extent: Extent = { ...amount, seed };
  const models = exactModels(extent);
  // These are exact: more calls would show no more.
  const few: Extent = { ...extent, replications: 2, countedHours: 4 };
  const steps = models.length * extent.replications + (ways.length + 1) * few.replications;
  let done = 0;
  const play: PlayOptions = { ...options, played: () => progress?.(++done / steps) };
  return [
    ...models.flatMap((model) => playExact(model, halfWidthMax, play)),
    ...playInvariants(few, play),
    ...playUntidyFloor(few, play),
  ];
}
