import type { Draft } from './draft.ts';
import { goOnWhenReady } from './entering.ts';
import type { CommandFailure } from './facts.ts';
import { ask, listen, type OpenStep, playPrompt } from './flow-ask.ts';
import { collectChecked, collectKey, collectTimeOver, leaveCollect } from './flow-collect.ts';
import { holds } from './flow-facts.ts';
import { leaveMenu, menuAgain, menuKey } from './flow-menu.ts';
import type { CollectPolicy, DecidePolicy, Destination, FlowPolicy, MenuPolicy, SayPolicy } from './flow-policy.ts';
import { type AskedReason, type CheckOutcome, type CutReason, type FlowState, promptIdOf } from './flow-state.ts';
import { silence } from './silence.ts';
import { type Target, targetName } from './target.ts';

/** The step that the caller is in; undefined when there is no flow, or where it leads is settled. */
function openStep({ call, policy }: Draft): OpenStep | undefined {
  const { flow } = policy.entry;
  const state = call.flow;
  if (call.phase !== 'arriving' || !flow || !state || state.stage === 'over') return undefined;
  const step = Object.hasOwn(flow.steps, state.stepId) ? flow.steps[state.stepId] : undefined;
  return step && { flow, state, step };
}

const isMenu = (open: OpenStep): open is OpenStep<MenuPolicy> => open.step.kind === 'menu';
const isCollect = (open: OpenStep): open is OpenStep<CollectPolicy> => open.step.kind === 'collect';

/** How a call stands at the door of a flow. */
export const firstState = (flow: FlowPolicy, atMs: number): FlowState => ({
  stepId: flow.start,
  stage: 'greeting',
  attempt: 1,
  plays: 0,
  steps: 0,
  sinceMs: atMs,
  trail: [],
});

/** Begins the first step, after the greeting when there is one. */
export function enterFlow(draft: Draft): void {
  const open = openStep(draft);
  if (open?.state.stage === 'greeting' && !draft.call.awaiting.greeting)
    begin(draft, open, open.state.stepId, 'arrived');
}

export function keyPressed(draft: Draft, key: string): void {
  const open = openStep(draft);
  if (!open) return;
  if (isMenu(open)) follow(draft, open, menuKey(draft, open, key));
  else if (isCollect(open)) follow(draft, open, collectKey(draft, open, key));
}

/** The prompt was heard: the caller may think. What cannot be heard is no question, so nobody is kept in it. */
export function promptOver(draft: Draft, playbackId: string, failed: boolean): void {
  const open = openStep(draft);
  if (open?.state.stage !== 'prompt' || playbackId !== promptIdOf(draft.call.id, open.state.plays)) return;
  if (isMenu(open)) {
    if (!failed) return listen(draft, open);
    leaveMenu(draft, open, 'unheard', open.step.otherwise);
    follow(draft, open, open.step.otherwise);
  } else if (isCollect(open)) {
    if (!failed) return listen(draft, open);
    leaveCollect(draft, open, 'unheard', open.step.otherwise);
    follow(draft, open, open.step.otherwise);
  } else if (open.step.kind === 'say') {
    // What has ended by itself need not be cut.
    draft.change({ flow: { ...open.state, stage: 'listening' } });
    follow(draft, open, open.step.next);
  }
}

/** While the link is away nobody knows what the caller heard; the flow goes on by its times and is asked anew after it. */
export function promptRefused(draft: Draft, playbackId: string, failure: CommandFailure): void {
  if (failure === 'refused') promptOver(draft, playbackId, true);
}

export function flowTimeOver(draft: Draft): void {
  const open = openStep(draft);
  if (!open) return;
  if (open.state.stage === 'prompt') {
    draft.pbx({ kind: 'stopPlayback', playbackId: promptIdOf(draft.call.id, open.state.plays) });
    return promptOver(draft, promptIdOf(draft.call.id, open.state.plays), false);
  }
  if (open.state.stage !== 'listening') return;
  if (isMenu(open)) follow(draft, open, menuAgain(draft, open, 'timeout'));
  else if (isCollect(open)) follow(draft, open, collectTimeOver(draft, open));
}

/** What a check says of the digits that were typed; late news of an earlier attempt change nothing. */
export function flowChecked(draft: Draft, plays: number, outcome: CheckOutcome): void {
  const open = openStep(draft);
  if (open?.state.stage !== 'checking' || open.state.plays !== plays || !isCollect(open)) return;
  follow(draft, open, collectChecked(draft, open, outcome));
}

/** Who calls is known: a VIP need not choose, where the config says so, and a condition may have waited for it. */
export function callerKnown(draft: Draft): void {
  const open = openStep(draft);
  if (!open) return;
  const { vip } = open.flow;
  if (vip && draft.call.customer?.customer?.vip) {
    if (isMenu(open)) leaveMenu(draft, open, 'vip', vip);
    else draft.tell({ type: 'call.flow.cut.v1', step: open.state.stepId, reason: 'vip', target: targetName(vip) });
    silence(draft);
    return leave(draft, vip);
  }
  if (open.state.stage === 'lookup' && open.step.kind === 'decide') decide(draft, open as OpenStep<DecidePolicy>);
}

/** Keys may have been missed, and nobody knows what was heard: the step begins anew, without costing an attempt. */
export function flowRecovered(draft: Draft): void {
  const open = openStep(draft);
  if (open) return run(draft, open, 'recovered');
  // The flow, or this step of it, has left the config meanwhile.
  const { flow } = draft.call;
  if (flow && flow.stage !== 'over') draft.change({ flow: undefined });
}

function follow(draft: Draft, open: OpenStep, to: Destination | undefined): void {
  if (!to) return;
  // What the step told or changed is in the call; `open` is from before.
  const state = draft.call.flow ?? open.state;
  silence(draft);
  switch (to.kind) {
    case 'step': {
      const trail =
        open.step.kind === 'menu' || open.step.kind === 'collect' ? [...state.trail, state.stepId] : state.trail;
      return begin(draft, { ...open, state: { ...state, trail } }, to.stepId, 'arrived');
    }
    case 'back': {
      const trail = state.trail.slice(0, -1);
      return begin(draft, { ...open, state: { ...state, trail } }, state.trail.at(-1) ?? state.stepId, 'repeat');
    }
    case 'repeat':
      return begin(draft, { ...open, state }, state.stepId, 'repeat');
    default:
      return leave(draft, to);
  }
}

function begin(draft: Draft, { flow, state }: OpenStep, stepId: string, reason: AskedReason): void {
  const isLate = draft.atMs - state.sinceMs >= flow.timeMaxMs;
  if (isLate || state.steps >= flow.stepsMax) return cut(draft, flow, state.stepId, isLate ? 'time' : 'steps');
  const step = flow.steps[stepId];
  // Every name was checked when the config was read.
  if (!step) return leave(draft, flow.otherwise);
  const next: FlowState = { ...state, stepId, stage: 'lookup', attempt: 1, steps: state.steps + 1, digits: undefined };
  draft.change({ flow: next });
  run(draft, { flow, step, state: next }, reason);
}

function run(draft: Draft, open: OpenStep, reason: AskedReason): void {
  switch (open.step.kind) {
    case 'menu':
    case 'collect':
      return ask(draft, open as OpenStep<MenuPolicy | CollectPolicy>, reason);
    case 'say':
      return say(draft, open as OpenStep<SayPolicy>);
    case 'decide':
      return decide(draft, open as OpenStep<DecidePolicy>);
  }
}

function say(draft: Draft, { state, step }: OpenStep<SayPolicy>): void {
  playPrompt(draft, state, step.prompt, step.promptMaxMs);
}

function decide(draft: Draft, open: OpenStep<DecidePolicy>): void {
  const { step, state } = open;
  if (step.needsCaller && draft.call.awaiting.lookup) return draft.change({ flow: { ...state, stage: 'lookup' } });
  const taken = step.branches.find((branch) => holds(branch, draft, step.zone));
  if (taken?.language !== undefined) draft.change({ language: taken.language, languageChosen: true });
  follow(draft, open, taken?.target ?? step.otherwise);
}

function cut(draft: Draft, { otherwise }: FlowPolicy, step: string, reason: CutReason): void {
  draft.tell({ type: 'call.flow.cut.v1', step, reason, target: targetName(otherwise) });
  leave(draft, otherwise);
}

function leave(draft: Draft, target: Target): void {
  const state = draft.call.flow;
  if (state) draft.change({ flow: { ...state, stage: 'over', target, digits: undefined } });
  goOnWhenReady(draft);
}
