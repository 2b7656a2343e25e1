import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { Advice, AdviceQuestion, CommandErrorCode, CommandOutcome, FrontDoor } from '../../src/bridge/index.ts';
import type {
  AgentViewData,
  CallViewData,
  JobViewData,
  QueueViewData,
  TicketViewData,
} from '../../src/events/catalogue/index.ts';
import {
  type AdviceDoor,
  buildApi,
  type CustomerDesk,
  type HttpDeps,
  type HttpSettings,
  type RecordingDoor,
  type RulesDoor,
  type RuleVersionView,
  type TicketDoor,
} from '../../src/http/index.ts';
import type { OutboundApi } from '../../src/http/deps.ts';
import { AppError, type Clock, type Logger } from '../../src/kernel/index.ts';
import { auditErrors } from '../../src/security/audit/log.ts';
import { recordingErrors } from '../../src/recordings/index.ts';
import { createMetrics, createReadiness } from '../../src/observability/index.ts';
import type { ApiKeyRecord, Audit, AuditEntry, Principal, Scope } from '../../src/security/index.ts';
import { signInFor } from '../security/support.ts';

const secret = 's'.repeat(40);

export const bearer = (id: string): Record<string, string> => ({ authorization: `Bearer rmk_${id}_${secret}` });

export function keyOf(id: string, scopes: readonly Scope[], more: Partial<Principal> = {}): ApiKeyRecord {
  const secretSha256 = createHash('sha256').update(secret).digest();
  return { id, secretSha256, principal: { id, kind: 'integration', scopes, ...more } };
}

export const call = (id: string, agentId?: string): CallViewData => ({
  id,
  version: 3,
  phase: 'talking',
  phaseSinceMs: 1,
  nodeId: 'pbx1',
  callerNumber: '13800138000',
  dialledNumber: '4001',
  entryId: 'hotline',
  queueId: 'support',
  priority: 0,
  enteredAtMs: 1,
  data: {},
  ...(agentId === undefined ? {} : { agentId }),
});

const agent = (id: string): AgentViewData => ({
  id,
  version: 1,
  name: id,
  presence: 'available',
  routing: 'idle',
  device: 'notInUse',
  sinceMs: 1,
  skills: { zh: 80 },
  queues: ['support'],
});

const queue: QueueViewData = {
  id: 'support',
  waiting: 1,
  offering: 0,
  longestWaitMs: 5,
  agentsIdle: 1,
  agentsSignedIn: 1,
};

/** A switchboard that notes what it is asked and answers with what the test sets. */
export class NotingDoor implements FrontDoor {
  readonly asked: unknown[][] = [];
  outcome: CommandOutcome = { ok: true };
  readonly #calls = [call('c1', 'li'), call('c2', 'wang'), call('c3')];
  readonly #agents = [agent('li'), agent('wang')];

  refuse(code: CommandErrorCode): void {
    this.outcome = { ok: false, kind: 'conflict', code };
  }

  #note(...asked: unknown[]): CommandOutcome {
    this.asked.push(asked);
    return this.outcome;
  }

  signIn = (agentId: string, by?: string) => this.#note('signIn', agentId, by);
  signOut = (agentId: string, by?: string) => this.#note('signOut', agentId, by);
  setAvailable = (agentId: string, by?: string) => this.#note('setAvailable', agentId, by);
  pause: FrontDoor['pause'] = (agentId, reason, by) => this.#note('pause', agentId, reason, by);
  endWrapUp = (agentId: string, by?: string) => this.#note('endWrapUp', agentId, by);
  dispose: FrontDoor['dispose'] = (callId, code, by) => this.#note('dispose', callId, code, by);
  readonly agents: FrontDoor['agents'] = {
    extendWrapUp: (agentId, byMs) => this.#note('extendWrapUp', agentId, byMs),
    chooseDevice: (agentId, device) => this.#note('chooseDevice', agentId, device),
    giveSkills: (agentId, skills, by) => this.#note('giveSkills', agentId, skills, by),
    choices: () => ({
      pauses: { required: true, reasons: [{ id: 'lunch', zh: '午餐', productive: false }] },
      dispositions: { required: false, codes: [{ id: 'solved', en: 'Solved' }] },
    }),
  };
  accept = (callId: string, agentId: string) => this.#note('accept', callId, agentId);
  reject = (callId: string, agentId: string) => this.#note('reject', callId, agentId);
  hold = (callId: string, by?: string) => this.#note('hold', callId, by);
  resume = (callId: string, by?: string) => this.#note('resume', callId, by);
  transfer: FrontDoor['transfer'] = (callId, target, by) => this.#note('transfer', callId, target, by);
  hangUp = (callId: string, by?: string) => this.#note('hangUp', callId, by);
  attachData: FrontDoor['attachData'] = (callId, data, by) => this.#note('attachData', callId, data, by);
  readonly control: FrontDoor['control'] = {
    consult: (callId, target, by) => this.#note('consult', callId, target, by),
    consultAction: (callId, action, by) => this.#note(action, callId, by),
    mute: (callId, muted, by) => this.#note(muted ? 'mute' : 'unmute', callId, by),
    record: (callId, action, by) => this.#note(`record ${action}`, callId, by),
    sendKeys: (callId, digits, by) => this.#note('sendKeys', callId, digits, by),
  };
  call = (callId: string) => this.snapshot().calls.find((detail) => detail.call.id === callId);
  agent = (agentId: string) => this.#agents.find(({ id }) => id === agentId);
  queue = (queueId: string) => (queueId === queue.id ? queue : undefined);
  snapshot = () => ({ calls: this.#calls.map((view) => ({ call: view })), agents: this.#agents, queues: [queue] });
}

const recording = {
  id: 'r1',
  callId: 'c1',
  nodeId: 'pbx1',
  phase: 'ready' as const,
  byRule: true,
  startedAtMs: 1,
  file: 'r1.wav',
  bytes: 5,
  sha256: 'ab'.repeat(32),
};

/** Has one recording. */
export const oneRecording: RecordingDoor = {
  get: async (id) => {
    if (id !== recording.id) throw new AppError(recordingErrors.unknown);
    return recording;
  },
  list: async () => [recording],
  open: async (id) => ({ record: await oneRecording.get(id), bytes: 5, body: Readable.from([Buffer.from('bytes')]) }),
};

/** Explains every call alike, and notes what is to be changed. */
export class NotingRules implements RulesDoor {
  readonly asked: unknown[][] = [];
  reloaded: ReturnType<RulesDoor['reload']> = {
    outcome: 'live',
    version: 'v2',
    changed: ['queues'],
    restartNeeded: [],
    warnings: [],
  };
  other = true;
  readonly #version: RuleVersionView = {
    version: 'v1',
    state: 'current',
    loadedAtMs: 1,
    callsLive: 0,
    calls: 0,
    offers: 0,
    answered: 0,
    answeredInTime: 0,
    serviceLevel: 0,
    abandoned: 0,
    waitMeanMs: 0,
    waitMaxMs: 0,
  };

  explain: RulesDoor['explain'] = (asked) => {
    this.asked.push(['explain', asked]);
    return {
      entryId: 'hotline',
      policyVersion: 'v1',
      queueId: 'support',
      step: 0,
      selection: 'longestIdle',
      orderKey: 1,
      waitingBefore: 0,
      decision: 'wait',
      chosen: [],
      agentsTotal: 1,
      agents: [{ agentId: 'li', idleMs: 0, reasons: ['talking'] }],
    };
  };
  versions = () => [this.#version];
  reload: RulesDoor['reload'] = (...asked) => {
    this.asked.push(['reload', ...asked]);
    return this.reloaded;
  };
  promote = (by: string) => this.#change('promote', by);
  rollBack = (by: string) => this.#change('rollBack', by);

  #change(...asked: unknown[]): RuleVersionView | undefined {
    this.asked.push(asked);
    return this.other ? this.#version : undefined;
  }
}

/** Knows one number, and notes the news of a CRM. */
export class NotingCustomers implements CustomerDesk {
  readonly changes: unknown[][] = [];

  async find(number: string): ReturnType<CustomerDesk['find']> {
    return { status: number === '13800138000' ? 'pending' : 'none', source: 'crm:test' };
  }

  async changed(...news: [string, number?]): ReturnType<CustomerDesk['changed']> {
    this.changes.push(news);
    return 'refreshing';
  }
}

/** Sends everybody to one agent, and notes what was asked. */
export class NotingAdvice implements AdviceDoor {
  readonly asked: unknown[] = [];
  advice: Advice = {
    callId: 'rm-1',
    customer: { status: 'none', source: 'nobody' },
    placement: { action: 'queue', queueId: 'support' },
  };

  async ask(question: AdviceQuestion): Promise<Advice> {
    this.asked.push(question);
    return this.advice;
  }
}

export const job: JobViewData = {
  id: 'j1',
  version: 1,
  status: 'pending',
  number: '+8613800138000',
  queueId: 'support',
  priority: 0,
  attempts: 0,
  tries: 0,
  createdAtMs: 1,
  notAfterMs: 2,
  data: {},
};

/** Takes every wish, and notes it. */
export class NotingOutbound implements OutboundApi {
  readonly asked: unknown[][] = [];
  created = true;

  async dial(...wish: unknown[]): Promise<string> {
    this.asked.push(['dial', ...wish]);
    return 'rm-1';
  }
  async request(...wish: unknown[]): Promise<{ job: JobViewData; created: boolean }> {
    this.asked.push(['request', ...wish]);
    return { job, created: this.created };
  }
  async requestCallback(...wish: unknown[]): Promise<{ job: JobViewData; created: boolean }> {
    this.asked.push(['requestCallback', ...wish]);
    return { job, created: this.created };
  }
  job = async () => job;
  jobs = async () => [job];
  cancel = async () => job;
  async forbid(...news: unknown[]): Promise<void> {
    this.asked.push(['forbid', ...news]);
  }
  allow = async () => true;
  forbidden = async () => [{ number: '+8613800138000', reason: 'wish', addedAtMs: 1 }];
}

/** A clock that the test turns; nothing here sets timers. */
export class HandClock implements Clock {
  ms = 1_000_000;
  nowMs = () => this.ms;
  after = () => ({ cancel() {} });
}

export interface NotedLine {
  readonly level: string;
  readonly fields: object;
  readonly message: string;
}

export function notingLogger(): Logger & { readonly lines: NotedLine[] } {
  const lines: NotedLine[] = [];
  const at = (level: string) => (fields: object, message: string) => void lines.push({ level, fields, message });
  const logger = {
    lines,
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: () => logger,
  };
  return logger;
}

export const ticket = (id: string): TicketViewData => ({
  id,
  version: 1,
  phase: 'placed',
  deskId: 'own',
  level: 'normal',
  status: 'new',
  subject: '回电 13800138000',
  mark: 'rm-a',
  callId: 'c1',
  callIds: ['c1'],
  callerNumber: '13800138000',
  attempts: 0,
  createdAtMs: 1,
  updatedAtMs: 1,
});

/** A ticket office that notes what it is asked. */
export class NotingTickets implements TicketDoor {
  readonly asked: unknown[][] = [];
  /** Thrown instead of an answer when set. */
  failure: Error | undefined;

  async #note<Answer>(answer: Answer, ...asked: unknown[]): Promise<Answer> {
    this.asked.push(asked);
    if (this.failure) throw this.failure;
    return answer;
  }

  list: TicketDoor['list'] = (query, by) => this.#note([ticket('t1')], 'list', query, by);
  get: TicketDoor['get'] = (id, by) => this.#note(ticket(id), 'get', id, by);
  create: TicketDoor['create'] = (wish, by) => this.#note(ticket('hand-1'), 'create', wish, by);
  link: TicketDoor['link'] = (id, callId, by) => this.#note(ticket(id), 'link', id, callId, by);
  setStatus: TicketDoor['setStatus'] = (id, status, by) => this.#note(ticket(id), 'setStatus', id, status, by);
  replay: TicketDoor['replay'] = (id, by) => this.#note(ticket(id), 'replay', id, by);
  webhook: TicketDoor['webhook'] = (deskId, headers, body) =>
    this.#note('taken' as const, 'webhook', deskId, headers, body);
}

const many = { perSecond: 1_000, burst: 1_000 };

/** Keeps what is recorded; `away` makes it refuse what must be recorded first. */
export function notingAudit(): Audit & { readonly entries: AuditEntry[]; away: boolean } {
  const noted = {
    entries: [] as AuditEntry[],
    away: false,
    record: (entry: AuditEntry) => void noted.entries.push(entry),
    recordFirst: async (entry: AuditEntry) => {
      if (noted.away) throw new AppError(auditErrors.away);
      noted.entries.push(entry);
    },
  };
  return noted;
}

const oneConsumer: HttpDeps['consumers'] = {
  consumers: async () => [{ id: 'k/crm', sequence: 7, atMs: 1_000 }],
  removeConsumer: async (id) => id === 'k/crm',
};

interface Wishes {
  readonly keys?: readonly ApiKeyRecord[];
  readonly settings?: Partial<HttpSettings>;
  readonly pageFolder?: string;
}

export function depsFor({ keys = [], settings = {}, pageFolder = '' }: Wishes) {
  const parts = {
    frontDoor: new NotingDoor(),
    customers: new NotingCustomers(),
    recordings: oneRecording,
    consumers: oneConsumer,
    advice: new NotingAdvice(),
    rules: new NotingRules(),
    tickets: new NotingTickets(),
    outbound: new NotingOutbound(),
    clock: new HandClock(),
    logger: notingLogger(),
    readiness: createReadiness(),
  };
  const signIn = signInFor(keys, parts.clock);
  const audit = notingAudit();
  const deps: HttpDeps = {
    ...parts,
    state: { epoch: 'epoch-1', take: () => ({ sequence: 7, state: parts.frontDoor.snapshot() }) },
    metrics: createMetrics(),
    authenticator: signIn.authenticator,
    signIn,
    audit,
    sealPhone: (number) => `sealed:${number.length}`,
    asyncApi: () => ({ asyncapi: '3.0.0' }),
    version: '0.0.0',
    pageFolder,
    settings: {
      host: '127.0.0.1',
      port: 0,
      trustedOrigins: [],
      frameAncestors: [],
      requestTimeoutMs: 5_000,
      connectionsMax: 100,
      rates: { login: many, command: many, lookup: many, reveal: many, default: many },
      trustedProxies: [],
      metricsOpen: false,
      ...settings,
    },
  };
  return { ...parts, signIn, audit, deps };
}

/** The API with a noting switchboard behind it; requests are injected, no port is opened. */
export async function apiFor(wishes: Wishes) {
  const { deps, ...parts } = depsFor(wishes);
  return { ...parts, api: await buildApi(deps) };
}
