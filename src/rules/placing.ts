import { timeZone } from '../calendar/index.ts';
import { type Placement, type RuledCall, routingFacts } from '../call/index.ts';
import { compileCondition } from './condition.ts';
import { routingFactTypes } from './routing-facts.ts';

/** A rule that places calls as an operator writes it; docs/routing-rules.md. */
export interface WrittenRule {
  readonly id: string;
  readonly when?: string;
  readonly entries: readonly string[];
  readonly queue?: string;
  readonly priority?: number;
  readonly needs?: Readonly<Record<string, number>>;
}

export interface WrittenRules {
  readonly timeZone: string;
  readonly rules: readonly WrittenRule[];
}

/** Whether a rule asks who talked with a number last. */
export const rulesAskForLastAgent = ({ rules }: WrittenRules): boolean =>
  rules.some(({ when = '' }) => when.includes('lastAgentId'));

/** What the first rule that fits says of a call; undefined where there are no rules. Checked before. */
export function toPlacing({
  rules,
  timeZone: zoneName,
}: WrittenRules): ((call: RuledCall, atMs: number) => Placement | undefined) | undefined {
  if (rules.length === 0) return undefined;
  const zone = timeZone(zoneName);
  const made = rules.map(({ id: rule, when, entries, queue, priority, needs }) => {
    const compiled = when === undefined ? undefined : compileCondition(when, routingFactTypes);
    const placement: Placement = {
      rule,
      ...(queue === undefined ? {} : { queueId: queue }),
      ...(priority === undefined ? {} : { priority }),
      ...(needs === undefined ? {} : { needs }),
    };
    return { placement, entries: new Set(entries), condition: compiled?.ok ? compiled.condition : undefined };
  });
  return (call, atMs) => {
    const facts = routingFacts(call, zone, atMs);
    return made.find(
      ({ entries, condition }) =>
        (entries.size === 0 || entries.has(call.entryId)) &&
        (condition === undefined || condition(facts).kind === 'yes'),
    )?.placement;
  };
}
