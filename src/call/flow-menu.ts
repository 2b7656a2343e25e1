import type { Draft } from './draft.ts';
import { askAgain, type OpenStep } from './flow-ask.ts';
import { type Destination, destinationName, type MenuKey, type MenuPolicy } from './flow-policy.ts';
import type { MenuOutcome, MenuStep } from './flow-state.ts';

/** Choices that are kept of a call; the oldest are forgotten. */
const pathMax = 10;

/** A key counts from the greeting on; one that leads nowhere only once the caller has been asked. */
export function menuKey(draft: Draft, open: OpenStep<MenuPolicy>, key: string): Destination | undefined {
  const { step, state } = open;
  const choice = Object.hasOwn(step.keys, key) ? step.keys[key] : undefined;
  if (!choice) return state.stage === 'greeting' ? undefined : menuAgain(draft, open, 'wrongKey');
  const { menuPath = [], data } = draft.call;
  draft.change({
    ...pathAfter(menuPath, state.stepId, key, choice),
    data: { ...data, ...choice.data },
    ...(choice.language === undefined ? {} : { language: choice.language, languageChosen: true }),
  });
  leaveMenu(draft, open, 'chosen', choice.target, key);
  return choice.target;
}

/** The way shows what was chosen in the end: going back takes the last choice away, hearing it again is none. */
function pathAfter(path: readonly MenuStep[], menu: string, key: string, { target, label }: MenuKey) {
  if (target.kind === 'repeat') return {};
  if (target.kind === 'back') return { menuPath: path.slice(0, -1) };
  return { menuPath: [...path, { menu, key, label }].slice(-pathMax) };
}

/** The caller did not choose: asked once more, or on to `otherwise`. */
export function menuAgain(
  draft: Draft,
  open: OpenStep<MenuPolicy>,
  reason: 'wrongKey' | 'timeout',
): Destination | undefined {
  const to = askAgain(draft, open, reason);
  if (to) leaveMenu(draft, open, reason, to);
  return to;
}

export function leaveMenu(
  draft: Draft,
  { state }: OpenStep<MenuPolicy>,
  outcome: MenuOutcome,
  to: Destination,
  key?: string,
): void {
  draft.tell({
    type: 'call.menu.left.v1',
    menu: state.stepId,
    outcome,
    ...(key === undefined ? {} : { key }),
    target: destinationName(to),
  });
}
