import { Type } from '../../schema/index.ts';
import { dialOutcomes, oneOf, Phone, TimeMs } from './views.ts';

const JobOutcomeSchema = oneOf(...dialOutcomes, 'expired');

/** A wish that somebody be called, as events and the API show it. */
export const JobView = Type.Object({
  id: Type.String(),
  version: Type.Integer({ description: 'Grows with every change of this job' }),
  status: oneOf('pending', 'active', 'finished'),
  number: Phone(),
  region: Type.Optional(Type.String({ description: 'Country of the number; absent for our own extensions' })),
  customerId: Type.Optional(Type.String()),
  queueId: Type.String(),
  agentId: Type.Optional(Type.String({ description: 'The only agent who may call' })),
  from: Type.Optional(Type.String({ description: 'The entry in whose name we call' })),
  reason: Type.Optional(Type.String()),
  priority: Type.Number(),
  attempts: Type.Integer({ description: 'Times that the customer was dialled, or may have been' }),
  tries: Type.Integer({ description: 'Calls placed, also those that found no agent' }),
  createdAtMs: TimeMs(),
  notBeforeMs: Type.Optional(TimeMs()),
  notAfterMs: TimeMs(),
  dueAtMs: Type.Optional(TimeMs()),
  callId: Type.Optional(Type.String({ description: 'The call that is made for it now' })),
  callback: Type.Optional(
    Type.Object(
      {
        mode: oneOf('agentFirst', 'customerFirst'),
        queuedAtMs: Type.Integer({ description: 'The age of the place in line, Unix milliseconds' }),
        callId: Type.Optional(Type.String({ description: 'The call that asked for it' })),
      },
      { description: 'Keeps the place in line of a caller who hung up; absent on other jobs' },
    ),
  ),
  lastOutcome: Type.Optional(oneOf(...dialOutcomes)),
  outcome: Type.Optional(JobOutcomeSchema),
  finishedAtMs: Type.Optional(TimeMs()),
  data: Type.Record(Type.String(), Type.String(), { description: 'Attached to each call of the job' }),
});

export { JobOutcomeSchema };
