import type { Clock } from '../kernel/index.ts';
import type { Seal } from './mask.ts';
import type { PhoneSealer } from './phone-token.ts';

const keptMax = 2_000;
const keptMs = 10 * 60_000;

/**
 * Seals at the present time, and gives a number the same token for ten minutes: a call tells its number in a dozen
 * events, and sealing anew each time would cost more than everything else about masking.
 */
export function sealNow(sealer: Pick<PhoneSealer, 'sealPhone'>, clock: Pick<Clock, 'nowMs'>): Seal {
  const kept = new Map<string, { readonly token: string; readonly untilMs: number }>();
  return (number) => {
    const nowMs = clock.nowMs();
    const known = kept.get(number);
    if (known && known.untilMs > nowMs) return known.token;
    const token = sealer.sealPhone(number, nowMs);
    kept.delete(number);
    kept.set(number, { token, untilMs: nowMs + keptMs });
    const [oldest] = kept.keys();
    if (kept.size > keptMax && oldest !== undefined) kept.delete(oldest);
    return token;
  };
}
