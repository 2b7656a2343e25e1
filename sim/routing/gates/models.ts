import type { AgentProfile } from '../../../src/agents/index.ts';
import type { QueuePolicy } from '../../../src/routing/index.ts';
import type { Distribution } from '../../chance/distribution.ts';
import type { Load } from '../../statistics/erlang.ts';
import type { AgentGroup, CallerClass, PolicyUnderTest, Scenario } from '../scenario.ts';

const dayMs = 86_400_000;
const hourMs = 3_600_000;

/** A queue in which nothing ends a wait but an agent or the caller. */
export const plainQueue: QueuePolicy = {
  id: 'line',
  name: 'line',
  needs: {},
  ringTimeoutMs: 20_000,
  offer: 'ring',
  waitingCallsMax: 1_000_000,
  maxWaitMs: 30 * dayMs,
  overflow: { kind: 'hangup' },
  whenFull: { kind: 'hangup' },
  wrapUpMs: 0,
  priority: 0,
  vipBoostMs: 0,
  valueBoostMs: 0,
  urgencyBoostMs: { high: 0, critical: 0 },
  noAnswerLimit: 100,
  cooldownMs: { declined: 0, busy: 0, noAnswer: 0, unreachable: 0 },
  musicClass: 'default',
};

export function agentsOf(count: number, queues: readonly string[] = ['line']): readonly AgentProfile[] {
  return Array.from({ length: count }, (_, index) => {
    const id = `agent-${index + 1}`;
    return { id, name: id, endpoint: `PJSIP/${id}`, skills: {}, queues };
  });
}

/** People who are always there and pick up at once. */
export function promptGroup(agents: readonly AgentProfile[]): AgentGroup {
  const ringTime: Distribution = { kind: 'constant', ms: 0 };
  return { id: 'agents', agents, breaks: [], ringTime, rejectShare: 0, noAnswerShare: 0, backAfterMs: 0 };
}

export function callersOfLoad(load: Load): CallerClass {
  const callsPerHour = load.arrivalsPerSecond * 3600;
  return {
    id: 'callers',
    queueId: 'line',
    needs: {},
    priority: 0,
    value: 0,
    urgency: 'normal',
    vipShare: 0,
    tier: '',
    language: '',
    stickyShare: 0,
    atStart: 0,
    arrivals: { kind: 'poisson', steps: [{ fromMs: 0, callsPerHour }] },
    handling: { kind: 'exponential', meanMs: load.handlingS * 1000 },
  };
}

/** How much of a model is played; both times in hours of the model. */
export interface Extent {
  readonly seed: number;
  readonly replications: number;
  readonly warmUpHours: number;
  readonly countedHours: number;
}

export function modelOf(
  name: string,
  load: Load,
  extent: Extent,
  callers: Partial<CallerClass> = {},
  queue: Partial<QueuePolicy> = {},
): Scenario {
  const policy: PolicyUnderTest = {
    name,
    queues: [{ ...plainQueue, ...queue }],
    groups: [promptGroup(agentsOf(load.agents))],
  };
  return {
    name,
    seed: extent.seed,
    replications: extent.replications,
    startMs: 0,
    durationMs: Math.round((extent.warmUpHours + extent.countedHours) * hourMs),
    warmUpMs: Math.round(extent.warmUpHours * hourMs),
    linesMax: 1_000_000,
    answerWithinMs: 20_000,
    classes: [{ ...callersOfLoad(load), ...callers }],
    policies: [policy],
    handlingBy: 'call',
  };
}
