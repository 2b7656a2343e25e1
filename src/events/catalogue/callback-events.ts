import { Type } from '../../schema/index.ts';
import { JobOutcomeSchema, JobView } from './job-view.ts';
import { event, text } from './spec.ts';

/** Customers who are called back instead of waiting; the same jobs tell the `outbound.*` events, too. */
export const callbackEvents = {
  'callback.requested.v1': event(
    'A customer will be called back and keeps the place in line',
    '已登记回拨，保留排队位置',
    Type.Object({ job: JobView }),
  ),
  'callback.due.v1': event(
    'It is the turn of the callback: the customer is dialled next',
    '轮到回拨，即将呼叫客户',
    Type.Object({ job: JobView, callId: text() }),
  ),
  'callback.reached.v1': event(
    'The customer was called back and has answered',
    '回拨已接通客户',
    Type.Object({ job: JobView, attempts: Type.Integer() }),
  ),
  'callback.failed.v1': event(
    'The customer was not reached, or may not be called any more',
    '回拨失败',
    Type.Object({ job: JobView, outcome: JobOutcomeSchema, attempts: Type.Integer() }),
  ),
  'callback.cancelled.v1': event('The callback is not wanted any more', '回拨已取消', Type.Object({ job: JobView })),
} as const;
