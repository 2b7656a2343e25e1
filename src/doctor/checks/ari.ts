import { failed, type Finding, ok, said, warning } from '../finding.ts';
import type { AriVisit } from '../visit-ari.ts';

const mends: Readonly<Record<string, ReturnType<typeof said>>> = {
  'ari.auth_failed': said(
    'Compare ari.user and ari.password with ari.conf, then `module reload res_ari.so`.',
    '请核对 ari.user、ari.password 与 ari.conf，然后执行 module reload res_ari.so。',
  ),
};
const reach = said(
  'Check pbx.nodes[].ari.url, that http.conf and ari.conf say enabled = yes, bindaddr, and the firewall.',
  '请检查 pbx.nodes[].ari.url、http.conf 与 ari.conf 中的 enabled = yes、bindaddr 以及防火墙。',
);

/** Whether ARI lets us in, and how requests travel. */
export function judgeAri(visit: AriVisit): Finding {
  if (!visit.reached) {
    const text = visit.code === 'ari.auth_failed' ? 'refused user or password' : `cannot be used (${visit.code})`;
    const zh = visit.code === 'ari.auth_failed' ? '拒绝了用户名或密码' : `无法使用（${visit.code}）`;
    return failed(said(`ARI ${text}`, `ARI ${zh}`), mends[visit.code] ?? reach);
  }
  if (visit.transport === 'websocket') {
    return ok('reachable, requests over the WebSocket', '可达，请求走 WebSocket');
  }
  return warning(
    said('reachable, but without REST over WebSocket', '可达，但不支持经 WebSocket 的 REST'),
    said(
      'Asterisk 22.4, 20.14 and newer have it; until then requests go over HTTP, each some 0.05 ms slower.',
      'Asterisk 22.4、20.14 及以上支持；此前请求走 HTTP，每次约慢 0.05 毫秒。',
    ),
  );
}
