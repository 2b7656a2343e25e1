import { agentsOf, callersOfLoad, plainQueue, promptGroup } from '../../../sim/routing/gates/models.ts';
import type { AgentGroup, CallerClass, Scenario } from '../../../sim/routing/scenario.ts';
import type { QueuePolicy } from '../../../src/routing/index.ts';

const hour = 3_600_000;

export const oneAgent: AgentGroup = promptGroup(agentsOf(1));

interface Parts {
  readonly callers?: readonly Partial<CallerClass>[];
  readonly queues?: readonly Partial<QueuePolicy>[];
  readonly groups?: readonly Partial<AgentGroup>[];
  readonly more?: Partial<Scenario>;
}

/** An hour with one agent who takes a minute for each of 30 calls, and what a test wants otherwise. */
export function scenarioOf({ callers = [{}], queues = [{}], groups = [{}], more = {} }: Parts): Scenario {
  const plain = callersOfLoad({ arrivalsPerSecond: 30 / 3600, handlingS: 60, agents: 1 });
  return {
    name: 'test',
    seed: 1,
    replications: 2,
    startMs: 0,
    durationMs: hour,
    warmUpMs: 0,
    linesMax: 1000,
    answerWithinMs: 20_000,
    classes: callers.map((part) => ({ ...plain, handling: { kind: 'constant', ms: 60_000 }, ...part })),
    policies: [
      {
        name: 'as it is',
        queues: queues.map((part) => ({ ...plainQueue, ...part })),
        groups: groups.map((part) => ({ ...oneAgent, ...part })),
      },
    ],
    handlingBy: 'call',
    ...more,
  };
}

/** Calls that come at these seconds. */
export const at = (...seconds: readonly number[]): Pick<CallerClass, 'arrivals'> => ({
  arrivals: { kind: 'recorded', timesMs: seconds.map((s) => s * 1000) },
});
