import { type Static, Type } from '../src/schema/index.ts';
import { duration, formed, id } from './kinds.ts';
import { levels } from './levels.ts';

const day = 86_400_000;

const RuleSection = Type.Object({
  id: id('name of this rule in events and explanations'),
  when: Type.Optional(Type.String({ maxLength: 2_000, description: 'a condition in CEL; always when absent' })),
  entries: Type.Array(id('an entry of numbers'), {
    maxItems: 1_000,
    description: 'for calls to these; to any when empty',
  }),
  queue: Type.Optional(id('the queue for the call, instead of what entry or menu chose')),
  priority: Type.Optional(
    Type.Number({ minimum: -1_000, maximum: 1_000, description: 'minutes of waiting that the call is put ahead' }),
  ),
  needs: Type.Optional(levels('skills that the call needs beside the others')),
});

/** Rules of routing that belong to no single queue. */
export const RoutingSection = Type.Object({
  timeZone: Type.String({
    default: 'Asia/Shanghai',
    description: 'of time.hour and the like in rules, e.g. Asia/Shanghai',
  }),
  rules: Type.Array(RuleSection, {
    maxItems: 200,
    description: 'where calls go and how they weigh; the first that fits decides',
  }),
  lastAgent: Type.Object({
    keepMs: duration(30 * day, 60_000, 400 * day, 'how long it is remembered who talked with a number'),
    numbersMax: Type.Integer({
      default: 20_000,
      minimum: 100,
      maximum: 1_000_000,
      description: 'numbers of which it is remembered; the oldest are forgotten',
    }),
  }),
  rollout: formed(
    /^(100|[1-9]?[0-9])%( of (calls|agents))?$/,
    'a share such as 10%, 10% of calls or 10% of agents',
    'who gets rules that are loaded anew first; all at once with 100%',
    { default: '100%' },
  ),
});

export type RoutingData = Static<typeof RoutingSection>;

/** Who tries new rules: `share` in percent. */
export interface Rollout {
  readonly share: number;
  readonly of: 'calls' | 'agents';
}

export function toRollout(text: string): Rollout {
  const [, share, of] = /^(\d+)%(?: of (calls|agents))?$/.exec(text) ?? [];
  return { share: Number(share ?? 100), of: of === 'agents' ? 'agents' : 'calls' };
}
