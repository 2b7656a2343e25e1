import { type Static, Type } from '../schema/index.ts';
import { strict } from './schemas.ts';

const id = (description: string) => Type.String({ minLength: 1, maxLength: 128, description });
const text = (description: string) => Type.String({ maxLength: 128, description });
const levels = (description: string) =>
  Type.Record(Type.String({ pattern: '^[^\\s]{1,64}$' }), Type.Integer({ minimum: 0, maximum: 100 }), {
    maxProperties: 50,
    additionalProperties: false,
    description,
  });

/** A live call by its id, or one that is made up; what is left out is as for an unknown caller. */
export const ExplainBody = Type.Union([
  strict({ callId: id('A call that waits or is being offered') }),
  strict({
    entry: Type.Optional(id('Id or number of an entry; the first when absent')),
    queueId: Type.Optional(id('Instead of the queue that entry and rules choose')),
    nodeId: Type.Optional(id('The PBX; the first when absent')),
    version: Type.Optional(id('By the rules of this version; the current when absent')),
    callerNumber: Type.Optional(Type.String({ maxLength: 64, description: 'For who talked with the number last' })),
    language: Type.Optional(text('The language of the call')),
    data: Type.Optional(
      Type.Record(Type.String({ pattern: '^[A-Za-z][A-Za-z0-9_.-]{0,63}$' }), Type.String({ maxLength: 1024 }), {
        maxProperties: 50,
        additionalProperties: false,
        description: 'Attached data',
      }),
    ),
    caller: Type.Optional(
      strict({
        vip: Type.Optional(Type.Boolean()),
        tier: Type.Optional(text('Tier')),
        value: Type.Optional(Type.Number({ minimum: 0, maximum: 100 })),
        tags: Type.Optional(Type.Array(text('A tag'), { maxItems: 50 })),
        language: Type.Optional(text('Language of the customer')),
        region: Type.Optional(text('Region')),
        churnRisk: Type.Optional(Type.Enum(['low', 'medium', 'high'])),
        ownerAgentId: Type.Optional(text('Who owns the customer in the CRM')),
        needs: Type.Optional(levels('Skills that the customer needs')),
      }),
    ),
    waitedMs: Type.Optional(Type.Integer({ minimum: 0, maximum: 86_400_000, description: 'How long it has waited' })),
  }),
]);

export const ExplainedBody = Type.Object({
  callId: Type.Optional(Type.String()),
  entryId: Type.String(),
  rule: Type.Optional(Type.String({ description: 'The rule that placed it' })),
  policyVersion: Type.String({ description: 'The rules that it has or would have' }),
  queueId: Type.String(),
  step: Type.Integer({ description: 'Where it is in its wait, from 0' }),
  selection: Type.String({ description: 'How agents were compared' }),
  orderKey: Type.Number({ description: 'Virtual arrival, Unix milliseconds: the lowest goes first' }),
  waitingBefore: Type.Integer({ description: 'Calls of the queue that would be served before it' }),
  decision: Type.Enum(['offer', 'offered', 'wait', 'refused', 'passedOn'], {
    description: 'would be offered now; is offered; to nobody now; would not be let in; is on its way elsewhere',
  }),
  closed: Type.Optional(
    Type.Object(
      {
        target: Type.String({ description: 'Where the call would go' }),
        opensAtMs: Type.Optional(Type.Integer({ description: 'Unix milliseconds; absent: not within 400 days' })),
      },
      { description: 'The queue is closed to a call that comes now' },
    ),
  ),
  chosen: Type.Array(Type.String(), { description: 'Who would be or is asked, the first choice first' }),
  agentsTotal: Type.Integer(),
  agents: Type.Array(
    Type.Object({
      agentId: Type.String(),
      idleMs: Type.Integer(),
      reasons: Type.Array(Type.String(), { description: 'All that speaks against; none: could take it' }),
    }),
    { description: 'Those who could take it, in the order of choice, then the others; at most 200' },
  ),
});
export type ExplainedView = Static<typeof ExplainedBody>;

const share = '^(100|[1-9]?[0-9])%( of (calls|agents))?$';
const Rollout = Type.Object({
  share: Type.Integer({ description: 'Percent' }),
  of: Type.Enum(['calls', 'agents']),
});

export const ReloadBody = Type.Union([
  strict({
    rollout: Type.Optional(
      Type.String({
        pattern: share,
        description: 'Who has the new rules first, e.g. 10% of calls; as the file says when absent',
      }),
    ),
  }),
  Type.Null(),
]);

export const ReloadedBody = Type.Object({
  outcome: Type.Enum(['unchanged', 'live', 'trial'], {
    description: 'The same rules; in force for all that comes; tried by a share of it',
  }),
  version: Type.String({ description: 'Names the rules by their content' }),
  rollout: Type.Optional(Rollout),
  changed: Type.Array(Type.String(), { description: 'Sections whose new content is at work or tried' }),
  restartNeeded: Type.Array(Type.String(), {
    description: 'Sections that differ from those the server was started with; they need a restart',
  }),
  warnings: Type.Array(
    Type.Object({
      code: Type.String({ description: 'config.restart_needed, config.prompts_changed or config.doubtful' }),
      message: Type.String(),
      mend: Type.String({ description: 'What to do about it' }),
      keys: Type.Array(Type.String(), { description: 'Keys of the file, e.g. server.port' }),
    }),
    { description: 'What is not as the file says, and why' },
  ),
});

/** Refused: nothing has changed, and everything wrong is told. */
export type ReloadedView =
  | (Omit<Static<typeof ReloadedBody>, 'changed' | 'restartNeeded' | 'warnings'> & {
      readonly changed: readonly string[];
      readonly restartNeeded: readonly string[];
      readonly warnings: readonly {
        readonly code: string;
        readonly message: string;
        readonly mend: string;
        readonly keys: readonly string[];
      }[];
    })
  | {
      readonly outcome: 'refused';
      readonly problems: readonly {
        readonly line: number;
        readonly key: string;
        readonly message: string;
        readonly mend: string;
      }[];
    };

export const RuleVersionBody = Type.Object({
  version: Type.String(),
  state: Type.Enum(['current', 'trial', 'rolledBack', 'old']),
  loadedAtMs: Type.Integer({ description: 'Unix milliseconds' }),
  rollout: Type.Optional(Rollout),
  callsLive: Type.Integer({ description: 'Calls that are here with these rules' }),
  calls: Type.Integer({ description: 'Calls that waited in a queue and have ended' }),
  offers: Type.Integer(),
  answered: Type.Integer(),
  answeredInTime: Type.Integer({ description: 'Within 20 seconds' }),
  serviceLevel: Type.Number({ description: 'answeredInTime as a share of calls, 0 to 1; 0 without calls' }),
  abandoned: Type.Integer(),
  waitMeanMs: Type.Integer(),
  waitMaxMs: Type.Integer(),
});
export type RuleVersionView = Static<typeof RuleVersionBody>;
export const RuleVersionsBody = Type.Object({ versions: Type.Array(RuleVersionBody) });
