import type { AgentProfile } from '../src/agents/index.ts';
import { type Schedule, timeZone } from '../src/calendar/index.ts';
import type { EntryPolicy, VoicemailPolicy } from '../src/call/index.ts';
import type { QueuePolicy, RuleSet } from '../src/routing/index.ts';
import { asksForLastAgent, rulesAskForLastAgent, toFolding, toPlacing, toQueueRules } from '../src/rules/index.ts';
import { type ApiKeyRecord, hashKeySecret, parseKeyHash } from '../src/security/index.ts';
import { attributesOf } from './check-rules.ts';
import { type CheckConfig, type CheckName, nameCheck, withCheckNames } from './checks.ts';
import { digestOf, digestsOf } from './digests.ts';
import { toEntry } from './entries.ts';
import { liveSections } from './live.ts';
import { queueRuleKeys } from './queue-rules.ts';
import { toRule } from './recording-rule.ts';
import { type Rollout, toRollout } from './routing.ts';
import { toQueueHours } from './queue-hours.ts';
import { scheduleWarnings, toSchedule } from './schedules.ts';
import type { ConfigFileData } from './schema.ts';
import { type TicketConfig, toTicketConfig } from './tickets.ts';
import { toVoicemail } from './voicemails.ts';
import { toWaiting } from './waiting.ts';

/** The configuration as the server uses it: sections that are plain settings, and the domain's own types. */
export interface Config
  extends Pick<
    ConfigFileData,
    | 'tenant'
    | 'server'
    | 'control'
    | 'recording'
    | 'pbx'
    | 'store'
    | 'redis'
    | 'cluster'
    | 'lookup'
    | 'dialplan'
    | 'crm'
    | 'prompts'
    | 'mirror'
    | 'directory'
    | 'skills'
    | 'routing'
    | 'pauses'
    | 'dispositions'
    | 'outbound'
    | 'auth'
    | 'audit'
    | 'log'
  > {
  /** The file that all this was read from. */
  readonly file: string;
  readonly schedules: readonly Schedule[];
  readonly checks: readonly CheckConfig[];
  /** What decides where calls go; see `Live`. */
  readonly rules: RuleSet;
  /** The same as the file says it; for the store. */
  readonly rulesData: RulesData;
  /** Who gets rules that are loaded anew first. */
  readonly rollout: Rollout;
  readonly entries: readonly EntryPolicy[];
  readonly queues: readonly QueuePolicy[];
  readonly voicemails: readonly VoicemailPolicy[];
  readonly agents: readonly AgentProfile[];
  /** See `digestsOf`. */
  readonly digests: Readonly<Record<string, string>>;
  readonly apiKeys: readonly ApiKeyRecord[];
  /** Absent: calls leave no tickets. */
  readonly tickets?: TicketConfig;
}

export type NodeConfig = Config['pbx']['nodes'][number];
export type AdapterConfig = Config['crm']['adapters'][number];

/** What is no error, but will not do what the operator may expect; in sentences. */
export function configWarnings(config: Config, nowMs: number): readonly string[] {
  return scheduleWarnings(config.schedules, nowMs);
}

/** Puts a checked file into the domain's types. `messageFormat`: of recorded messages, where a server has begun with another. */
export function toConfig(file: string, data: ConfigFileData, messageFormat = data.recording.format): Config {
  const { numbers: _n, queues: _q, agents: _a, flows: _f, voicemails: _v, insecurePlainSecrets: _i, ...rest } = data;
  const { apiKeys, schedules: _s, tickets, ...settings } = rest;
  const checks = data.checks.map(nameCheck);
  const rulesData = rulesDataOf(data, checks, messageFormat);
  const rules = rulesOf(rulesData);
  return {
    ...settings,
    file,
    schedules: schedulesOf(data),
    rules,
    rulesData,
    checks,
    rollout: toRollout(data.routing.rollout),
    entries: rules.entries,
    queues: rules.queues,
    agents: rules.agents,
    voicemails: rulesData.voicemails,
    apiKeys: apiKeys.map(toApiKey),
    // With the names of checks, which stand for their templates too.
    digests: digestsOf({ ...data, checks }),
    ...(tickets ? { tickets: toTicketConfig(tickets) } : {}),
  };
}

/** The sections that a reload can change, as the file says them; plain data without secrets. */
export interface RulesData
  extends Pick<ConfigFileData, Exclude<(typeof liveSections)[number], 'checks' | 'voicemails'>> {
  readonly checks: readonly CheckName[];
  readonly voicemails: readonly VoicemailPolicy[];
}

function rulesDataOf(data: ConfigFileData, checks: readonly CheckName[], messageFormat: string): RulesData {
  const { skills, schedules, numbers, flows, routing, queues, agents } = data;
  const named = checks.map(({ id, name }) => ({ id, name }));
  const voicemails = data.voicemails.map((box) => toVoicemail(box, messageFormat));
  return { skills, schedules, numbers, flows, routing, queues, agents, checks: named, voicemails };
}

/** The opening hours of a checked file. */
export const schedulesOf = ({ schedules }: Pick<RulesData, 'schedules'>): readonly Schedule[] =>
  schedules.map(toSchedule);

/** The rules of a checked file. */
export function rulesOf(data: RulesData): RuleSet {
  const calendars = schedulesOf(data);
  const { numbers, queues, agents, routing, voicemails } = data;
  const flows = withCheckNames(data.flows, data.checks);
  const { rollout: _, ...rules } = routing;
  const place = toPlacing(routing);
  const foldings = queues.flatMap((queue) => {
    const folding = toFolding(queue);
    return folding ? [[queue.id, folding] as const] : [];
  });
  return {
    version: digestOf([rules, ...liveSections.filter((name) => name !== 'routing').map((name) => data[name])]).slice(
      0,
      12,
    ),
    entries: numbers.map((number) => toEntry(number, calendars, flows)),
    queues: queues.map((queue) => toQueue(queue, calendars)),
    agents: agents.map(toAgent),
    voicemails,
    folding: new Map(foldings),
    timeZone: timeZone(routing.timeZone),
    asksForLastAgent: queues.some(asksForLastAgent) || rulesAskForLastAgent(routing),
    ...(place ? { place } : {}),
  };
}

export function toQueue(queue: ConfigFileData['queues'][number], schedules: readonly Schedule[] = []): QueuePolicy {
  const { name, whenFull, recording, announcements, callback, hours, afterHours, atClosing, ...plain } =
    withoutRules(queue);
  return {
    ...plain,
    name: name ?? plain.id,
    whenFull: whenFull ?? plain.overflow,
    ...toRule(recording),
    ...toWaiting({ announcements, callback }),
    ...toQueueHours({ ...plain, hours, afterHours, atClosing }, schedules),
    ...toQueueRules(queue),
  };
}

function withoutRules<T extends object>(queue: T): Omit<T, keyof typeof queueRuleKeys> {
  const plain = Object.entries(queue).filter(([key]) => !Object.hasOwn(queueRuleKeys, key));
  return Object.fromEntries(plain) as Omit<T, keyof typeof queueRuleKeys>;
}

/** References are checked before, so there is an endpoint or a phone in the list. */
function toAgent({
  node,
  endpoint,
  devices,
  team,
  attributes,
  capacity,
  ...agent
}: ConfigFileData['agents'][number]): AgentProfile {
  const traits = attributesOf({ team, attributes });
  return {
    ...agent,
    endpoint: endpoint ?? devices[0]?.endpoint ?? '',
    ...(devices.length > 0 ? { devices } : {}),
    ...(node === undefined ? {} : { nodeId: node }),
    ...(Object.keys(traits).length === 0 ? {} : { attributes: traits }),
    ...(Object.keys(capacity).length === 0 ? {} : { capacity }),
  };
}

/** References are checked before, so hash or secret is there and the agent of an agent's key is known. */
function toApiKey({ id, kind, agent, scopes, hash, secret }: ConfigFileData['apiKeys'][number]): ApiKeyRecord {
  const secretSha256 = parseKeyHash(hash ?? hashKeySecret(secret?.reveal() ?? '')) ?? new Uint8Array(32);
  const principal = agent === undefined ? { id, kind, scopes } : { id, kind, scopes, agentId: agent };
  return { id, secretSha256, principal };
}
