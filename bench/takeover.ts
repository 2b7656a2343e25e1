import { type Size, sizeOf } from './takeover/options.ts';
import { play } from './takeover/play.ts';
import { type Scenario, scenarios } from './takeover/scenarios.ts';

export { options } from './takeover/options.ts';

/** `--talking 100 --waiting 40 --rate 10 --fault-seconds 20 --only NAME`. */
export const description =
  'what callers, agents and readers have of a fault: neighbours killed, links cut or half-open, servers taken over';

interface Options {
  readonly log: (line: string) => void;
  readonly values: Readonly<Record<string, string | boolean | undefined>>;
}

type Limit = { readonly max: number } | { readonly min: number };

const limitsOf = ({ limits = {}, callsDie }: Scenario, size: Size): Readonly<Record<string, Limit>> => ({
  dropped: { max: 0 },
  newCallsLost: { max: 0 },
  eventsLost: { max: 0 },
  eventsDuplicated: { max: 0 },
  ...(callsDie ? {} : { waitingServed: { min: size.waiting } }),
  ...Object.fromEntries(Object.entries(limits).map(([name, max]) => [name, { max }])),
});

export async function run({ log, values }: Options) {
  const size = sizeOf(values);
  const only = values['only'];
  const chosen = scenarios.filter(({ name }) => only === undefined || name === only);
  if (chosen.length === 0) throw new TypeError(`--only: one of ${scenarios.map(({ name }) => name).join(', ')}`);
  const figures: Record<string, number> = {};
  const limits: Record<string, string> = {};
  let ok = true;
  for (const scenario of chosen) {
    log(scenario.name);
    const measured = await play(scenario, size, log);
    for (const [name, value] of Object.entries(measured)) figures[`${scenario.name}.${name}`] = value;
    for (const [name, limit] of Object.entries(limitsOf(scenario, size))) {
      const value = measured[name] ?? Number.NaN;
      const isKept = 'max' in limit ? value <= limit.max : value >= limit.min;
      const words = 'max' in limit ? `≤ ${limit.max}` : `≥ ${limit.min}`;
      limits[`${scenario.name}.${name}`] = isKept ? words : `${words}  NOT KEPT`;
      ok &&= isKept;
    }
  }
  return { name: 'takeover', figures, ratios: {}, limits, ok };
}
