import { evaluate, type QueuePolicy, requirementOf } from '../../src/routing/index.ts';
import type { CallerClass, PolicyUnderTest, Scenario } from './scenario.ts';
import type { SimAgent } from './sim-agent.ts';

type Needs = Readonly<Record<string, number>>;

/** The needs of callers and queue together: of two levels for one skill the higher counts. */
export function needsOf({ needs }: CallerClass, queue: QueuePolicy | undefined): Needs {
  const joined: Record<string, number> = { ...queue?.needs };
  for (const [skill, level] of Object.entries(needs)) joined[skill] = Math.max(joined[skill] ?? 0, level);
  return joined;
}

/**
 * Whom callers of each class want: who serves their own queue and has all that queue and callers ask for before anything
 * is relaxed. What a queue asks because of the single call is not looked at.
 */
export function choicesOf(
  scenario: Scenario,
  policy: PolicyUnderTest,
  agents: readonly SimAgent[],
): ReadonlyMap<CallerClass, ReadonlySet<SimAgent>> {
  return new Map(scenario.classes.map((callers) => [callers, new Set(wantedBy(callers, policy, agents))]));
}

function wantedBy(callers: CallerClass, policy: PolicyUnderTest, agents: readonly SimAgent[]): readonly SimAgent[] {
  const queue = policy.queues.find(({ id }) => id === callers.queueId);
  const asked = [requirementOf(needsOf(callers, queue)), queue?.requirement ?? requirementOf({})];
  return agents.filter(
    ({ profile }) =>
      profile.queues.includes(callers.queueId) && asked.every((each) => evaluate(each, profile) === true),
  );
}
