import type { Clock } from '../../kernel/index.ts';
import { failed, type Finding, notChecked, ok, said, warning } from '../finding.ts';
import type { AmiVisit } from '../visit-ami.ts';

const goodMs = 1_000;
/** Beyond this, times in events and in the PBX's records do not fit together. */
const badMs = 30_000;

/** `aheadMs`: how far the PBX's clock is before ours. */
export function judgeClock(aheadMs: number): Finding {
  const seconds = (Math.abs(aheadMs) / 1000).toFixed(Math.abs(aheadMs) < 10_000 ? 2 : 0);
  const en = `the PBX's clock is ${seconds} s ${aheadMs < 0 ? 'behind' : 'ahead of'} ours`;
  const zh = `PBX 时钟比本机${aheadMs < 0 ? '慢' : '快'} ${seconds} 秒`;
  if (Math.abs(aheadMs) <= goodMs) return ok(en, zh);
  const mend = said(
    'Run an NTP client (chrony, systemd-timesyncd) on both machines.',
    '请在两台机器上运行 NTP（chrony、systemd-timesyncd）。',
  );
  return Math.abs(aheadMs) > badMs ? failed(said(en, zh), mend) : warning(said(en, zh), mend);
}

export async function checkClock(visit: AmiVisit, clock: Clock, deadlineMs: number): Promise<Finding> {
  if (!visit.reached) return notChecked('AMI is not reachable', 'AMI 不可达');
  const sentMs = clock.nowMs();
  const answer = await visit.link.action('Ping', {}, { deadlineMs });
  const receivedMs = clock.nowMs();
  const theirs = Number(answer.response.get('Timestamp') ?? Number.NaN) * 1000;
  if (!Number.isFinite(theirs)) return notChecked('the PBX does not tell its time', 'PBX 未返回时间');
  return judgeClock(Math.round(theirs - (sentMs + receivedMs) / 2));
}
