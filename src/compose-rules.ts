import { createHmac } from 'node:crypto';
import { type Config, type RulesData, schedulesOf } from '../config/index.ts';
import { ExplainDesk, type ExplainOutcome, type Switchboard, type SwitchboardOptions } from './bridge/index.ts';
import type { Schedule } from './calendar/index.ts';
import type { Checks } from './compose-checks.ts';
import type { EventLog } from './events/index.ts';
import type { ExplainedView, RulesDoor, RuleVersionView } from './http/index.ts';
import { AppError, type Clock, defineErrors, type Logger } from './kernel/index.ts';
import { VersionCounter, type VersionFigures, type WatchedEvent } from './observability/index.ts';
import type { RuleSet } from './routing/index.ts';
import { RulesDesk, type RuleVersion } from './rules-desk.ts';
import type { Audit } from './security/index.ts';

const explainErrors = defineErrors('explain', {
  unknownCall: [404, 'there is no such call', 'list the calls; it may have ended'],
  notWaiting: [409, 'nobody is looked for, for this call, now', 'ask of a call that waits or is being offered'],
  unknownEntry: [404, 'there is no such entry', 'name the id or number of an entry of the configuration'],
  unknownQueue: [404, 'there is no such queue', 'name a queue of the configuration'],
  unknownVersion: [404, 'there is no such version of the rules any more', 'see /v1/config/versions'],
});

/** How it is remembered who talked with a number last. */
export function lastAgentRules(config: Config): NonNullable<SwitchboardOptions['lastAgent']> {
  return { ...config.routing.lastAgent, keyOf: numberKey(config) };
}

/** Under which key it is kept who talked with a number: not to be read back without the secret of the site. */
function numberKey({ tenant, lookup }: Config): (number: string) => string {
  const secret = lookup.numberHmacSecret?.reveal() ?? tenant;
  return (number) => createHmac('sha256', secret).update(`lastAgent:${number}`).digest('base64url').slice(0, 32);
}
export interface RulesParts {
  readonly board: Switchboard;
  readonly log: Pick<EventLog, 'write' | 'onCommitted'>;
  readonly audit: Pick<Audit, 'record'>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly checks: Pick<Checks, 'load' | 'keep'>;
  /** Calls may go by these rules from now on. */
  readonly onRules: (set: RuleSet) => void;
  /** The agents may have other phones, or be others. */
  readonly onAgents: () => void;
  /** These hours are in force. */
  readonly onSchedules: (schedules: readonly Schedule[]) => void;
}

export interface Rules {
  readonly door: RulesDoor;
  readonly figures: () => ReadonlyMap<string, VersionFigures>;
  /** What the store kept of a change that was under way. */
  resume(kept: object | null): void;
}

/** Joins what changes rules while calls go on, explains them, and counts what came of each version. */
export function composeRules(config: Config, parts: RulesParts): Rules {
  const { board, clock } = parts;
  const onInForce = (data: RulesData): void => parts.onSchedules(schedulesOf(data));
  const desk = new RulesDesk({ ...parts, journal: parts.log, config, rules: board.rules, onInForce });
  const counter = new VersionCounter();
  parts.log.onCommitted((events) => {
    for (const { type, cloudEvent } of events) {
      counter.note({ type, data: cloudEvent.data } as WatchedEvent, board.books.first);
    }
  });
  const explainer = new ExplainDesk(
    board,
    clock,
    config.pbx.nodes.map(({ id }) => id),
  );
  const told = <T>(done: T): T => {
    parts.onAgents();
    return done;
  };
  const view = (version: RuleVersion): RuleVersionView => versionView(version, board, counter);
  return {
    door: {
      explain: (asked) => explainedView('callId' in asked ? explainer.live(asked.callId) : explainer.madeUp(asked)),
      versions: () => desk.versions().map(view),
      reload: (by, rollout) => told(desk.reload(by, rollout)),
      promote: (by) => told(seen(desk.promote(by), view)),
      rollBack: (by) => told(seen(desk.rollBack(by), view)),
    },
    figures: () => counter.all(),
    resume: (kept) => told(desk.resume(kept)),
  };
}

const seen = <T, V>(value: T | undefined, view: (value: T) => V): V | undefined =>
  value === undefined ? undefined : view(value);

function versionView(version: RuleVersion, board: Switchboard, counter: VersionCounter): RuleVersionView {
  const { waitedMs, waitedMaxMs, ...counts } = counter.of(version.version);
  let callsLive = 0;
  for (const call of board.calls.all())
    if ((call.rulesVersion ?? board.books.first) === version.version) callsLive += 1;
  const share = (part: number): number => (counts.calls === 0 ? 0 : part / counts.calls);
  return {
    ...version,
    callsLive,
    ...counts,
    serviceLevel: Math.round(share(counts.answeredInTime) * 10_000) / 10_000,
    waitMeanMs: Math.round(share(waitedMs)),
    waitMaxMs: waitedMaxMs,
  };
}

const agentsMax = 200;

function explainedView(outcome: ExplainOutcome): ExplainedView {
  if (!outcome.ok) throw new AppError(explainErrors[outcome.reason]);
  const { agents, chosen, ...explained } = outcome.explained;
  return {
    ...explained,
    chosen: [...chosen],
    agentsTotal: agents.length,
    agents: agents
      .slice(0, agentsMax)
      .map(({ agentId, idleMs, reasons }) => ({ agentId, idleMs, reasons: [...reasons] })),
  };
}
