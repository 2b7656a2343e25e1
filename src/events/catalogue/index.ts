import { type Static, type TObject, Type } from '../../schema/index.ts';
import { JobOutcomeSchema, JobView } from './job-view.ts';
import {
  AdviceView,
  AgentView,
  CallView,
  CustomerCard,
  DialOutcomeSchema,
  DurationMs,
  Explanation,
  QueueView,
  RecordingView,
  TicketView,
  TimeMs,
} from './views.ts';

/**
 * The one list of event types. A type that is not here cannot be published; AsyncAPI is generated from it.
 * A change that readers would notice gets a new version suffix beside the old one.
 */
export interface EventSpec {
  readonly summary: string;
  readonly summaryZh: string;
  readonly data: TObject;
  /** True: under pressure only the newest per subject is sent. Never for `call.*`. */
  readonly coalesce: boolean;
}

const event = <Data extends TObject>(summary: string, summaryZh: string, data: Data, coalesce = false) => ({
  summary,
  summaryZh,
  data,
  coalesce,
});

const text = () => Type.String();
const offerOutcomes = ['declined', 'busy', 'noAnswer', 'unreachable', 'withdrawn', 'callerLeft', 'dropped'] as const;
const offerOutcome = Type.Enum([...offerOutcomes]);
const party = {
  party: Type.String({ description: 'Who is asked: agent:<id> or number' }),
  partyAgentId: Type.Optional(text()),
};

const ToldRecording = Type.Object({
  call: CallView,
  recordingId: text(),
  byRule: Type.Boolean({ description: 'A rule asked for it, not a person' }),
  startedAtMs: TimeMs(),
  format: text(),
});

export const catalogue = {
  'call.arrived.v1': event('A call was handed to us', '来电进入', Type.Object({ call: CallView })),
  'call.placed.v1': event(
    'An outbound call begins: an agent is looked for',
    '外呼开始，正在预占坐席',
    Type.Object({ call: CallView, byAgent: Type.Boolean({ description: 'An agent dials for himself' }) }),
  ),
  'call.dialling.v1': event(
    'The agent is on the line, the customer is being dialled',
    '坐席已应答，正在呼叫客户',
    Type.Object({ call: CallView, agentId: text() }),
  ),
  'call.dial.ringing.v1': event(
    "The customer's phone rings",
    '客户话机振铃',
    Type.Object({ call: CallView, agentId: text() }),
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
  'call.customer.updated.v1': event(
    'What we know of the caller has changed',
    '来电客户信息更新',
    Type.Object({ call: CallView, customer: CustomerCard, late: Type.Boolean() }),
  ),
  'call.menu.asked.v1': event(
    'The caller hears the prompt of a keypad menu',
    '播放按键菜单',
    Type.Object({
      call: CallView,
      menu: text(),
      attempt: Type.Integer({ description: 'How often the caller was asked, from 1' }),
      reason: Type.Enum(['arrived', 'wrongKey', 'timeout', 'recovered']),
    }),
  ),
  'call.menu.left.v1': event(
    'The caller has chosen by keypad, or goes on without having chosen',
    '按键菜单结束',
    Type.Object({
      call: CallView,
      menu: text(),
      outcome: Type.Enum(['chosen', 'wrongKey', 'timeout', 'unheard', 'vip']),
      key: Type.Optional(text()),
      target: text(),
    }),
  ),
  'call.queued.v1': event(
    'The call waits in a queue',
    '来电进入队列',
    Type.Object({
      call: CallView,
      reason: Type.Enum(['arrived', 'outbound', 'overflow', 'transfer', 'returned', 'recovered']),
    }),
  ),
  'call.offered.v1': event(
    'The call is offered to an agent; the screen pop',
    '向坐席振铃并弹屏',
    Type.Object({
      call: CallView,
      agentId: text(),
      attempt: Type.Integer(),
      expiresAtMs: TimeMs(),
      mode: Type.Enum(['ring', 'accept']),
      customer: CustomerCard,
      explanation: Explanation,
      askedBy: Type.Optional(
        Type.String({ description: 'The agent who asks this one for advice; absent when the caller is offered' }),
      ),
    }),
  ),
  'call.offer.ringing.v1': event(
    "The agent's phone rings",
    '坐席话机振铃',
    Type.Object({ call: CallView, agentId: text(), attempt: Type.Integer() }),
  ),
  'call.offer.ended.v1': event(
    'An offer ended without a conversation',
    '振铃未接通',
    Type.Object({ call: CallView, agentId: text(), attempt: Type.Integer(), outcome: offerOutcome }),
  ),
  'call.answered.v1': event(
    'The agent answered',
    '坐席应答',
    Type.Object({ call: CallView, agentId: text(), ringMs: DurationMs(), waitedMs: DurationMs() }),
  ),
  'call.connected.v1': event(
    'Caller and agent hear each other',
    '双方接通',
    Type.Object({ call: CallView, agentId: text(), waitedMs: DurationMs() }),
  ),
  'call.data.updated.v1': event('Data was attached to the call', '随路数据更新', Type.Object({ call: CallView })),
  'call.held.v1': event('The caller is on hold', '通话保持', Type.Object({ call: CallView, agentId: text() })),
  'call.resumed.v1': event(
    'The caller is back from hold',
    '恢复通话',
    Type.Object({ call: CallView, agentId: text() }),
  ),
  'call.transferred.v1': event(
    'An agent passed the call on',
    '通话转接',
    Type.Object({
      call: CallView,
      agentId: text(),
      target: text(),
      attended: Type.Optional(Type.Boolean({ description: 'After a consultation: caller and target talk already' })),
    }),
  ),
  'call.consult.started.v1': event(
    'An agent asks another one or a number outside, the caller hears music',
    '发起咨询',
    Type.Object({ call: CallView, agentId: text(), ...party }),
  ),
  'call.consult.ringing.v1': event(
    'The one who is asked is being rung',
    '被咨询方振铃',
    Type.Object({ call: CallView, agentId: text(), ...party }),
  ),
  'call.consult.answered.v1': event(
    'The agent talks with the one who was asked',
    '咨询接通',
    Type.Object({ call: CallView, agentId: text(), ...party }),
  ),
  'call.consult.ended.v1': event(
    'The one who was asked is out, the agent is back with the caller',
    '咨询结束',
    Type.Object({
      call: CallView,
      agentId: Type.Optional(text()),
      ...party,
      outcome: Type.Enum([...offerOutcomes, 'cancelled', 'left', 'agentLeft']),
    }),
  ),
  'call.conference.started.v1': event(
    'Caller, agent and the one who was asked hear each other',
    '三方通话开始',
    Type.Object({ call: CallView, agentId: text(), ...party }),
  ),
  'call.recording.started.v1': event('The conversation is recorded', '开始录音', ToldRecording),
  'call.recording.paused.v1': event(
    'Silence is recorded instead of what is said',
    '录音暂停（录入静音）',
    Type.Object({ call: CallView, recordingId: text() }),
  ),
  'call.recording.resumed.v1': event(
    'What is said is recorded again',
    '录音恢复',
    Type.Object({ call: CallView, recordingId: text(), pausedMs: DurationMs() }),
  ),
  'call.recording.pause.overdue.v1': event(
    'A recording is paused for longer than it should be; told again as long as it lasts',
    '录音暂停超时提醒',
    Type.Object({ call: CallView, recordingId: text(), pausedMs: DurationMs() }),
  ),
  'call.recording.stopped.v1': event(
    'The recording is over; recording.ready tells when it can be fetched',
    '录音结束',
    ToldRecording,
  ),
  'call.recording.failed.v1': event(
    'The recording failed; the call goes on without',
    '录音失败，通话继续',
    Type.Object({
      ...ToldRecording.properties,
      reason: Type.Enum(['gone', 'refused', 'timeout', 'unavailable', 'pbx']),
    }),
  ),
  'call.muted.v1': event('An agent is not heard', '坐席静音', Type.Object({ call: CallView, agentId: text() })),
  'call.unmuted.v1': event('An agent is heard again', '坐席取消静音', Type.Object({ call: CallView, agentId: text() })),
  'call.keys.sent.v1': event(
    'An agent sent keypad tones to the caller; how many, never which',
    '发送按键音',
    Type.Object({ call: CallView, agentId: text(), count: Type.Integer() }),
  ),
  'call.overflowed.v1': event(
    'The call left its queue by rule',
    '来电溢出',
    Type.Object({
      call: CallView,
      target: text(),
      reason: Type.Enum(['maxWait', 'queueFull', 'blacklisted', 'draining', 'noQueue', 'noAgents', 'closed']),
    }),
  ),
  'call.wrapup.started.v1': event(
    'The conversation is over, the agent writes it up',
    '话后处理开始',
    Type.Object({ call: CallView, agentId: text(), untilMs: TimeMs(), talkMs: DurationMs() }),
  ),
  'call.ended.v1': event(
    'The call is over',
    '通话结束',
    Type.Object({
      call: CallView,
      reason: Type.Enum(['completed', 'abandoned', 'transferred', 'overflowed', 'refused', 'unreached']),
      waitedMs: DurationMs(),
      talkMs: DurationMs(),
      holdMs: DurationMs(),
      attempts: Type.Integer(),
      ticketIds: Type.Optional(Type.Array(text(), { description: 'Tickets that the call leaves by rule' })),
    }),
  ),
  'route.advised.v1': event(
    'The dialplan asked where a call should go; with an agent, the screen pop of a call that the dialplan rings through',
    '拨号方案询问路由；若为坐席则同时弹屏',
    Type.Object({
      advice: AdviceView,
      customer: CustomerCard,
      late: Type.Boolean({ description: 'The CRM answered after the advice was given; the advice is as before' }),
      explanation: Type.Optional(Explanation),
    }),
  ),
  'ticket.requested.v1': event(
    'A ticket is wanted and waits for its desk',
    '工单待提交',
    Type.Object({ ticket: TicketView }),
  ),
  'ticket.created.v1': event('The desk has the ticket', '工单已建立', Type.Object({ ticket: TicketView })),
  'ticket.updated.v1': event(
    'A ticket has changed, at its desk or by the API',
    '工单更新',
    Type.Object({
      ticket: TicketView,
      changed: Type.Array(Type.Enum(['phase', 'status', 'url', 'calls'])),
      by: Type.Enum(['webhook', 'poll', 'api'], { description: 'How we know' }),
    }),
  ),
  'ticket.failed.v1': event(
    'A ticket was given up; it waits until a person replays it',
    '工单提交失败，需人工重放',
    Type.Object({ ticket: TicketView, code: text() }),
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
  'recording.ready.v1': event('A recording can be fetched', '录音可下载', Type.Object({ recording: RecordingView })),
  'recording.lost.v1': event(
    'What was recorded could not be read at the PBX',
    '录音文件无法读取',
    Type.Object({ recording: RecordingView, code: text() }),
  ),
  'recording.deleted.v1': event(
    'A recording was deleted because its time was over',
    '录音到期删除',
    Type.Object({ recording: RecordingView }),
  ),
  'agent.state.v1': event('An agent changed state', '坐席状态变化', Type.Object({ agent: AgentView }), true),
  'queue.stats.v1': event('Figures of a queue', '队列统计', Type.Object({ queue: QueueView }), true),
  'pbx.link.lost.v1': event(
    'A link to a PBX node is down; its calls are stale until it is back',
    'PBX 链路中断',
    Type.Object({ nodeId: text(), link: Type.Enum(['ari', 'ami']), code: text() }),
  ),
  'pbx.link.restored.v1': event(
    'A link to a PBX node is up',
    'PBX 链路恢复',
    Type.Object({ nodeId: text(), link: Type.Enum(['ari', 'ami']) }),
  ),
  'pbx.restarted.v1': event('A PBX node has started anew', 'PBX 重新启动', Type.Object({ nodeId: text() })),
  'pbx.reconciled.v1': event(
    'State was compared with the PBX after a gap',
    '与 PBX 状态核对完成',
    Type.Object({
      nodeId: text(),
      kept: Type.Integer({ description: 'Calls found as we knew them' }),
      adopted: Type.Integer({ description: 'Calls found that we did not know' }),
      ended: Type.Integer({ description: 'Calls that ended while we were away' }),
      swept: Type.Integer({ description: 'Orphan legs and bridges removed' }),
    }),
  ),
  'stream.gap.v1': event(
    'Events could not be kept; what follows is complete again',
    '事件缺口通告',
    Type.Object({
      lost: Type.Integer({ description: 'How many; 0 when it cannot be known, as after a crash' }),
      reason: Type.Enum(['bufferFull', 'uncleanStop']),
    }),
  ),
} as const satisfies Record<string, EventSpec>;

export type EventType = keyof typeof catalogue;
export type EventData<T extends EventType> = Static<(typeof catalogue)[T]['data']>;
export type JobViewData = Static<typeof JobView>;
export type CallViewData = Static<typeof CallView>;
export type AgentViewData = Static<typeof AgentView>;
export type RecordingViewData = Static<typeof RecordingView>;
export type QueueViewData = Static<typeof QueueView>;
export type TicketViewData = Static<typeof TicketView>;
export type CustomerCardData = Static<typeof CustomerCard>;
export { AgentView, CallView, CustomerCard, Explanation, JobView, QueueView, RecordingView, TicketView };

export function isEventType(type: string): type is EventType {
  return Object.hasOwn(catalogue, type);
}
