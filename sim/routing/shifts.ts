import type { AgentInput } from '../../src/agents/index.ts';
import type { AgentGroup, Shift } from './scenario.ts';

interface PresenceChange {
  readonly atMs: number;
  readonly input: AgentInput;
}

const dayMs = 86_400_000;

/** When agents of a group come, go, and take their breaks, from `startMs` up to `endMs`. Who is always at work comes at the start. */
export function presenceChanges(group: AgentGroup, startMs: number, endMs: number): readonly PresenceChange[] {
  if (!group.shifts)
    return [{ atMs: startMs, input: { kind: 'signIn' } }, ...changesOf(group.breaks, pauses, startMs, endMs)];
  const changes = [
    ...changesOf(group.shifts, work, startMs, endMs),
    ...changesOf(group.breaks, pauses, startMs, endMs),
  ];
  return changes.sort((a, b) => a.atMs - b.atMs);
}

const work: readonly [AgentInput, AgentInput] = [{ kind: 'signIn' }, { kind: 'signOut' }];
const pauses: readonly [AgentInput, AgentInput] = [{ kind: 'pause', reason: 'break' }, { kind: 'setAvailable' }];

/** Each day's times, from the day before the start on: a shift may go past midnight. */
function changesOf(
  times: readonly Shift[],
  [begin, end]: readonly [AgentInput, AgentInput],
  startMs: number,
  endMs: number,
): PresenceChange[] {
  const changes: PresenceChange[] = [];
  for (let midnightMs = -dayMs; midnightMs < endMs; midnightMs += dayMs) {
    for (const { fromMs, toMs } of times) {
      if (midnightMs + toMs <= startMs || midnightMs + fromMs >= endMs) continue;
      changes.push({ atMs: Math.max(startMs, midnightMs + fromMs), input: begin });
      changes.push({ atMs: midnightMs + toMs, input: end });
    }
  }
  return changes;
}
