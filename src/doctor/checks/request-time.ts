import { type Finding, notChecked, ok, said, warning } from '../finding.ts';
import type { AriVisit } from '../visit-ari.ts';

const askedTimes = 20;
/** A call asks the PBX some six times before it rings; with this each its callers notice nothing. */
const goodMs = 10;

/** `timesMs`: how long requests took, one after another. */
export function judgeRequestTimes(timesMs: readonly number[]): Finding {
  const sorted = [...timesMs].sort((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
  const longest = sorted.at(-1) ?? 0;
  const figures = `${median.toFixed(1)} ms / ${longest.toFixed(1)} ms`;
  if (median <= goodMs)
    return ok(`a request takes ${figures} (median / longest)`, `一次请求 ${figures}（中位 / 最长）`);
  return warning(
    said(`a request takes ${figures} (median / longest)`, `一次请求 ${figures}（中位 / 最长）`),
    said(
      'Run Ringmaster beside Asterisk or in the same network; look at the load of the PBX.',
      '请将 Ringmaster 部署在 Asterisk 同机或同一网络，并检查 PBX 负载。',
    ),
  );
}

export async function checkRequestTime(
  visit: AriVisit,
  stopwatch: () => () => number,
  deadlineMs: number,
): Promise<Finding> {
  if (!visit.reached) return notChecked('ARI is not reachable', 'ARI 不可达');
  const timesMs: number[] = [];
  for (let count = 0; count < askedTimes; count += 1) {
    const elapsed = stopwatch();
    const answer = await visit.link.request('asterisk.ping', {}, { deadlineMs });
    if (!answer.ok) throw answer.error;
    timesMs.push(elapsed() * 1000);
  }
  return judgeRequestTimes(timesMs);
}
