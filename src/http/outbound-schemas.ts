import { type Static, Type } from '../schema/index.ts';
import { JobView } from '../events/catalogue/index.ts';
import { compileMask, type Principal } from '../security/index.ts';
import { seesNumbers } from './access.ts';
import { NumberText, Page, strict } from './schemas.ts';

const id = (description: string) => Type.String({ minLength: 1, maxLength: 128, description });
const Time = (description: string) => Type.Integer({ minimum: 0, description: `${description}, Unix milliseconds` });

const whom = {
  number: Type.Optional(NumberText()),
  customerId: Type.Optional(id('A customer whose number the directory knows')),
  phoneToken: Type.Optional(Type.String({ minLength: 1, maxLength: 1024, description: 'An opaque name of a number' })),
};
const who = {
  agentId: Type.Optional(id('The agent; with an agent’s key only himself')),
  queueId: Type.Optional(id('Whose wrap-up, music and ring time the call has; the agent’s first when left out')),
  from: Type.Optional(id('The entry in whose name is called: its number is shown')),
};
const Data = Type.Record(Type.String({ pattern: '^[A-Za-z][A-Za-z0-9_.-]{0,63}$' }), Type.String({ maxLength: 1024 }), {
  maxProperties: 50,
  additionalProperties: false,
  description: 'Attached to the call',
});

export const DialBody = strict({ ...whom, ...who, data: Type.Optional(Data) });
export const DialAccepted = Type.Object({
  accepted: Type.Literal(true),
  callId: Type.String({ description: 'Events tell what comes of it' }),
});

const Rule = strict({
  attemptsMax: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
  delayMs: Type.Optional(Type.Integer({ minimum: 0, maximum: 30 * 86_400_000 })),
});

export const JobBody = strict({
  ...whom,
  ...who,
  queueId: Type.Optional(id('Whose agents call')),
  agentId: Type.Optional(id('The only agent who may call')),
  reason: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: 'For the agent and the events' })),
  priority: Type.Optional(
    Type.Number({ minimum: -1_000, maximum: 1_000, description: 'Minutes ahead of other jobs; callers go first' }),
  ),
  notBeforeMs: Type.Optional(Time('Not called before')),
  notAfterMs: Type.Optional(Time('Not called after')),
  data: Type.Optional(Data),
  retry: Type.Optional(
    strict({
      attemptsMax: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, description: 'Dials in all' })),
      busy: Type.Optional(Rule),
      noAnswer: Type.Optional(Rule),
      failed: Type.Optional(Rule),
    }),
  ),
  idempotencyKey: Type.Optional(id('Instead of the header; the same key and body is the same job')),
});
export const CallbackBody = strict({
  ...whom,
  queueId: id('In whose line; its callback settings hold'),
  from: who.from,
  reason: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: 'For the agent and the events' })),
  priority: Type.Optional(
    Type.Number({ minimum: -1_000, maximum: 1_000, description: 'Minutes of waiting ahead, as for a caller' }),
  ),
  data: Type.Optional(Data),
  idempotencyKey: Type.Optional(id('Instead of the header; the same key and body is the same callback')),
});
export const KeyHeader = Type.Object({
  'idempotency-key': Type.Optional(id('The same key and body is the same job')),
});

export type JobData = Static<typeof JobView>;
export const Job = Type.Unsafe<JobData>({ $ref: 'OutboundJob#' });
const maskJob = compileMask(JobView) ?? ((value: unknown) => value);

/** With the number in full for readers who may see numbers. */
export const visibleJob = (job: JobData, principal: Principal | null): JobData =>
  seesNumbers(principal) ? job : (maskJob(job) as JobData);

export const JobList = Type.Object({ jobs: Type.Array(Job) });
export const JobParams = strict({ jobId: id('Id of the job') });
export const JobQuery = strict({
  ...Page,
  status: Type.Optional(JobView.properties.status),
  queueId: Type.Optional(id('Only of this queue')),
  before: Type.Optional(id('Only older ones than this job, for the next page')),
});

export const DoNotCallBody = strict({
  number: NumberText(),
  reason: Type.Optional(Type.String({ maxLength: 200, description: 'Why, e.g. customer’s wish' })),
});
export const DoNotCallQuery = strict({
  ...Page,
  after: Type.Optional(Type.String({ maxLength: 64, description: 'The last number of the page before' })),
});
export const DoNotCallList = Type.Object({
  numbers: Type.Array(Type.Object({ number: Type.String(), reason: Type.String(), addedAtMs: Type.Integer() })),
});
export const RemoveBody = strict({ number: NumberText() });
export const Removed = Type.Object({ removed: Type.Boolean({ description: 'False when it was not on the list' }) });
