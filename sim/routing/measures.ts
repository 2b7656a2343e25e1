import type { Estimate } from '../statistics/interval.ts';
import type { CallMeasures } from './cell.ts';
import type { AgentMeasures } from './result.ts';

export type Unit = 'share' | 'time' | 'count' | 'index';

export interface Measure<Name extends string> {
  readonly name: Name;
  readonly label: string;
  readonly unit: Unit;
  /** What it is a share of, or from when to when it counts. */
  readonly meaning: string;
}

const gotLine = 'of all callers who got a line';

/** What the reports tell of calls, in order. */
export const callMeasures: readonly Measure<keyof CallMeasures>[] = [
  { name: 'offered', label: 'calls', unit: 'count', meaning: 'callers who got a line, in one replication' },
  {
    name: 'serviceLevel',
    label: 'service level',
    unit: 'share',
    meaning: `answered in time, ${gotLine}: who hung up, was refused or sent away counts as not answered in time`,
  },
  { name: 'asaMs', label: 'speed of answer', unit: 'time', meaning: 'mean wait of answered calls, ringing included' },
  { name: 'p50Ms', label: 'wait p50', unit: 'time', meaning: 'of answered calls' },
  { name: 'p90Ms', label: 'wait p90', unit: 'time', meaning: 'of answered calls' },
  { name: 'p95Ms', label: 'wait p95', unit: 'time', meaning: 'of answered calls' },
  { name: 'p99Ms', label: 'wait p99', unit: 'time', meaning: 'of answered calls' },
  { name: 'longestMs', label: 'longest wait', unit: 'time', meaning: 'of all calls, answered or not' },
  { name: 'abandoned', label: 'abandoned', unit: 'share', meaning: `hung up before an answer, ${gotLine}` },
  { name: 'blocked', label: 'busy tone', unit: 'share', meaning: 'found no line, of all callers' },
  { name: 'refused', label: 'queue full', unit: 'share', meaning: `found the queue full and left, ${gotLine}` },
  {
    name: 'sentAway',
    label: 'sent away',
    unit: 'share',
    meaning: `waited their longest and left for no queue, ${gotLine}`,
  },
  { name: 'overflowed', label: 'overflows', unit: 'share', meaning: `times passed on to another queue, ${gotLine}` },
  {
    name: 'firstChoice',
    label: 'first choice',
    unit: 'share',
    meaning: 'taken by an agent of their first queue with every skill asked for at first, of answered calls',
  },
  {
    name: 'stickyHits',
    label: 'sticky hits',
    unit: 'share',
    meaning: 'got the agent they asked for, of those who asked',
  },
  { name: 'noAnswers', label: 'no answer', unit: 'share', meaning: 'phones that rang out, of all offers' },
  { name: 'declines', label: 'declined', unit: 'share', meaning: 'offers declined, of all offers' },
  { name: 'unfinished', label: 'unfinished', unit: 'count', meaning: 'still waiting a day after the last call came' },
];

/** What the reports tell of agents, in order. */
export const agentMeasures: readonly Measure<keyof AgentMeasures>[] = [
  { name: 'agents', label: 'agents', unit: 'count', meaning: 'who were at work' },
  {
    name: 'occupancy',
    label: 'occupancy',
    unit: 'share',
    meaning: 'talking and writing up, of the time at work and not on a break',
  },
  {
    name: 'occupancySpread',
    label: 'spread',
    unit: 'share',
    meaning: 'standard deviation of occupancy between agents',
  },
  { name: 'occupancyGini', label: 'Gini', unit: 'index', meaning: 'of occupancy: 0 when all are equally busy' },
  { name: 'meanWaiting', label: 'waiting', unit: 'count', meaning: 'calls that wait, on average over the time' },
];

/** A figure as people read it: `12.3 %`, `1 min 05 s`, `3.4 s`. */
export function shown(value: number, unit: Unit): string {
  if (!Number.isFinite(value)) return '–';
  switch (unit) {
    case 'share':
      return `${(value * 100).toFixed(Math.abs(value) < 0.0995 ? 2 : 1)} %`;
    case 'time':
      return timeText(value);
    case 'index':
      return value.toFixed(3);
    case 'count':
      return Math.abs(value) >= 100 ? Math.round(value).toLocaleString('en-US') : String(Number(value.toFixed(1)));
  }
}

function timeText(ms: number): string {
  const sign = ms < 0 ? '−' : '';
  const seconds = Math.abs(ms) / 1000;
  if (seconds < 99.95) return `${sign}${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return `${sign}${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
}

/** Half the interval, with `±`; empty when there is none. */
export function margin({ ci95: [low, high] }: Estimate, unit: Unit): string {
  return Number.isFinite(high - low) && high > low ? `±${shown((high - low) / 2, unit)}` : '';
}

/** What of a policy differs surely from the first: `+`, `−`, or nothing when the interval of the difference holds 0. */
export function direction({ ci95: [low, high] }: Estimate): string {
  return low > 0 ? '+' : high < 0 ? '−' : '';
}
