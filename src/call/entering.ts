import { isPlaceOnly, keepPlace } from './calling-back.ts';
import type { Draft } from './draft.ts';
import { end } from './ending.ts';
import { overflowTo, sendTo } from './leaving.ts';
import type { Target } from './target.ts';
import { toQueue } from './waiting.ts';

/** A call that has arrived goes on as soon as lookup, greeting and flow are over: the one place where it does. */
export function goOnWhenReady(draft: Draft): void {
  const { phase, awaiting, closed, flow } = draft.call;
  if (phase !== 'arriving' || awaiting.lookup || awaiting.greeting) return;
  if (isPlaceOnly(draft.call)) return keepPlace(draft);
  if (draft.call.outbound) return toQueue(draft, draft.call.queueId ?? '', 'outbound');
  const { entry } = draft.policy;
  if (closed) return overflowTo(draft, entry.hours?.closed.target ?? entry.fallback, 'closed');
  if (!flow) return toQueue(draft, entry.queueId, 'arrived');
  if (flow.stage === 'over' && flow.target) goToChoice(draft, flow.target);
}

function goToChoice(draft: Draft, target: Target): void {
  draft.change({ flow: undefined });
  if (target.kind !== 'hangup') return sendTo(draft, target, 'arrived', 'overflowed');
  draft.pbx({ kind: 'hangup', legId: draft.call.callerLegId, reason: 'normal' });
  end(draft, 'refused');
}
