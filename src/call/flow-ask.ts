import type { Draft } from './draft.ts';
import type { CollectPolicy, Destination, FlowPolicy, FlowStep, MenuPolicy } from './flow-policy.ts';
import { type AskedReason, type FlowState, promptIdOf } from './flow-state.ts';
import { silence } from './silence.ts';

/** A step that the caller is in, with what the config says of it. */
export interface OpenStep<Step extends FlowStep = FlowStep> {
  readonly flow: FlowPolicy;
  readonly state: FlowState;
  readonly step: Step;
}

export type Question = MenuPolicy | CollectPolicy;

/** The language in which this caller is spoken to; that of the channel when undefined. */
export const spokenIn = ({ call, policy }: Draft): string | undefined =>
  call.languageChosen ? call.language : policy.entry.language;

/** Plays to the caller, in the language of the call. Its end is told as `playbackEnded`. */
export function playPrompt(draft: Draft, state: FlowState, media: readonly string[], maxMs: number): void {
  const plays = state.plays + 1;
  const language = spokenIn(draft);
  draft.change({ flow: { ...state, plays, stage: 'prompt', digits: undefined } });
  draft.pbx({
    kind: 'play',
    legId: draft.call.callerLegId,
    playbackId: promptIdOf(draft.call.id, plays),
    media,
    ...(language === undefined ? {} : { language }),
  });
  draft.ask({ kind: 'startTimer', timer: 'menu', afterMs: maxMs });
}

/** Asks the caller of a menu or for digits. */
export function ask(draft: Draft, { state, step }: OpenStep<Question>, reason: AskedReason): void {
  const before =
    reason === 'wrongKey' ? step.wrongKey : reason === 'unknown' && step.kind === 'collect' ? step.unknown : [];
  playPrompt(draft, state, before.length > 0 ? [...before, ...step.prompt] : step.prompt, step.promptMaxMs);
  const { stepId, attempt } = state;
  if (step.kind === 'menu') draft.tell({ type: 'call.menu.asked.v1', menu: stepId, attempt, reason });
  else draft.tell({ type: 'call.input.asked.v1', step: stepId, name: step.into, attempt, reason });
}

/** Asks once more, or says where to go when it was the last time. */
export function askAgain(
  draft: Draft,
  { flow, state, step }: OpenStep<Question>,
  reason: 'wrongKey' | 'timeout' | 'unknown',
): Destination | undefined {
  const isLate = draft.atMs - state.sinceMs >= flow.timeMaxMs;
  if (state.attempt >= step.attempts || isLate) return step.otherwise;
  if (state.stage === 'prompt') silence(draft);
  ask(draft, { flow, step, state: { ...state, attempt: state.attempt + 1 } }, reason);
  return undefined;
}

/** The caller may think. */
export function listen(draft: Draft, { state, step }: OpenStep<Question>, digits?: string): void {
  draft.change({ flow: { ...state, stage: 'listening', digits } });
  draft.ask({ kind: 'startTimer', timer: 'menu', afterMs: step.timeoutMs });
}
