import {
  agentLegIdOf,
  arrive,
  bridgeIdOf,
  type Call,
  type CallInput,
  type CallPolicy,
  type CallStep,
  type Customer,
  type CustomerResult,
  type EntryPolicy,
  type FlowPolicy,
  greetingIdOf,
  type MenuPolicy,
  type OfferToken,
  type PbxCommand,
  type PbxFact,
  type RecordingRule,
  reduceCall,
  type Target,
} from '../../src/call/index.ts';

export const t0 = 1_800_000_000_000;
export const callId = 'rm-1';
export const callerLeg = 'caller-1';
export const agentLeg = agentLegIdOf(callId, 1);
export const partyLeg = agentLegIdOf(callId, 2);
export const bridge = bridgeIdOf(callId);
export const greeting = greetingIdOf(callId);
export const nodeId = 'pbx1';

export const entry: EntryPolicy = {
  id: 'hotline',
  number: '4001',
  queueId: 'sales',
  answer: 'atEntry',
  greeting: ['sound:welcome'],
  greetingMaxMs: 10_000,
  priority: 0,
  needs: {},
  blacklisted: { kind: 'hangup' },
  fallback: { kind: 'dialplan', context: 'fallback', extension: 's', priority: 1 },
};

/** A menu that stands at its number, as the config makes it. */
export const menuFlow = (menu: Omit<MenuPolicy, 'kind'>, vip?: Target): FlowPolicy => ({
  id: 'main',
  start: 'main',
  steps: { main: { ...menu, kind: 'menu' } },
  ...(vip ? { vip } : {}),
  otherwise: { kind: 'queue', queueId: 'sales' },
  stepsMax: 1,
  timeMaxMs: 3_600_000,
});

export const policyWith = (part: Partial<EntryPolicy> = {}, wrapUpMs = 10_000): CallPolicy => ({
  entry: { ...entry, ...part },
  transferContext: 'outward',
  dropGraceMs: 2000,
  queue: () => ({ musicClass: 'default', wrapUpMs }),
});
export const policy = policyWith();

/** The same where conversations are recorded. */
export const recordedBy = (rule: RecordingRule, announcement: readonly string[] = []): CallPolicy => ({
  ...policy,
  recording: () => ({
    rule,
    format: 'wav',
    announcement,
    announcementMaxMs: 5_000,
    pauseMaxMs: 60_000,
    lengthMaxMs: 3_600_000,
  }),
});

type Bare<Fact> = Fact extends PbxFact ? Omit<Fact, 'nodeId' | 'atMs'> : never;

export const fact = (bare: Bare<PbxFact>, atMs = t0): CallInput => ({
  kind: 'pbx',
  fact: { ...bare, nodeId, atMs } as PbxFact,
  atMs,
});
export const ended = (legId: string, cause = 16, atMs = t0): CallInput =>
  fact({ kind: 'legEnded', legId, cause }, atMs);
export const left = (legId: string): CallInput => fact({ kind: 'legLeft', legId });
export const joined = (legId = agentLeg): CallInput => ({ kind: 'joined', legIds: [callerLeg, legId], atMs: t0 });
export const failed = (command: PbxCommand, failure: 'gone' | 'refused' | 'timeout' | 'unavailable'): CallInput => ({
  kind: 'commandFailed',
  command,
  failure,
  atMs: t0,
});

export const tokenOf = (attempt = 1, agentId = 'ann'): OfferToken => ({
  callId,
  agentId,
  attempt,
  epoch: 'e1',
  expiresAtMs: t0 + 20_000,
});
export const offered = (attempt = 1, mode: 'ring' | 'accept' = 'ring', agentId = 'ann', beside?: true): CallInput => ({
  ...(beside ? { beside } : {}),
  kind: 'offered',
  token: tokenOf(attempt, agentId),
  endpoint: `PJSIP/${agentId}`,
  mode,
  ringTimeoutMs: 20_000,
  explanation: { rule: 'longestIdle', waitedMs: 0, orderKey: t0, considered: 1, candidates: [], excluded: [] },
  atMs: t0,
});

const explanation = { rule: 'consult', waitedMs: 0, orderKey: t0, considered: 1, candidates: [], excluded: [] };
/** Ann asks Bob, or a number outside. */
export const consult = (whom: 'bob' | 'number' = 'bob', attempt = 2): CallInput => ({
  kind: 'consult',
  found:
    whom === 'number'
      ? { kind: 'number', number: '10086' }
      : {
          kind: 'agent',
          agentId: 'bob',
          queueId: 'service',
          token: tokenOf(attempt, 'bob'),
          endpoint: 'PJSIP/bob',
          explanation,
        },
  ringTimeoutMs: 20_000,
  atMs: t0,
});
export const action = (name: 'complete' | 'cancel' | 'swap' | 'merge', atMs = t0): CallInput => ({
  kind: 'consultAction',
  action: name,
  atMs,
});
export const partyAnswers = fact({ kind: 'legAnswered', legId: partyLeg });

export const customer = {
  id: 'c1',
  name: 'Wang',
  value: 10,
  vip: false,
  blacklisted: false,
  tags: [],
  purchases: [],
  openTickets: [],
};
export const found = (part: Partial<Customer> = {}, late = false): CallInput => ({
  kind: 'customerFound',
  result: { status: 'fresh', source: 'crm:test', customer: { ...customer, ...part } } satisfies CustomerResult,
  late,
  atMs: t0,
});

export function arrival(part: Partial<EntryPolicy> = {}, isAnswered = false): CallStep {
  return arrive(
    callId,
    {
      kind: 'legArrived',
      legId: callerLeg,
      callerNumber: '13800000001',
      callerName: '',
      dialledNumber: '4001',
      args: [],
      answered: isAnswered,
      nodeId,
      atMs: t0,
    },
    policyWith(part),
  );
}

/** Feeds inputs one after another; effects and events of all of them together. */
export function run(call: Call, inputs: readonly CallInput[], by: CallPolicy = policy): CallStep {
  const effects: CallStep['effects'][number][] = [];
  const events: CallStep['events'][number][] = [];
  let now = call;
  for (const input of inputs) {
    const step = reduceCall(now, input, by);
    now = step.call;
    effects.push(...step.effects);
    events.push(...step.events);
  }
  return { call: now, effects, events };
}

const ring = fact({ kind: 'legRinging', legId: agentLeg });
export const answer = fact({ kind: 'legAnswered', legId: agentLeg });
const queued: readonly CallInput[] = [found(), fact({ kind: 'playbackEnded', playbackId: greeting, failed: false })];

const talking: readonly CallInput[] = [...queued, offered(), ring, answer, joined()];
const inPrivate: readonly CallInput[] = [...talking, consult(), partyAnswers];

/** How a call gets into each place of its life that matters. */
export const paths = {
  arriving: [],
  waiting: queued,
  pending: [...queued, offered(1, 'accept')],
  dialled: [...queued, offered()],
  ringing: [...queued, offered(), ring],
  answered: [...queued, offered(), ring, answer],
  talking: [...queued, offered(), ring, answer, joined()],
  heldByApi: [...queued, offered(), ring, answer, joined(), { kind: 'hold', atMs: t0 }],
  heldByPhone: [...queued, offered(), ring, answer, joined(), fact({ kind: 'legHeld', legId: agentLeg })],
  asking: [...talking, consult()],
  askingRings: [...talking, consult(), fact({ kind: 'legRinging', legId: partyLeg })],
  askingOutside: [...talking, consult('number')],
  private: inPrivate,
  swapped: [...inPrivate, action('swap')],
  conference: [...inPrivate, action('merge')],
  outside: [...talking, consult('number'), partyAnswers, action('complete')],
  wrapUp: [...queued, offered(), ring, answer, joined(), ended(callerLeg, 16, t0 + 60_000)],
  ended: [ended(callerLeg)],
} as const satisfies Record<string, readonly CallInput[]>;

export type Place = keyof typeof paths;
export const places = Object.keys(paths) as Place[];

export const callIn = (place: Place): Call => run(arrival().call, paths[place]).call;

/** A step in short words: `hangup rm-1.agent1`, `talkEnded dropped`, `leaveQueue`. */
export const told = (step: CallStep): string[] => step.events.map(({ event }) => event.type.slice(5, -3));
export const asked = (step: CallStep): string[] => step.effects.map(inWords);

function inWords(effect: CallStep['effects'][number]): string {
  switch (effect.kind) {
    case 'pbx':
      return commandInWords(effect.command);
    case 'offerEnded':
      return `offerEnded ${effect.outcome}`;
    case 'talkEnded':
      return `talkEnded ${effect.outcome}`;
    default:
      return effect.kind;
  }
}

export function commandInWords(command: PbxCommand): string {
  if (command.kind === 'join') return `join ${command.legIds.join('+')}`;
  if ('legId' in command) return `${command.kind} ${command.legId}`;
  if ('recordingId' in command) return `${command.kind} ${command.recordingId}`;
  return command.kind;
}
