import { Type } from '../../schema/index.ts';
import { event, text } from './spec.ts';
import { CallView, DurationMs } from './views.ts';

/** What a caller meets on the way in. */
export const entryEvents = {
  'call.arrived.v1': event('A call was handed to us', '来电进入', Type.Object({ call: CallView })),
  'call.menu.asked.v1': event(
    'The caller hears the prompt of a keypad menu',
    '播放按键菜单',
    Type.Object({
      call: CallView,
      menu: text(),
      attempt: Type.Integer({ description: 'How often the caller was asked, from 1' }),
      reason: Type.Enum(['arrived', 'wrongKey', 'timeout', 'repeat', 'unknown', 'recovered']),
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
  'call.input.asked.v1': event(
    'The caller hears the question for digits',
    '播放收号提示',
    Type.Object({
      call: CallView,
      step: text(),
      name: Type.String({ description: 'The name of the answer in the data of the call' }),
      attempt: Type.Integer({ description: 'How often the caller was asked, from 1' }),
      reason: Type.Enum(['arrived', 'wrongKey', 'timeout', 'repeat', 'unknown', 'recovered']),
    }),
  ),
  'call.input.left.v1': event(
    'The caller has typed digits, which the data of the call has now, or goes on without',
    '收号结束',
    Type.Object({
      call: CallView,
      step: text(),
      name: text(),
      outcome: Type.Enum(['confirmed', 'unchecked', 'accepted', 'unknown', 'wrongKey', 'timeout', 'unheard'], {
        description: 'unchecked: the check could not be asked in time; unknown: it knows no such number',
      }),
      attempts: Type.Integer(),
      target: text(),
    }),
  ),
  'call.flow.cut.v1': event(
    'The flow of a number is left before its end',
    '入口流程提前结束',
    Type.Object({
      call: CallView,
      step: text(),
      reason: Type.Enum(['steps', 'time', 'vip'], { description: 'steps, time: a limit of the flow' }),
      target: text(),
    }),
  ),
  'call.voicemail.started.v1': event(
    'The caller is asked for a message',
    '播放留言提示',
    Type.Object({ call: CallView, box: text() }),
  ),
  'call.voicemail.ended.v1': event(
    'The caller has left a message, or none',
    '留言结束',
    Type.Object({
      call: CallView,
      box: text(),
      outcome: Type.Enum(['left', 'tooShort', 'none', 'failed'], {
        description: 'none: hung up before the beep; tooShort: recorded, but says nothing; failed: not recorded',
      }),
      lengthMs: DurationMs(),
      recordingId: Type.Optional(text()),
    }),
  ),
} as const;
