const central = {
  top: [
    -39.69683028665376, 220.9460984245205, -275.9285104469687, 138.357751867269, -30.66479806614716, 2.506628277459239,
  ],
  bottom: [-54.47609879822406, 161.5858368580409, -155.6989798598866, 66.80131188771972, -13.28068155288572, 1],
};
const tail = {
  top: [
    -0.007784894002430293, -0.3223964580411365, -2.400758277161838, -2.549732539343734, 4.374664141464968,
    2.938163982698783,
  ],
  bottom: [0.007784695709041462, 0.3224671290700398, 2.445134137142996, 3.754408661907416, 1],
};
const tailBelow = 0.02425;

const polynomial = (factors: readonly number[], x: number): number =>
  factors.reduce((sum, factor) => sum * x + factor, 0);

/** The value below which a standard normal variable lies with this chance, in (0, 1). Source: Acklam; off by less than 1.2e-9. */
export function normalQuantile(chance: number): number {
  if (chance > 0.5) return -normalQuantile(1 - chance);
  if (chance < tailBelow) {
    const x = Math.sqrt(-2 * Math.log(chance));
    return polynomial(tail.top, x) / polynomial(tail.bottom, x);
  }
  const x = chance - 0.5;
  return (x * polynomial(central.top, x * x)) / polynomial(central.bottom, x * x);
}
