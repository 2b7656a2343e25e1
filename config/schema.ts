import { logLevels } from '../src/observability/index.ts';
import { type Static, Type } from '../src/schema/index.ts';
import { roleNames, scopeNames } from '../src/security/index.ts';
import { DispositionSection, PauseSection } from './agent-states.ts';
import { AuditSection } from './audit.ts';
import { Auth, Rates } from './auth.ts';
import { ClusterSection } from './cluster.ts';
import { Control } from './control.ts';
import { Dialplan } from './dialplan.ts';
import { ClosedSection, MenuSection } from './entries.ts';
import { FlowSection } from './flows.ts';
import { duration, formed, id, path, secret, secretUrl, target, variable } from './kinds.ts';
import { levels } from './levels.ts';
import { MirrorSection } from './mirror.ts';
import { OutboundSection } from './outbound.ts';
import { PromptSection } from './prompts.ts';
import { language, sounds } from './question.ts';
import { hoursKeys } from './queue-hours.ts';
import { queueRuleKeys } from './queue-rules.ts';
import { RecordingSection } from './recording.ts';
import { recordingRule } from './recording-rule.ts';
import { RoutingSection } from './routing.ts';
import { ScheduleSection } from './schedules.ts';
import { TicketSection } from './tickets.ts';
import { VoicemailSection } from './voicemails.ts';
import { AtClosingSection, waitingKeys } from './waiting.ts';

/**
 * The whole configuration file. A key that has a default may be left out; what is not optional and has no default must
 * be given. Times are milliseconds inside; the file may say `20s`. `docs/configuration.md` tells it in full.
 */
const count = (value: number, minimum: number, maximum: number, description: string) =>
  Type.Integer({ default: value, minimum, maximum, description });
const flag = (value: boolean, description: string) => Type.Boolean({ default: value, description });
const text = (description: string, value?: string) =>
  Type.String({ description, ...(value === undefined ? {} : { default: value }) });
const oneOf = <const Values extends readonly string[]>(values: Values, value: Values[number], description: string) =>
  Type.Enum<[...Values]>([...values], { default: value, description });
const hour = 3_600_000;
const day = 24 * hour;
const httpUrl = (description: string) =>
  formed(/^https?:\/\/[^\s@]+$/, 'a URL such as http://127.0.0.1:8088, without a password', description);
const origin = formed(
  /^https?:\/\/[^/\s@]+$/,
  'an origin such as https://crm.example.com, without a path',
  'an origin',
);
const hostName = (description: string, value?: string) =>
  formed(
    /^[A-Za-z0-9.:_-]{1,253}$/,
    'a host name or address',
    description,
    value === undefined ? {} : { default: value },
  );
const port = (value: number, description: string) => count(value, 1, 65535, description);

const Server = Type.Object({
  host: hostName('address to listen on; loopback unless a proxy or TLS stands in front', '127.0.0.1'),
  port: Type.Integer({ default: 8090, minimum: 0, maximum: 65535, description: 'TCP port; 0 takes a free one' }),
  tls: Type.Optional(
    Type.Object({
      cert: path('PEM file with the certificate chain; read anew on SIGHUP'),
      key: path('PEM file with the private key'),
      minVersion: oneOf(['TLSv1.2', 'TLSv1.3'], 'TLSv1.2', 'the oldest protocol version that is spoken'),
    }),
  ),
  trustedOrigins: Type.Array(origin, {
    description: 'web origins that may call the API and open the event stream, beside the page of the server itself',
    maxItems: 100,
  }),
  frameAncestors: Type.Array(origin, {
    description: 'web origins whose pages may show the live page in a frame',
    maxItems: 100,
  }),
  drainMs: duration(20_000, 0, 10 * 60_000, 'how long a shutdown may take'),
  requestTimeoutMs: duration(10_000, 100, 120_000, 'a client must have sent its whole request by then'),
  connectionsMax: count(2_000, 1, 100_000, 'open TCP connections'),
  requestsPerSecond: count(50, 1, 100_000, 'requests a second that one key may make on average'),
  requestBurst: count(100, 1, 100_000, 'requests that one key may make at once'),
  rates: Rates,
  trustedProxies: Type.Array(
    formed(/^[0-9a-fA-F:.]+(\/\d{1,3})?$/, 'an address or range such as 10.0.0.1 or 10.0.0.0/8', 'a proxy'),
    { maxItems: 100, description: 'proxies in front of us, whose X-Forwarded-For is believed' },
  ),
  loopAlarmMs: duration(250, 20, 60_000, 'a delay of the event loop from which on it is said in log and metrics'),
  metricsOpen: flag(false, 'whether /metrics needs no key; only where the port is private'),
});

const Ari = Type.Object({
  url: httpUrl('base URL of Asterisk’s HTTP server, without /ari'),
  user: text('ARI user'),
  password: secret('ARI password, as ${env:NAME} or ${file:/path}'),
  application: formed(/^[A-Za-z0-9_-]{1,64}$/, 'letters, digits, "_" or "-"', 'the name in Stasis(name)', {
    default: 'ringmaster',
  }),
  driver: oneOf(['ringmaster', 'ari-client'], 'ringmaster', 'the client library'),
  transport: oneOf(['auto', 'http'], 'auto', 'how requests travel; auto uses the WebSocket where the PBX can'),
  deadlineMs: duration(2_000, 50, 60_000, 'a request without an answer by then has failed'),
});

const Ami = Type.Object({
  host: hostName('AMI host', '127.0.0.1'),
  port: port(5038, 'AMI port'),
  tls: flag(false, 'whether AMI speaks TLS'),
  user: text('AMI user'),
  secret: secret('AMI secret, as ${env:NAME} or ${file:/path}'),
  driver: oneOf(['ringmaster', 'asterisk-manager'], 'ringmaster', 'the client library'),
  deadlineMs: duration(5_000, 50, 60_000, 'an action without an answer by then has failed'),
});

const Node = Type.Object({
  id: id('name of this PBX in events and logs'),
  ari: Ari,
  ami: Type.Optional(Ami),
  transferContext: formed(
    /^[\w-]{1,79}$/,
    'a dialplan context',
    'context that dials numbers outside for blind transfers',
    {
      default: 'ringmaster-transfer',
    },
  ),
});

const Store = Type.Object({
  url: secretUrl('sqlite:FILE or postgres://…', 'sqlite:./var/ringmaster.sqlite'),
  retentionMs: duration(3 * day, hour, 400 * day, 'how long events can be replayed'),
  bufferEvents: count(50_000, 100, 5_000_000, 'events that wait in memory while the store is away'),
  deadlineMs: duration(5_000, 100, 60_000, 'a statement without an answer by then has failed'),
});

const Redis = Type.Object({
  url: secretUrl('redis://host:6379 or rediss://…'),
  deadlineMs: duration(50, 1, 5_000, 'a command without an answer by then has failed'),
  prefix: formed(/^[\w:.-]{1,64}$/, 'letters, digits, "_", ":", "." or "-"', 'what all keys begin with', {
    default: 'ringmaster:',
  }),
});

const Lookup = Type.Object({
  deadlineMs: duration(300, 1, 10_000, 'how long a caller waits for the CRM before routing goes on'),
  crmTimeoutMs: duration(3_000, 50, 60_000, 'how long the CRM itself may take; a late answer is still published'),
  hitFreshMs: duration(600_000, 1_000, 7 * day, 'a known customer is not asked again for so long'),
  hitStaleMs: duration(day, 1_000, 30 * day, 'a known customer may be shown, while asked again, for so long'),
  noneMs: duration(90_000, 1_000, hour, 'an unknown number is not asked again for so long'),
  ambiguousMs: duration(60_000, 1_000, hour, 'a number that several customers share is not asked again for so long'),
  errorMs: duration(8_000, 500, hour, 'after a failure a number is not asked again for so long'),
  memoryEntriesMax: count(10_000, 10, 10_000_000, 'customers kept in process memory'),
  concurrentMax: count(32, 1, 10_000, 'requests to the CRM at the same time'),
  queuedMax: count(1_000, 0, 1_000_000, 'lookups that wait for a free request'),
  breakerFailures: count(5, 1, 1_000, 'failures in a row that stop the asking'),
  breakerOpenMs: duration(10_000, 100, hour, 'how long the asking then rests'),
  defaultRegion: formed(/^[A-Z]{2}$/, 'a country code such as CN', 'country of numbers without a country code', {
    default: 'CN',
  }),
  areaCode: Type.Optional(formed(/^\d{2,5}$/, 'digits, e.g. 021', 'area code of local numbers without one')),
  outsideLinePrefix: Type.Optional(formed(/^\d{1,3}$/, 'digits, e.g. 9', 'what phones dial before an outside number')),
  numberHmacSecret: Type.Optional(secret('keys the hash of numbers in caches; made anew at each start when absent')),
});

const Adapter = Type.Object({
  id: id('name of this CRM in events'),
  template: path('YAML file with the template'),
  variables: Type.Record(Type.String({ pattern: '^[A-Za-z][A-Za-z0-9_]{0,63}$' }), variable('a text or ${env:NAME}'), {
    description: 'what the template calls its variables',
  }),
  allow: Type.Array(formed(/^[0-9a-fA-F:.]+\/\d{1,3}$/, 'an address range such as 10.1.0.0/16', 'a range'), {
    description: 'private address ranges where this CRM may be',
    maxItems: 64,
  }),
});

const Check = Type.Object({
  ...Adapter.properties,
  id: id('name of this check in flows'),
  template: path('YAML file with the template, see docs/entry-flows.md'),
  deadlineMs: duration(1_500, 100, 10_000, 'after this the caller goes on unchecked'),
  concurrentMax: count(16, 1, 1_000, 'questions at the same time; as many wait'),
});

const Entry = Type.Object({
  id: id('name of this entry'),
  number: formed(
    /^(\*|\+?[0-9A-Za-z_.#-]{1,32})$/,
    'the number as the PBX passes it, or * for any',
    'the number dialled',
  ),
  queue: id('the queue'),
  language: Type.Optional(language('language of its prompts and callers')),
  answer: oneOf(['atEntry', 'withAgent'], 'atEntry', 'when the caller is answered'),
  greeting: sounds('sounds played once'),
  hours: Type.Optional(id('the schedule by which it is open; always open without')),
  closed: Type.Optional(ClosedSection),
  atClosing: Type.Optional(AtClosingSection),
  menu: Type.Optional(MenuSection),
  flow: Type.Optional(id('the flow that callers go through; instead of a menu')),
  greetingMaxMs: duration(30_000, 0, 10 * 60_000, 'after this the call is queued even if the greeting never ended'),
  priority: Type.Number({
    default: 0,
    minimum: -1_000,
    maximum: 1_000,
    description: 'minutes of waiting ahead of other calls',
  }),
  needs: levels('skills that every caller here needs, besides the queue’s'),
  recording: Type.Optional(recordingRule('what is recorded of calls to this number; goes before the queue’s')),
  blacklisted: target('where blacklisted callers go', { kind: 'hangup' }),
  fallback: target(
    'where callers go when the server shuts down or the queue cannot take them, e.g. dialplan:fallback,s,1; no queue, no agent',
  ),
});

export const Queue = Type.Object({
  id: id('name of this queue'),
  name: Type.Optional(text('name for people')),
  needs: levels('skill to lowest level, 0 to 100'),
  ringTimeoutMs: duration(20_000, 1_000, 5 * 60_000, 'how long a phone rings'),
  offer: oneOf(['ring', 'accept'], 'ring', 'ring at once, or after the agent accepted on screen'),
  waitingCallsMax: count(100, 0, 100_000, 'calls that may wait'),
  maxWaitMs: duration(300_000, 1_000, day, 'after this wait a call overflows'),
  overflow: target('where a call goes after maxWaitMs'),
  whenFull: Type.Optional(target('where a call goes that finds the queue full; as overflow when absent')),
  wrapUpMs: duration(30_000, 0, hour, 'time to write a call up'),
  priority: Type.Number({
    default: 0,
    minimum: -1_000,
    maximum: 1_000,
    description: 'minutes of waiting ahead of other queues',
  }),
  vipBoostMs: duration(300_000, 0, day, 'waiting time that a VIP is ahead'),
  valueBoostMs: duration(1_000, 0, hour, 'waiting time ahead per point of customer value, 0 to 100'),
  urgencyBoostMs: Type.Object({
    high: duration(60_000, 0, day, 'waiting time ahead with a ticket of high urgency'),
    critical: duration(180_000, 0, day, 'waiting time ahead with a critical ticket'),
  }),
  noAnswerLimit: count(2, 1, 100, 'unanswered offers in a row after which the agent is paused'),
  cooldownMs: Type.Object({
    declined: duration(10_000, 0, hour, 'rest after the agent declined'),
    busy: duration(5_000, 0, hour, 'rest after a busy phone'),
    noAnswer: duration(15_000, 0, hour, 'rest after no answer'),
    unreachable: duration(30_000, 0, hour, 'rest after an unreachable phone'),
  }),
  recording: Type.Optional(recordingRule('what is recorded of this queue’s conversations')),
  musicClass: formed(/^[\w-]{1,79}$/, 'a class of musiconhold.conf', 'music on hold class', { default: 'default' }),
  ...hoursKeys,
  ...waitingKeys,
  ...queueRuleKeys,
});

const endpointForm = 'PJSIP/name, SIP/name or Local/extension@context';
const endpoint = formed(
  /^((PJSIP|SIP|IAX2)\/[\w.+-]{1,79}|Local\/[\w.+*#-]{1,79}@[\w-]{1,79}(\/n)?)$/,
  endpointForm,
  endpointForm,
);
const Agent = Type.Object({
  id: id('name of this agent in the API and events'),
  name: text('name for people'),
  endpoint: Type.Optional(endpoint),
  devices: Type.Array(Type.Object({ id: id('name of this phone in the API'), endpoint }), {
    maxItems: 10,
    description: 'several phones instead of endpoint, the preferred one first',
  }),
  node: Type.Optional(id('the PBX where the phone is registered; needed with several nodes')),
  team: Type.Optional(text('team, for rules: agent.team')),
  attributes: Type.Record(Type.String({ pattern: '^[A-Za-z][\\w-]{0,63}$' }), text('a text'), {
    description: 'what rules may ask for beside skills: agent.attributes.NAME',
  }),
  capacity: Type.Record(
    Type.String({ pattern: '^(?!voice$)[a-z][a-z0-9-]{0,31}$' }),
    Type.Integer({ minimum: 0, maximum: 100 }),
    { description: 'how many at once of each channel beside voice, such as chat or mail; a call is always one, alone' },
  ),
  skills: levels('skill to level, 0 to 100'),
  queues: Type.Array(id('a queue'), { description: 'queues that the agent serves', maxItems: 1_000 }),
});

const ApiKey = Type.Object({
  id: formed(/^[a-z0-9][a-z0-9-]{0,63}$/, 'lower-case letters, digits and "-"', 'name of this key'),
  hash: Type.Optional(
    formed(/^sha256:[0-9a-f]{64}$/, 'sha256: and 64 hex digits, as "key create" prints it', 'hash of the key'),
  ),
  secret: Type.Optional(secret('the secret part of the key, instead of its hash')),
  kind: oneOf(roleNames, 'integration', 'whose key it is'),
  agent: Type.Optional(id('the agent for whom an agent’s key acts')),
  scopes: Type.Array(Type.Enum(scopeNames), { description: 'what the key may do', maxItems: 50 }),
});

export const ConfigFile = Type.Object({
  tenant: id('name of the company in caches and events'),
  insecurePlainSecrets: flag(false, 'whether secrets may stand in this file; for tests only'),
  server: Server,
  pbx: Type.Object({ nodes: Type.Array(Node, { minItems: 1, maxItems: 100, description: 'the Asterisk servers' }) }),
  store: Store,
  redis: Type.Optional(Redis),
  cluster: Type.Optional(ClusterSection),
  lookup: Lookup,
  dialplan: Dialplan,
  crm: Type.Object({ adapters: Type.Array(Adapter, { maxItems: 20, description: 'the CRMs, asked in this order' }) }),
  checks: Type.Array(Check, { maxItems: 100, description: 'who is asked about numbers that callers type' }),
  tickets: Type.Optional(TicketSection),
  mirror: Type.Optional(MirrorSection),
  directory: Type.Object({ csv: Type.Optional(path('CSV file with known customers, VIPs and the blacklist')) }),
  control: Control,
  recording: RecordingSection,
  skills: Type.Array(id('a skill'), {
    maxItems: 10_000,
    description: 'all skills; what is used elsewhere must be here',
  }),
  schedules: Type.Array(ScheduleSection, { maxItems: 1_000, description: 'opening hours' }),
  numbers: Type.Array(Entry, { minItems: 1, maxItems: 10_000, description: 'the numbers that callers dial' }),
  flows: Type.Array(FlowSection, { maxItems: 1_000, description: 'what callers go through before the queue' }),
  routing: RoutingSection,
  prompts: Type.Optional(PromptSection),
  voicemails: Type.Array(VoicemailSection, { maxItems: 1_000, description: 'where callers leave messages' }),
  queues: Type.Array(Queue, { minItems: 1, maxItems: 10_000, description: 'the queues' }),
  outbound: OutboundSection,
  pauses: PauseSection,
  dispositions: DispositionSection,
  agents: Type.Array(Agent, { maxItems: 100_000, description: 'the agents' }),
  auth: Auth,
  audit: AuditSection,
  apiKeys: Type.Array(ApiKey, { maxItems: 100_000, description: 'who may use the API' }),
  log: Type.Object({
    level: oneOf(logLevels, 'info', 'the least important lines that are written'),
    showPii: flag(false, 'whether numbers and names are logged in full; for tests only'),
  }),
});

/** The file as read, before references are checked and it is mapped to the domain's types. */
export type ConfigFileData = Static<typeof ConfigFile>;
