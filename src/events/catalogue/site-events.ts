import { Type } from '../../schema/index.ts';
import { event, text } from './spec.ts';
import { AgentView, QueueView } from './views.ts';

/** Agents, queues, the PBX nodes and the stream itself. */
export const siteEvents = {
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
      routedBy: Type.Optional(Type.Literal('app_queue', { description: 'Calls that the PBX routes by itself' })),
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
} as const;
