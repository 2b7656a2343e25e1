import { Type } from '../../schema/index.ts';

/** Marks a field that holds a telephone number; it is masked unless the reader may see personal data. */
export const Phone = () => Type.String({ 'x-pii': 'phone', description: 'Telephone number, masked by right' });
/** Marks a text in which telephone numbers may stand; these are masked, the rest is left. */
export const TextWithPhones = (description: string) => Type.String({ 'x-pii': 'text', description });
/** Unix time in milliseconds. */
export const TimeMs = () => Type.Integer({ description: 'Unix time in milliseconds' });
export const DurationMs = () => Type.Integer({ description: 'Milliseconds' });

/** Only where state is read; readers of events hear of links by `pbx.link.lost` and `pbx.reconciled`. */
const stale = () =>
  Type.Optional(
    Type.Literal(true, {
      description: 'As it was when the link to the PBX of the call was lost: not compared with the PBX since',
    }),
  );

export const oneOf = <Values extends string[]>(...values: readonly [...Values]) => Type.Enum(values);

export const CustomerStatusSchema = oneOf('fresh', 'stale', 'pending', 'none', 'ambiguous', 'error');

/** The whole card, as popped to the agent. Content and order follow what agents read first. */
export const CustomerCard = Type.Object({
  status: CustomerStatusSchema,
  source: Type.String(),
  fetchedAtMs: Type.Optional(TimeMs()),
  code: Type.Optional(Type.String()),
  customer: Type.Optional(
    Type.Object({
      id: Type.String(),
      name: Type.String(),
      tier: Type.Optional(Type.String()),
      value: Type.Number(),
      vip: Type.Boolean(),
      blacklisted: Type.Boolean(),
      tags: Type.Array(Type.String()),
      language: Type.Optional(Type.String()),
      region: Type.Optional(Type.String()),
      churnRisk: Type.Optional(oneOf('low', 'medium', 'high')),
      strategy: Type.Optional(Type.String()),
      ownerAgentId: Type.Optional(Type.String()),
      needs: Type.Optional(Type.Record(Type.String(), Type.Number())),
      openTickets: Type.Array(
        Type.Object({
          id: Type.String(),
          title: Type.String(),
          status: Type.Optional(Type.String()),
          urgency: Type.Optional(oneOf('low', 'normal', 'high', 'critical')),
        }),
      ),
      purchases: Type.Array(
        Type.Object({
          id: Type.String(),
          title: Type.String(),
          atMs: Type.Optional(TimeMs()),
          amount: Type.Optional(Type.String()),
        }),
      ),
      lastContact: Type.Optional(
        Type.Object({
          atMs: TimeMs(),
          agentName: Type.Optional(Type.String()),
          summary: Type.Optional(Type.String()),
        }),
      ),
      url: Type.Optional(Type.String()),
    }),
  ),
  candidates: Type.Optional(
    Type.Array(Type.Object({ id: Type.String(), name: Type.String(), tier: Type.Optional(Type.String()) })),
  ),
});

export const CallPhaseSchema = oneOf(
  'arriving',
  'waiting',
  'offering',
  'dialling',
  'talking',
  'held',
  'outside',
  'voicemail',
  'wrapUp',
  'ended',
);

/** How an outbound call came out; docs/outbound.md says what each means. */
export const dialOutcomes = [
  'answered',
  'busy',
  'noAnswer',
  'failed',
  'unknown',
  'noAgent',
  'agentLeft',
  'cancelled',
  'interrupted',
  'doNotCall',
  'outsideHours',
  'unavailable',
] as const;
export const DialOutcomeSchema = oneOf(...dialOutcomes);

/** The resulting state of a call; every `call.*` event carries it, so that old events can be ignored by `version`. */
export const CallView = Type.Object({
  id: Type.String(),
  version: Type.Integer({ description: 'Grows with every change of this call' }),
  phase: CallPhaseSchema,
  phaseSinceMs: TimeMs(),
  nodeId: Type.String(),
  callerNumber: Phone(),
  callerNumberToken: Type.Optional(
    Type.String({ description: 'Stands for the number where it is masked; for dialling back. Expires' }),
  ),
  dialledNumber: Type.String(),
  language: Type.Optional(Type.String()),
  entryId: Type.String(),
  queueId: Type.Optional(Type.String()),
  agentId: Type.Optional(Type.String({ description: 'Who is offered the call, talks, or wraps up' })),
  offeredTo: Type.Optional(
    Type.Array(Type.String(), { description: 'Instead of agentId, while several phones ring at once: whose' }),
  ),
  consult: Type.Optional(
    Type.Object(
      {
        agentId: Type.Optional(Type.String({ description: 'Who is asked; absent for a number outside' })),
        state: oneOf('dialled', 'ringing', 'private', 'waiting', 'conference'),
        muted: Type.Optional(Type.Boolean()),
      },
      {
        description:
          'A third one: being rung, in private with the agent, on hold while the agent is back with the caller, or with both',
      },
    ),
  ),
  muted: Type.Optional(Type.Boolean({ description: 'The agent is not heard' })),
  recording: Type.Optional(oneOf('announcing', 'on', 'paused')),
  priority: Type.Number(),
  enteredAtMs: TimeMs(),
  queuedAtMs: Type.Optional(TimeMs()),
  customer: Type.Optional(
    Type.Object({
      status: CustomerStatusSchema,
      id: Type.Optional(Type.String()),
      name: Type.Optional(Type.String()),
      tier: Type.Optional(Type.String()),
      vip: Type.Optional(Type.Boolean()),
    }),
  ),
  resumedMs: Type.Optional(
    Type.Integer({
      description: 'How long the caller had waited when he gave up a while ago: the age the call began with',
    }),
  ),
  data: Type.Record(Type.String(), Type.String(), { description: 'Attached data; follows the call' }),
  disposition: Type.Optional(Type.String({ description: 'What came of it: a code of the configuration' })),
  menuPath: Type.Optional(
    Type.Array(Type.Object({ menu: Type.String(), key: Type.String(), label: Type.String() }), {
      description: 'What the caller chose by keypad on the way in',
    }),
  ),
  rulesVersion: Type.Optional(
    Type.String({ description: 'The routing rules that it keeps; absent for those with which the server started' }),
  ),
  placedBy: Type.Optional(Type.String({ description: 'The routing rule that fits it' })),
  routedBy: Type.Optional(
    Type.Literal('app_queue', {
      description: 'The PBX routes it by itself, and we cannot control it; absent on calls that we route',
    }),
  ),
  direction: Type.Optional(
    Type.Literal('outbound', {
      description: 'Absent on calls that came in; here callerNumber is the customer and dialledNumber what we show',
    }),
  ),
  stale: stale(),
});

const DeviceStateSchema = oneOf(
  'unknown',
  'notInUse',
  'inUse',
  'busy',
  'invalid',
  'unavailable',
  'ringing',
  'ringInUse',
  'onHold',
);

export const AgentView = Type.Object({
  id: Type.String(),
  version: Type.Integer(),
  name: Type.String(),
  presence: oneOf('signedOut', 'available', 'paused'),
  pauseReason: Type.Optional(Type.String()),
  pauseProductive: Type.Optional(Type.Boolean({ description: 'The pause is work of another kind; by configuration' })),
  changedBy: Type.Optional(
    Type.String({
      description: 'Who else changed presence or skills last: a person or key. Absent when the agent did',
    }),
  ),
  routing: oneOf('idle', 'offered', 'talking', 'wrapUp'),
  device: DeviceStateSchema,
  devices: Type.Optional(
    Type.Array(Type.Object({ id: Type.String(), state: DeviceStateSchema }), {
      description: 'Of who has several phones; device is then what counts for all of them',
    }),
  ),
  chosenDevice: Type.Optional(Type.String({ description: 'The phone that the agent wants to be rung' })),
  callId: Type.Optional(Type.String()),
  contacts: Type.Optional(
    Type.Array(
      Type.Object({ callId: Type.String(), channel: Type.String({ description: 'chat, mail and the like' }) }),
      {
        description: 'Contacts in hand that are no calls, beside which routing may be idle; absent when there are none',
      },
    ),
  ),
  stale: stale(),
  sinceMs: TimeMs(),
  wrapUpUntilMs: Type.Optional(TimeMs()),
  wrapUpMaxUntilMs: Type.Optional(Type.Integer({ description: 'The agent may put the end off until then; Unix time' })),
  skills: Type.Record(Type.String(), Type.Number()),
  queues: Type.Array(Type.String()),
});

export const QueueView = Type.Object({
  id: Type.String(),
  waiting: Type.Integer(),
  offering: Type.Integer(),
  longestWaitMs: DurationMs(),
  agentsIdle: Type.Integer({ description: 'Agents who could be offered a call of this queue now' }),
  agentsSignedIn: Type.Integer(),
  members: Type.Optional(
    Type.Object(
      {
        total: Type.Integer(),
        free: Type.Integer(),
        busy: Type.Integer(),
        paused: Type.Integer(),
        away: Type.Integer({ description: 'Their phone cannot be reached' }),
      },
      { description: 'Of a queue that the PBX routes: its members, whether they are our agents or not' },
    ),
  ),
  routedBy: Type.Optional(Type.Literal('app_queue', { description: 'The PBX routes it; absent on our queues' })),
  hours: Type.Optional(
    Type.Object(
      {
        open: Type.Boolean(),
        changesAtMs: Type.Optional(
          Type.Integer({ description: 'When it closes or opens next, Unix time; absent: not within 400 days' }),
        ),
      },
      { description: 'Of a queue with opening hours of its own' },
    ),
  ),
});

/** What the dialplan was told about a call that is not ours, at least not yet. */
export const AdviceView = Type.Object({
  callId: Type.String({ description: 'The id that the call keeps if it comes to us later' }),
  nodeId: Type.Optional(Type.String()),
  uniqueId: Type.Optional(Type.String({ description: 'The channel on the PBX' })),
  via: oneOf('http', 'fastagi'),
  callerNumber: Phone(),
  dialledNumber: Type.String(),
  entryId: Type.Optional(Type.String()),
  action: oneOf('agent', 'queue', 'fallback', 'blacklist', 'closed'),
  reason: Type.Optional(
    Type.Enum(['draining', 'noEntry', 'noQueue', 'queueFull', 'noNode'], { description: 'Why it was the fallback' }),
  ),
  agentId: Type.Optional(Type.String()),
  queueId: Type.Optional(Type.String()),
  keptUntilMs: Type.Optional(TimeMs()),
});

/** Why a routing decision fell as it did; the same shape for a dry run. */
export const Explanation = Type.Object({
  rule: Type.String({ description: 'The rule that decided, e.g. longestIdle' }),
  waitedMs: DurationMs(),
  orderKey: Type.Number({ description: 'Virtual arrival in Unix milliseconds; the lowest goes first' }),
  considered: Type.Integer({ description: 'How many agents were looked at' }),
  candidates: Type.Array(
    Type.Object({
      agentId: Type.String(),
      idleMs: DurationMs(),
      penalty: Type.Optional(
        Type.Number({ description: 'The lower goes first, before all else; where queues have edges' }),
      ),
      rank: Type.Optional(
        Type.Number({ description: 'What the rule compares, the lower first; for longestIdle it is the idle time' }),
      ),
    }),
    { description: 'Those who could have taken it, best first; at most ten' },
  ),
  excluded: Type.Array(Type.Object({ agentId: Type.String(), reason: Type.String() }), {
    description: 'Those who could not, and why; at most twenty',
  }),
  step: Type.Optional(Type.Integer({ description: 'Where the call was in the steps of its wait, from 0' })),
  edgePriority: Type.Optional(
    Type.Number({ description: 'How the agent stands to the queue: agents take from the lowest first' }),
  ),
  keyNow: Type.Optional(
    Type.Number({ description: 'The order key as it counted at this moment, where waiting counts at another rate' }),
  ),
});

/** A ticket: what a rule or a person wants done after a call, and where it stands at its desk. */
export const TicketView = Type.Object({
  id: Type.String(),
  version: Type.Integer({ description: 'Grows with every change of this ticket' }),
  phase: Type.Enum(['waiting', 'placed', 'failed'], {
    description: 'waiting: not yet at the desk; placed: the desk has it; failed: given up until it is replayed',
  }),
  deskId: Type.String(),
  queue: Type.Optional(Type.String({ description: "The desk's own queue" })),
  level: oneOf('low', 'normal', 'high', 'critical'),
  status: oneOf('new', 'open', 'pending', 'solved', 'closed'),
  deskStatus: Type.Optional(Type.String({ description: "The desk's own word for the status" })),
  deskTicketId: Type.Optional(Type.String({ description: 'Its id at the desk' })),
  url: Type.Optional(Type.String({ description: 'Where people open it' })),
  subject: TextWithPhones('One line'),
  mark: Type.String({ description: 'The same for every attempt; what the desk is searched by' }),
  callId: Type.Optional(Type.String({ description: 'The call that it came from' })),
  callIds: Type.Array(Type.String(), { description: 'That call, and those linked later' }),
  ruleId: Type.Optional(Type.String()),
  agentId: Type.Optional(Type.String()),
  customerId: Type.Optional(Type.String()),
  callerNumber: Type.Optional(Phone()),
  attempts: Type.Integer({ description: 'How often the desk was asked in vain' }),
  failureCode: Type.Optional(Type.String()),
  createdAtMs: TimeMs(),
  updatedAtMs: TimeMs(),
});

/** What was recorded of a call. */
export const RecordingView = Type.Object({
  id: Type.String({ description: 'Also the name of the file at the PBX, without its extension' }),
  callId: Type.String(),
  nodeId: Type.String(),
  agentId: Type.Optional(Type.String({ description: 'Whose conversation it was when it ended' })),
  phase: oneOf('live', 'stopped', 'ready', 'failed', 'deleted'),
  byRule: Type.Boolean(),
  startedAtMs: TimeMs(),
  endedAtMs: Type.Optional(TimeMs()),
  file: Type.String({ description: 'Name of the file' }),
  bytes: Type.Optional(Type.Integer()),
  lengthMs: Type.Optional(Type.Integer({ description: 'How long it plays; absent for formats that do not tell' })),
  sha256: Type.Optional(Type.String({ description: 'Checksum of the file, hexadecimal' })),
});
