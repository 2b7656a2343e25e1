import { Type } from '../../schema/index.ts';
import { event, text } from './spec.ts';
import { CallView } from './views.ts';

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
} as const;
