import type { Draft } from './draft.ts';
import { askAgain, listen, type OpenStep } from './flow-ask.ts';
import { type CollectPolicy, type Destination, destinationName } from './flow-policy.ts';
import type { CheckOutcome, CollectOutcome } from './flow-state.ts';
import { silence } from './silence.ts';

const shownDigits = 4;

type Open = OpenStep<CollectPolicy>;

/** A digit cuts the prompt and counts at once. `*` begins anew, unless it is what ends the answer. */
export function collectKey(draft: Draft, asked: Open, key: string): Destination | undefined {
  if (asked.state.stage !== 'prompt' && asked.state.stage !== 'listening') return undefined;
  const open = hushed(draft, asked);
  const { state, step } = open;
  const before = state.digits ?? '';
  if (key === step.endKey) return complete(draft, open, before);
  if (!/^[0-9]$/.test(key)) {
    listen(draft, open);
    return undefined;
  }
  const digits = before + key;
  if (digits.length >= step.digitsMax) return complete(draft, open, digits);
  listen(draft, open, digits);
  return undefined;
}

function hushed(draft: Draft, open: Open): Open {
  if (open.state.stage !== 'prompt') return open;
  silence(draft);
  const state = { ...open.state, stage: 'listening' } as const;
  draft.change({ flow: state });
  return { ...open, state };
}

/** Silence after enough digits ends the answer, as the end key does. */
export function collectTimeOver(draft: Draft, open: Open): Destination | undefined {
  const { digits = '' } = open.state;
  return digits === '' ? again(draft, open, 'timeout') : complete(draft, open, digits);
}

function complete(draft: Draft, open: Open, digits: string): Destination | undefined {
  const { step, state } = open;
  if (digits.length < step.digitsMin) return again(draft, open, 'wrongKey');
  if (step.check === undefined) return collected(draft, open, digits, 'accepted');
  draft.ask({ kind: 'stopTimer', timer: 'menu' });
  draft.change({ flow: { ...state, stage: 'checking', digits } });
  draft.ask({ kind: 'check', checkId: step.check, value: digits, plays: state.plays });
  return undefined;
}

/** The check has answered. One that cannot be asked holds nobody: the caller goes on, and whoever serves him sees it. */
export function collectChecked(draft: Draft, open: Open, outcome: CheckOutcome): Destination | undefined {
  const { digits = '' } = open.state;
  switch (outcome.kind) {
    case 'found':
      return collected(draft, open, digits, 'confirmed', outcome.data);
    case 'unavailable':
      return collected(draft, open, digits, 'unchecked');
    case 'none': {
      const to = askAgain(draft, open, 'unknown');
      // Whoever serves the caller may find what the check did not.
      if (to) collected(draft, open, digits, 'unknown');
      return to;
    }
  }
}

export function leaveCollect(draft: Draft, { state, step }: Open, outcome: CollectOutcome, to: Destination): void {
  draft.tell({
    type: 'call.input.left.v1',
    step: state.stepId,
    name: step.into,
    outcome,
    attempts: state.attempt,
    target: destinationName(to),
  });
}

function again(draft: Draft, open: Open, reason: 'wrongKey' | 'timeout'): Destination | undefined {
  const to = askAgain(draft, open, reason);
  if (to) leaveCollect(draft, open, reason, to);
  return to;
}

function collected(
  draft: Draft,
  open: Open,
  digits: string,
  outcome: 'confirmed' | 'unchecked' | 'accepted' | 'unknown',
  found: Readonly<Record<string, string>> = {},
): Destination {
  const { step } = open;
  const named = Object.entries(found).map(([name, value]) => [`${step.into}.${name}`, value] as const);
  const isChecked = outcome === 'accepted' ? {} : { [`${step.into}.check`]: outcome };
  draft.change({
    flow: { ...open.state, digits: undefined },
    data: {
      ...draft.call.data,
      [step.into]: step.sensitive ? masked(digits) : digits,
      ...isChecked,
      ...Object.fromEntries(named),
    },
  });
  const to = outcome === 'unknown' ? step.otherwise : step.next;
  leaveCollect(draft, open, outcome, to);
  return to;
}

/** `****5678`; of a short number half is shown at most. */
function masked(digits: string): string {
  const shown = Math.min(shownDigits, Math.floor(digits.length / 2));
  return '*'.repeat(digits.length - shown) + digits.slice(digits.length - shown);
}
