import { failed, type Finding, ok, said } from '../finding.ts';
import type { AmiVisit } from '../visit-ami.ts';

/** `tls`: whether the configuration asks for it. */
export function judgeAmi(visit: AmiVisit, tls: boolean): Finding {
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
  if (tls && visit.code === 'ami.connect_failed') {
    return failed(
      said('AMI cannot be reached by TLS, or its certificate is not trusted', 'AMI 无法经 TLS 连接，或其证书不受信任'),
      said(
        'Check tlsenable and tlsbindaddr in manager.conf; give the server the authority of a certificate of your own by NODE_EXTRA_CA_CERTS=FILE.',
        '请检查 manager.conf 中的 tlsenable 与 tlsbindaddr；自签证书请用 NODE_EXTRA_CA_CERTS=文件 让服务信任。',
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
