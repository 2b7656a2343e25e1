import { controlledEstimate } from '../../statistics/controlled.ts';
import { erlangA, erlangC, type Load, strictPriority } from '../../statistics/erlang.ts';
import { estimate } from '../../statistics/interval.ts';
import type { CallMeasures } from '../cell.ts';
import type { Replication } from '../result.ts';
import type { Scenario } from '../scenario.ts';
import { controlsOf } from './control.ts';
import { type Gate, statisticalGate } from './gate.ts';
import { type Extent, modelOf } from './models.ts';
import { cellOf, type PlayOptions, playAll } from './play.ts';
import { quantileEstimate } from './quantile-estimate.ts';

/** A scenario, and what theory says of it. */
interface ExactModel {
  readonly scenario: Scenario;
  readonly load: Load;
  readonly rows: readonly ExactRow[];
}

interface ExactRow {
  readonly measure: string;
  readonly expected: number;
  /** A mean over calls or time; or which quantile of the waits. */
  readonly got: ((row: Replication) => number) | { readonly quantile: number };
}

const busy: Load = { arrivalsPerSecond: 0.8, handlingS: 60, agents: 50 };
const small: Load = { arrivalsPerSecond: 200 / 3600, handlingS: 180, agents: 14 };
const patienceS = 120;
const vipShare = 0.1;

const callFigure =
  (name: keyof CallMeasures, cell = 'all', unit = 1) =>
  (row: Replication) =>
    cellOf(row, cell)[name] / unit;
const seconds = (name: keyof CallMeasures, cell?: string) => callFigure(name, cell, 1000);
const waiting = ({ agents }: Replication) => agents.meanWaiting;
const occupancy = ({ agents }: Replication) => agents.occupancy;

function erlangCBusy(extent: Extent): ExactModel {
  const theory = erlangC(busy);
  return {
    load: busy,
    scenario: modelOf('Erlang C, 50 agents, 48 calls a minute of 1 min', busy, extent, { atStart: 64 }),
    rows: [
      { measure: 'share that waits', expected: theory.chanceToWait, got: callFigure('delayed') },
      { measure: 'average speed of answer, s', expected: theory.meanWaitS, got: seconds('asaMs') },
      { measure: 'wait, 90th percentile, s', expected: theory.quantileS(0.9), got: { quantile: 0.9 } },
      { measure: 'calls waiting, mean', expected: theory.queueLength, got: waiting },
      { measure: 'answered within 20 s', expected: theory.withinShare(20), got: callFigure('serviceLevel') },
      { measure: 'occupancy', expected: theory.occupancy, got: occupancy },
    ],
  };
}

function erlangABusy(extent: Extent): ExactModel {
  const theory = erlangA(busy, patienceS);
  const patience = { kind: 'exponential', meanMs: patienceS * 1000 } as const;
  return {
    load: busy,
    scenario: modelOf('Erlang A, the same with patience 2 min', busy, extent, { atStart: 50, patience }),
    rows: [
      { measure: 'abandoned', expected: theory.abandonment, got: callFigure('abandoned') },
      { measure: 'mean wait of all calls, s', expected: theory.meanWaitS, got: seconds('meanWaitMs') },
      { measure: 'calls waiting, mean', expected: theory.queueLength, got: waiting },
      { measure: 'share that waits', expected: theory.chanceToWait, got: callFigure('delayed') },
      {
        measure: 'answered within 20 s, of all calls',
        expected: theory.withinShare(20),
        got: callFigure('serviceLevel'),
      },
      { measure: 'occupancy', expected: theory.occupancy, got: occupancy },
    ],
  };
}

function strictVip(extent: Extent): ExactModel {
  const theory = strictPriority(busy, vipShare);
  const queue = { ordering: { kind: 'strict' } } as const;
  return {
    load: busy,
    scenario: modelOf('Erlang C, 50 agents, 10 % VIP, strict', busy, extent, { atStart: 64, vipShare }, queue),
    rows: [
      { measure: 'average speed of answer, VIP, s', expected: theory.firstWaitS, got: seconds('asaMs', 'vip') },
      {
        measure: 'average speed of answer, standard, s',
        expected: theory.otherWaitS,
        got: seconds('asaMs', 'standard'),
      },
    ],
  };
}

function erlangCSmall(extent: Extent): ExactModel {
  const theory = erlangC(small);
  return {
    load: small,
    scenario: modelOf('Erlang C, 14 agents, 200 calls an hour of 3 min', small, extent, { atStart: 10 }),
    rows: [
      { measure: 'answered within 20 s', expected: theory.withinShare(20), got: callFigure('serviceLevel') },
      { measure: 'average speed of answer, s', expected: theory.meanWaitS, got: seconds('asaMs') },
    ],
  };
}

/** Each model that theory solves, with how much of it is played; the small one needs more hours for as many calls. */
export function exactModels(extent: Extent): readonly ExactModel[] {
  const times = (factor: number): Extent => ({
    ...extent,
    warmUpHours: extent.warmUpHours * factor,
    countedHours: extent.countedHours * factor,
  });
  return [erlangCBusy(extent), erlangABusy(times(0.75)), strictVip(extent), erlangCSmall(times(9))];
}

/** Plays a model and holds each figure against theory. */
export function playExact(model: ExactModel, halfWidthMax: number, options: PlayOptions): readonly Gate[] {
  const { scenario, load, rows } = model;
  const played = playAll(scenario, options);
  const controls = played.map((_, replication) => controlsOf(scenario, replication, load));
  const held = rows.map(({ measure, expected, got }) => {
    const estimated =
      typeof got === 'function'
        ? controlledEstimate(
            played.map(got),
            controls.map(({ deviations }) => deviations),
          )
        : quantileEstimate(got.quantile, expected * 2, played, controls);
    return statisticalGate(scenario.name, measure, expected, estimated, halfWidthMax);
  });
  const little = estimate(played.map((row) => littleRatio(row, scenario)));
  return [...held, statisticalGate(scenario.name, 'Little’s law: waiting ÷ (rate × wait)', 1, little, halfWidthMax)];
}

/** Calls waiting on average over the counted time, against the rate of the counted calls times their mean wait. */
function littleRatio(row: Replication, { durationMs, warmUpMs }: Scenario): number {
  const { offered, meanWaitMs } = cellOf(row, 'all');
  return (row.agents.meanWaiting * (durationMs - warmUpMs)) / (offered * meanWaitMs);
}
