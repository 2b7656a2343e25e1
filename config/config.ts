import type { AgentProfile } from '../src/agents/index.ts';
import type { Schedule } from '../src/calendar/index.ts';
import type { EntryPolicy } from '../src/call/index.ts';
import type { QueuePolicy } from '../src/routing/index.ts';
import { type ApiKeyRecord, hashKeySecret, parseKeyHash } from '../src/security/index.ts';
import { toEntry } from './entries.ts';
import { toRule } from './recording-rule.ts';
import type { ConfigFileData } from './schema.ts';
import { scheduleWarnings, toSchedule } from './schedules.ts';
import { type TicketConfig, toTicketConfig } from './tickets.ts';
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
    | 'lookup'
    | 'dialplan'
    | 'crm'
    | 'checks'
    | 'directory'
    | 'skills'
    | 'outbound'
    | 'auth'
    | 'audit'
    | 'log'
  > {
  /** The file that all this was read from. */
  readonly file: string;
  readonly schedules: readonly Schedule[];
  readonly entries: readonly EntryPolicy[];
  readonly queues: readonly QueuePolicy[];
  readonly agents: readonly AgentProfile[];
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

/** Puts a checked file into the domain's types. */
export function toConfig(file: string, data: ConfigFileData): Config {
  const { numbers, queues, agents, apiKeys, schedules, flows, tickets, insecurePlainSecrets: _, ...settings } = data;
  const calendars = schedules.map(toSchedule);
  return {
    ...settings,
    file,
    schedules: calendars,
    entries: numbers.map((number) => toEntry(number, calendars, flows)),
    queues: queues.map(toQueue),
    agents: agents.map(toAgent),
    apiKeys: apiKeys.map(toApiKey),
    ...(tickets ? { tickets: toTicketConfig(tickets) } : {}),
  };
}

export function toQueue({
  name,
  whenFull,
  recording,
  announcements,
  callback,
  ...queue
}: ConfigFileData['queues'][number]): QueuePolicy {
  return {
    ...queue,
    name: name ?? queue.id,
    whenFull: whenFull ?? queue.overflow,
    ...toRule(recording),
    ...toWaiting({ announcements, callback }),
  };
}

function toAgent({ node, ...agent }: ConfigFileData['agents'][number]): AgentProfile {
  return node === undefined ? agent : { ...agent, nodeId: node };
}

/** References are checked before, so hash or secret is there and the agent of an agent's key is known. */
function toApiKey({ id, kind, agent, scopes, hash, secret }: ConfigFileData['apiKeys'][number]): ApiKeyRecord {
  const secretSha256 = parseKeyHash(hash ?? hashKeySecret(secret?.reveal() ?? '')) ?? new Uint8Array(32);
  const principal = agent === undefined ? { id, kind, scopes } : { id, kind, scopes, agentId: agent };
  return { id, secretSha256, principal };
}
