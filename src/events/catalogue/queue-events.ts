import { Type } from '../../schema/index.ts';
import { event, offerOutcomes, text } from './spec.ts';
import { AdviceView, CallView, CustomerCard, DurationMs, Explanation, TimeMs } from './views.ts';

/** Waiting for somebody, being offered, and where the dialplan asks. */
export const queueEvents = {
  'call.customer.updated.v1': event(
    'What we know of the caller has changed',
    '来电客户信息更新',
    Type.Object({ call: CallView, customer: CustomerCard, late: Type.Boolean() }),
  ),
  'call.queued.v1': event(
    'The call waits in a queue',
    '来电进入队列',
    Type.Object({
      call: CallView,
      reason: Type.Enum(['arrived', 'outbound', 'callback', 'overflow', 'transfer', 'returned', 'recovered']),
    }),
  ),
  'call.announced.v1': event(
    'The caller was told where he stands in line; never a later place or a longer wait than before',
    '向排队者播报位置与预计等待',
    Type.Object({
      call: CallView,
      position: Type.Optional(Type.Integer({ description: 'From 1; absent when it was not told' })),
      fromMs: Type.Optional(DurationMs()),
      toMs: Type.Optional(Type.Integer({ description: 'Upper end of the range that was told, milliseconds' })),
    }),
  ),
  'call.callback.offered.v1': event(
    'The caller was offered a callback instead of waiting',
    '向排队者提供回拨',
    Type.Object({ call: CallView }),
  ),
  'call.callback.refused.v1': event(
    'The caller cannot be called back: he waits on, or goes to the fallback when a rule sent him to be called back',
    '无法回拨：继续排队；由规则转去回拨的，转到 fallback',
    Type.Object({
      call: CallView,
      reason: Type.Enum(['number', 'doNotCall', 'hours', 'full', 'unavailable', 'late']),
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
    Type.Object({ call: CallView, agentId: text(), attempt: Type.Integer(), outcome: Type.Enum([...offerOutcomes]) }),
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
  'call.overflowed.v1': event(
    'The call left its queue by rule',
    '来电溢出',
    Type.Object({
      call: CallView,
      target: text(),
      reason: Type.Enum(['maxWait', 'queueFull', 'blacklisted', 'draining', 'noQueue', 'noAgents', 'closed']),
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
} as const;
