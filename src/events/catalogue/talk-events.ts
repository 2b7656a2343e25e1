import { Type } from '../../schema/index.ts';
import { event, offerOutcomes, text } from './spec.ts';
import { CallView, DurationMs, TimeMs } from './views.ts';

const party = {
  party: Type.String({ description: 'Who is asked: agent:<id> or number' }),
  partyAgentId: Type.Optional(text()),
};

/** The conversation, who is asked besides, and the end of a call. */
export const talkEvents = {
  'call.data.updated.v1': event('Data was attached to the call', '随路数据更新', Type.Object({ call: CallView })),
  'call.disposition.v1': event(
    'An agent said what came of the call',
    '填写处理结果',
    Type.Object({ call: CallView, agentId: text(), code: Type.String({ description: 'A code of the configuration' }) }),
  ),
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
  'call.muted.v1': event('An agent is not heard', '坐席静音', Type.Object({ call: CallView, agentId: text() })),
  'call.unmuted.v1': event('An agent is heard again', '坐席取消静音', Type.Object({ call: CallView, agentId: text() })),
  'call.keys.sent.v1': event(
    'An agent sent keypad tones to the caller; how many, never which',
    '发送按键音',
    Type.Object({ call: CallView, agentId: text(), count: Type.Integer() }),
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
      reason: Type.Enum([
        'completed',
        'abandoned',
        'callback',
        'transferred',
        'overflowed',
        'refused',
        'voicemail',
        'unreached',
      ]),
      waitedMs: DurationMs(),
      talkMs: DurationMs(),
      holdMs: DurationMs(),
      attempts: Type.Integer(),
      ticketIds: Type.Optional(Type.Array(text(), { description: 'Tickets that the call leaves by rule' })),
    }),
  ),
} as const;
