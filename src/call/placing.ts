import type { Call } from './call.ts';
import type { CallRules } from './call-rules.ts';
import type { Draft } from './draft.ts';

/** What a call that begins keeps of the rules: their version, and who knows the caller. */
export function ruledFromNow(
  rules: CallRules | undefined,
  callerNumber: string,
): Pick<Call, 'rulesVersion' | 'lastAgentId'> {
  const lastAgentId = rules?.lastAgentOf?.(callerNumber);
  return {
    ...(rules?.version === undefined ? {} : { rulesVersion: rules.version }),
    ...(lastAgentId === undefined ? {} : { lastAgentId }),
  };
}

/** The queue for a call that was to come into `queueId` by its entry or menu: a rule may name another. */
export function placedInto(draft: Draft, queueId: string): string {
  const placed = draft.policy.rules?.place?.({ ...draft.call, queueId }, draft.atMs);
  if (placed) draft.change({ placed });
  return placed?.queueId ?? queueId;
}

/** What is known of a waiting call has changed: its weight and needs may change, its queue and its age do not. */
export function placeAnew(draft: Draft): void {
  const { rules } = draft.policy;
  const { phase, placed: before } = draft.call;
  if (!rules?.looksAtCall || (phase !== 'waiting' && phase !== 'offering')) return;
  const placed = rules.place?.(draft.call, draft.atMs);
  if (placed || before) draft.change({ placed });
}
