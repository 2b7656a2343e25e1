import type { Clock } from '../../kernel/index.ts';
import { failed, type Finding, notChecked, ok, said } from '../finding.ts';
import type { AmiVisit } from '../visit-ami.ts';
import type { AriVisit } from '../visit-ari.ts';

const waitMs = 2_000;

const mend = said(
  'Give the user read = system,call, and let DeviceStateChange through in its eventfilter lines.',
  '请为该用户设置 read = system,call，并在 eventfilter 中放行 DeviceStateChange。',
);

/**
 * Whether AMI tells of phones, tried with one that does not exist: ARI sets its state, AMI must say so. It is removed
 * again. Shows at the same time whether the ARI user may change anything at all.
 */
export async function checkPhoneStates(
  ari: AriVisit,
  ami: AmiVisit,
  clock: Clock,
  deadlineMs: number,
): Promise<Finding> {
  if (!ari.reached) return notChecked('ARI is not reachable', 'ARI 不可达');
  if (!ami.reached) return notChecked('AMI is not reachable', 'AMI 不可达');
  const device = `Stasis:${ari.link.app}`;
  const heard = new Promise<boolean>((resolve) => {
    const timer = clock.after(waitMs, () => resolve(false));
    ami.link.onEvent((event) => {
      if (event.name !== 'DeviceStateChange' || event.get('Device') !== device) return;
      timer.cancel();
      resolve(true);
    });
  });
  const set = await ari.link.request(
    'deviceStates.update',
    { deviceName: device, deviceState: 'INUSE' },
    { deadlineMs },
  );
  if (!set.ok) return judgeRefusal(set.error.pbxStatus);
  const told = await heard;
  await ari.link.request('deviceStates.delete', { deviceName: device }, { deadlineMs });
  if (told) return ok('AMI tells when a phone changes', '话机状态变化能经 AMI 收到');
  return failed(said('AMI does not tell when a phone changes', '话机状态变化没有经 AMI 传来'), mend);
}

export function judgeRefusal(status: number | undefined): Finding {
  if (status !== 403) {
    const text = status === undefined ? '' : ` (${status})`;
    return notChecked(`ARI could not set a state to try it with${text}`, `ARI 无法设置试验状态${text}`);
  }
  return failed(
    said('the ARI user may only read: no call can be controlled', 'ARI 用户只读：无法控制呼叫'),
    said(
      'Set read_only = no for it in ari.conf, then reload res_ari.',
      '请在 ari.conf 中设 read_only = no，然后重新加载 res_ari。',
    ),
  );
}
