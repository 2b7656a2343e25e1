import type { Estimate } from '../statistics/interval.ts';
import { shown, type Unit } from './measures.ts';
import { dayTimeText } from './times.ts';

/** Charts as SVG without script. A series takes the colour of its place, the same in every chart. */
const width = 800;
const left = 70;
const right = 34;

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (sign) => entities[sign] ?? '');
}

function figure(caption: string, height: number, body: string): string {
  const label = escaped(caption);
  return `<figure><figcaption>${label}</figcaption><svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${label}">${body}</svg></figure>`;
}

/** A round number at or above the largest; never 0. */
function roundTop(values: readonly number[]): number {
  const most = Math.max(...values.filter(Number.isFinite), 1e-9);
  const power = 10 ** Math.floor(Math.log10(most));
  return ([1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].find((step) => step * power >= most) ?? 10) * power;
}

/** A figure at an axis: as short as it can be. */
const tick = (value: number, unit: Unit): string =>
  unit === 'share' ? `${Number((value * 100).toFixed(1))} %` : shown(value, unit).replace('.0 s', ' s');

const round = (value: number): string => value.toFixed(1);

/** One dot with its interval for each series. */
export function dotsChart(caption: string, estimates: readonly (Estimate | undefined)[], unit: Unit): string {
  const top = unit === 'share' ? Math.min(1, roundTop(ends(estimates))) : roundTop(ends(estimates));
  const x = (value: number) => left + (Math.min(top, Math.max(0, value)) / top) * (width - left - right);
  const height = 22 * estimates.length + 28;
  const rows = estimates.map((estimate, index) => {
    if (!estimate || !Number.isFinite(estimate.mean)) return '';
    const y = 14 + 22 * index;
    const [low, high] = estimate.ci95.map((end) => (Number.isFinite(end) ? end : estimate.mean));
    const whisker = `<line class="p${index % 6}" stroke-width="2" x1="${round(x(low ?? 0))}" x2="${round(x(high ?? 0))}" y1="${y}" y2="${y}"/>`;
    const dot = `<circle class="f${index % 6}" cx="${round(x(estimate.mean))}" cy="${y}" r="5"/>`;
    return `${whisker}${dot}<text x="${left - 8}" y="${y + 4}" text-anchor="end">${shown(estimate.mean, unit)}</text>`;
  });
  return figure(caption, height, across(top, unit, height - 20, x) + rows.join(''));
}

const ends = (estimates: readonly (Estimate | undefined)[]): number[] =>
  estimates.flatMap((estimate) => (estimate ? [estimate.mean, estimate.ci95[1]] : []));

function across(top: number, unit: Unit, bottom: number, x: (value: number) => number): string {
  return [0, 0.25, 0.5, 0.75, 1]
    .map((part) => {
      const at = round(x(part * top));
      return `<line class="axis" x1="${at}" x2="${at}" y1="0" y2="${bottom}"/><text x="${at}" y="${bottom + 14}" text-anchor="middle">${tick(part * top, unit)}</text>`;
    })
    .join('');
}

const plotHeight = 220;
const plotBottom = plotHeight - 24;

function upwards(top: number, unit: Unit): string {
  return [0, 0.25, 0.5, 0.75, 1]
    .map((part) => {
      const at = round(8 + (1 - part) * (plotBottom - 8));
      return `<line class="axis" x1="${left}" x2="${width - right}" y1="${at}" y2="${at}"/><text x="${left - 8}" y="${Number(at) + 4}" text-anchor="end">${tick(part * top, unit)}</text>`;
    })
    .join('');
}

type Point = readonly [x: number, y: number];

/** A line through the points; it breaks where there is no value. */
function line(points: readonly Point[], series: number): string {
  let pen = 'M';
  const path = points.map(([x, y]) => {
    if (!Number.isFinite(y)) {
      pen = 'M';
      return '';
    }
    const step = `${pen}${round(x)} ${round(y)}`;
    pen = 'L';
    return step;
  });
  return `<path class="curve p${series % 6}" d="${path.join('')}"/>`;
}

/** Which share of the calls was answered by which wait; drawn up to the 99th percentile of the slowest. */
export function curveChart(caption: string, curvesMs: readonly (readonly number[])[]): string {
  const top = roundTop(curvesMs.map((curve) => (curve[99] ?? 0) / 1000)) * 1000;
  const x = (ms: number) => left + (Math.min(top, ms) / top) * (width - left - right);
  const y = (share: number) => 8 + (1 - share) * (plotBottom - 8);
  const lines = curvesMs.map((curve, series) =>
    line(
      curve.filter((ms) => ms <= top).map((ms, percent) => [x(ms), y(percent / 100)] as const),
      series,
    ),
  );
  return figure(caption, plotHeight, upwards(1, 'share') + across(top, 'time', plotBottom, x) + lines.join(''));
}

/** A value for each part of the day. */
export function timeChart(
  caption: string,
  series: readonly (readonly number[])[],
  { fromMs, partMs }: { readonly fromMs: number; readonly partMs: number },
  unit: Unit,
): string {
  const most = roundTop(series.flat());
  const top = unit === 'share' ? 1 : most;
  const parts = series[0]?.length ?? 0;
  const x = (part: number) => left + (part / Math.max(1, parts)) * (width - left - right);
  const y = (value: number) => 8 + (1 - Math.min(1, value / top)) * (plotBottom - 8);
  const lines = series.map((values, index) =>
    line(
      values.map((value, part) => [x(part + 0.5), y(value)] as const),
      index,
    ),
  );
  const times = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const at = round(x(share * parts));
    return `<text x="${at}" y="${plotBottom + 16}" text-anchor="middle">${dayTimeText(fromMs + share * parts * partMs)}</text>`;
  });
  return figure(caption, plotHeight, upwards(top, unit) + times.join('') + lines.join(''));
}
