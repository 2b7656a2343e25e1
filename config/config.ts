import { createHash } from 'node:crypto';
import type { AgentProfile } from '../src/agents/index.ts';
import { type Schedule, timeZone } from '../src/calendar/index.ts';
import type { EntryPolicy, VoicemailPolicy } from '../src/call/index.ts';
import type { QueuePolicy, RuleSet } from '../src/routing/index.ts';
import { asksForLastAgent, rulesAskForLastAgent, toFolding, toPlacing, toQueueRules } from '../src/rules/index.ts';
import { type ApiKeyRecord, hashKeySecret, parseKeyHash, Secret } from '../src/security/index.ts';
import { attributesOf } from './check-rules.ts';
import { toEntry } from './entries.ts';
import { queueRuleKeys } from './queue-rules.ts';
import { toRule } from './recording-rule.ts';
import { type Rollout, toRollout } from './routing.ts';
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
    | 'checks'
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
  /** By section of the file, a digest of what it says: two files differ where these differ. */
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

/** The sections that a reload can change; the others are read at the start only. */
export const liveSections = ['skills', 'schedules', 'numbers', 'flows', 'routing', 'queues', 'agents'] as const;

/** Puts a checked file into the domain's types. */
export function toConfig(file: string, data: ConfigFileData): Config {
  const { numbers: _n, queues: _q, agents: _a, flows: _f, insecurePlainSecrets: _i, ...rest } = data;
  const { apiKeys, schedules, tickets, voicemails, ...settings } = rest;
  const calendars = schedules.map(toSchedule);
  const rules = rulesOf(data);
  return {
    ...settings,
    file,
    schedules: calendars,
    rules,
    rulesData: rulesDataOf(data),
    rollout: toRollout(data.routing.rollout),
    entries: rules.entries,
    queues: rules.queues,
    agents: rules.agents,
    voicemails: voicemails.map((box) => toVoicemail(box, settings.recording.format)),
    apiKeys: apiKeys.map(toApiKey),
    digests: Object.fromEntries(Object.entries(data).map(([name, section]) => [name, digestOf(section)])),
    ...(tickets ? { tickets: toTicketConfig(tickets) } : {}),
  };
}

/** The sections that a reload can change, as the file says them; plain data. */
export type RulesData = Pick<ConfigFileData, (typeof liveSections)[number]>;

const rulesDataOf = (data: ConfigFileData): RulesData =>
  Object.fromEntries(liveSections.map((name) => [name, data[name]])) as unknown as RulesData;

/** The rules of a checked file. */
export function rulesOf(data: RulesData): RuleSet {
  const calendars = data.schedules.map(toSchedule);
  const { numbers, flows, queues, agents, routing } = data;
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
    queues: queues.map(toQueue),
    agents: agents.map(toAgent),
    folding: new Map(foldings),
    timeZone: timeZone(routing.timeZone),
    asksForLastAgent: queues.some(asksForLastAgent) || rulesAskForLastAgent(routing),
    ...(place ? { place } : {}),
  };
}

/** Secrets count by what they are, and are not in what comes of it. */
function digestOf(section: unknown): string {
  const text = JSON.stringify(section, (_key, value: unknown) => (value instanceof Secret ? value.reveal() : value));
  return createHash('sha256')
    .update(text ?? '')
    .digest('hex');
}

export function toQueue(queue: ConfigFileData['queues'][number]): QueuePolicy {
  const { name, whenFull, recording, announcements, callback, ...plain } = withoutRules(queue);
  return {
    ...plain,
    name: name ?? plain.id,
    whenFull: whenFull ?? plain.overflow,
    ...toRule(recording),
    ...toWaiting({ announcements, callback }),
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
