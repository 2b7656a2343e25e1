import type { Draft } from './draft.ts';
import { end, overflowTo, sendTo } from './leaving.ts';
import type { Target } from './target.ts';
import { toQueue } from './waiting.ts';

/** A call that has arrived goes on as soon as lookup, greeting and menu are over: the one place where it does. */
export function goOnWhenReady(draft: Draft): void {
  const { phase, awaiting, closed, menu } = draft.call;
  if (phase !== 'arriving' || awaiting.lookup || awaiting.greeting) return;
  if (draft.call.outbound) return toQueue(draft, draft.call.queueId ?? '', 'outbound');
  const { entry } = draft.policy;
  if (closed) return overflowTo(draft, entry.hours?.closed.target ?? entry.fallback, 'closed');
  if (!menu) return toQueue(draft, entry.queueId, 'arrived');
  if (menu.stage === 'chosen') goToChoice(draft, menu.target);
}

function goToChoice(draft: Draft, target: Target): void {
  draft.change({ menu: undefined });
  if (target.kind !== 'hangup') return sendTo(draft, target, 'arrived', 'overflowed');
  draft.pbx({ kind: 'hangup', legId: draft.call.callerLegId, reason: 'normal' });
  end(draft, 'refused');
}
