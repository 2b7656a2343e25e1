import type { CallerClass, PolicyUnderTest, Scenario } from './scenario.ts';
import type { SimAgent } from './sim-agent.ts';

/** Whether the agent serves the callers' own queue and has every skill that queue and callers ask for before anything is relaxed. */
export function isFirstChoice({ profile }: SimAgent, callers: CallerClass, policy: PolicyUnderTest): boolean {
  if (!profile.queues.includes(callers.queueId)) return false;
  const queue = policy.queues.find(({ id }) => id === callers.queueId);
  return hasAll(profile.skills, callers.needs) && hasAll(profile.skills, queue?.needs ?? {});
}

function hasAll(skills: Readonly<Record<string, number>>, needs: Readonly<Record<string, number>>): boolean {
  for (const skill in needs) {
    const level = skills[skill];
    if (level === undefined || level < (needs[skill] ?? 0)) return false;
  }
  return true;
}

/** Whom callers of each class may know: those who are their first choice. */
export function choicesOf(
  scenario: Scenario,
  policy: PolicyUnderTest,
  agents: readonly SimAgent[],
): ReadonlyMap<CallerClass, readonly SimAgent[]> {
  return new Map(
    scenario.classes.map((callers) => [callers, agents.filter((agent) => isFirstChoice(agent, callers, policy))]),
  );
}
