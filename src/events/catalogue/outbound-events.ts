import { Type } from '../../schema/index.ts';
import { JobOutcomeSchema, JobView } from './job-view.ts';
import { event, text } from './spec.ts';
import { CallView, DialOutcomeSchema, TimeMs } from './views.ts';

/** Calls that go out, and the jobs that ask for them. */
export const outboundEvents = {
  'call.placed.v1': event(
    'An outbound call begins: an agent is looked for',
    '外呼开始，正在预占坐席',
    Type.Object({ call: CallView, byAgent: Type.Boolean({ description: 'An agent dials for himself' }) }),
  ),
  'call.dialling.v1': event(
    'The customer is being dialled; the agent is on the line, unless a callback dials the customer first',
    '正在呼叫客户；坐席已应答（先呼客户的回拨除外）',
    Type.Object({ call: CallView, agentId: Type.Optional(text()) }),
  ),
  'call.dial.ringing.v1': event(
    "The customer's phone rings",
    '客户话机振铃',
    Type.Object({ call: CallView, agentId: Type.Optional(text()) }),
  ),
  'call.dial.ended.v1': event(
    'An outbound call did not connect agent and customer',
    '外呼未接通',
    Type.Object({
      call: CallView,
      agentId: Type.Optional(text()),
      outcome: DialOutcomeSchema,
      dialled: Type.Boolean({ description: "Whether the customer's phone was dialled, or may have been" }),
    }),
  ),
  'outbound.job.accepted.v1': event(
    'Somebody wants a customer called',
    '外呼任务已受理',
    Type.Object({ job: JobView }),
  ),
  'outbound.job.postponed.v1': event(
    'The job waits for a calling hour',
    '外呼任务顺延至可呼叫时段',
    Type.Object({ job: JobView, untilMs: TimeMs() }),
  ),
  'outbound.job.cancelled.v1': event(
    'Nobody wants the customer called any more',
    '外呼任务已请求取消',
    Type.Object({ job: JobView }),
  ),
  'outbound.job.finished.v1': event(
    'The job is over; told once',
    '外呼任务结束',
    Type.Object({ job: JobView, outcome: JobOutcomeSchema, attempts: Type.Integer() }),
  ),
  'outbound.attempt.started.v1': event(
    'A call is placed for the job: an agent is reserved and rung',
    '外呼尝试开始，预占并呼叫坐席',
    Type.Object({ job: JobView, attempt: Type.Integer(), callId: text() }),
  ),
  'outbound.attempt.dialling.v1': event(
    'The agent is on the line; the customer is dialled next, or has been if nothing follows',
    '坐席已应答，即将呼叫客户',
    Type.Object({ job: JobView, attempt: Type.Integer(), callId: text() }),
  ),
  'outbound.attempt.ended.v1': event(
    'A call for the job came to its end, or to its conversation',
    '外呼尝试结束',
    Type.Object({
      job: JobView,
      attempt: Type.Integer(),
      callId: text(),
      outcome: DialOutcomeSchema,
      dialled: Type.Boolean({ description: 'Counts as an attempt: the customer was dialled, or may have been' }),
    }),
  ),
} as const;
