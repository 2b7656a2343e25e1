import { failed, type Finding, ok, said } from '../finding.ts';
import type { AmiVisit } from '../visit-ami.ts';

export function judgeAmi(visit: AmiVisit): Finding {
  if (visit.reached) return ok('logged in', '登录成功');
  if (visit.code === 'ami.login_refused') {
    return failed(
      said('Asterisk refused the login', 'Asterisk 拒绝登录'),
      said(
        'Compare ami.user and ami.secret with manager.conf, and its permit lines with the address of this machine; then `manager reload`.',
        '请核对 ami.user、ami.secret 与 manager.conf，以及 permit 是否包含本机地址；然后执行 manager reload。',
      ),
    );
  }
  return failed(
    said(`AMI cannot be used (${visit.code})`, `AMI 无法使用（${visit.code}）`),
    said(
      'Check pbx.nodes[].ami, that manager.conf says enabled = yes, bindaddr, and the firewall.',
      '请检查 pbx.nodes[].ami、manager.conf 中的 enabled = yes、bindaddr 以及防火墙。',
    ),
  );
}
