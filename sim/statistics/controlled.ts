import { type Estimate, estimateAround } from './interval.ts';

/**
 * The mean of a figure over replications, with the help of control variates: figures of the same replications whose
 * true means are known. `controls[r]` are their deviations from those means in replication r. Least squares says how
 * much of each deviation the figure shares; that part of its noise is taken out. The interval is Student's, with one
 * degree of freedom less for each control. Source: Lavenberg & Welch, Management Science 27 (1981).
 */
export function controlledEstimate(values: readonly number[], controls: readonly (readonly number[])[]): Estimate {
  const rows = controls.map((row) => [1, ...row]);
  const size = rows[0]?.length ?? 1;
  const normal = Array.from({ length: size }, (_, i) =>
    Array.from({ length: size }, (_, j) => rows.reduce((sum, row) => sum + at(row, i) * at(row, j), 0)),
  );
  const inverse = inverted(normal);
  const right = Array.from({ length: size }, (_, i) =>
    rows.reduce((sum, row, r) => sum + at(row, i) * at(values, r), 0),
  );
  const factors = inverse.map((row) => row.reduce((sum, value, j) => sum + value * at(right, j), 0));
  const left = values.map(
    (value, r) => value - factors.reduce((sum, factor, i) => sum + factor * at(rows[r] ?? [], i), 0),
  );
  const freedom = values.length - size;
  const variance = left.reduce((sum, value) => sum + value * value, 0) / freedom;
  return estimateAround(at(factors, 0), Math.sqrt(variance * at(inverse[0] ?? [], 0)), freedom);
}

const at = (row: readonly number[], index: number): number => row[index] ?? Number.NaN;

/** Gauss and Jordan with pivots; NaN everywhere when the rows depend on each other. */
function inverted(matrix: readonly (readonly number[])[]): number[][] {
  const size = matrix.length;
  const work = matrix.map((row, i) => [...row, ...Array.from({ length: size }, (_, j) => (i === j ? 1 : 0))]);
  for (let column = 0; column < size; column += 1) {
    const order = work.map((row, index) => [Math.abs(at(row, column)), index] as const).slice(column);
    const pivot = order.reduce((best, item) => (item[0] > best[0] ? item : best))[1];
    const row = work[pivot] ?? [];
    work[pivot] = work[column] ?? [];
    const divisor = at(row, column);
    work[column] = row.map((value) => value / divisor);
    for (let other = 0; other < size; other += 1) {
      if (other === column) continue;
      const factor = at(work[other] ?? [], column);
      work[other] = (work[other] ?? []).map((value, j) => value - factor * at(work[column] ?? [], j));
    }
  }
  return work.map((row) => row.slice(size));
}
