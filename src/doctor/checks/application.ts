import { failed, type Finding, notChecked, ok, said, warning } from '../finding.ts';
import type { OwnServer } from '../own-server.ts';
import type { AriVisit } from '../visit-ari.ts';

/** Whether the application name is ours, by whether Asterisk knows it and what our own server here says of its link. */
export function judgeApplication(name: string, registered: boolean, own: OwnServer, nodeId: string): Finding {
  const link = own.running ? own.checks.find((check) => check.name === `ari:${nodeId}`) : undefined;
  if (link?.ok) return ok(`"${name}" is held by the server that runs here`, `“${name}”由本机正在运行的服务持有`);
  const ownName = said(
    'Stop the other server, or give each its own pbx.nodes[].ari.application and Stasis() name; then restart this one.',
    '请停掉另一台服务，或为每台设置不同的 pbx.nodes[].ari.application 与 Stasis() 应用名，然后重启本服务。',
  );
  if (link?.code === 'ari.replaced') {
    return failed(
      said(`another server has taken "${name}" from the one that runs here`, `“${name}”已被另一台服务抢占`),
      ownName,
    );
  }
  if (!registered) {
    const says = `"${name}" is free; calls go to the fallback of the dialplan until a server is started`;
    if (!own.running) return ok(says, `“${name}”空闲；启动服务之前来电走拨号方案的兜底`);
    return failed(
      said(
        `the server that runs here has not registered "${name}" (${link?.code ?? 'no such node'})`,
        `本机服务未注册“${name}”（${link?.code ?? '没有该节点'}）`,
      ),
      said('Look at its log and at /readyz.', '请查看其日志与 /readyz。'),
    );
  }
  return warning(
    said(
      `"${name}" is registered, but not by a server that runs here: another one holds it, or one died with calls alive`,
      `“${name}”已注册，但不是本机运行的服务：由另一台持有，或某台服务在有呼叫时退出`,
    ),
    ownName,
  );
}

export async function checkApplication(
  visit: AriVisit,
  settings: { readonly nodeId: string; readonly application: string },
  own: Promise<OwnServer>,
  deadlineMs: number,
): Promise<Finding> {
  if (!visit.reached) return notChecked('ARI is not reachable', 'ARI 不可达');
  const { application: applicationName, nodeId } = settings;
  const answer = await visit.link.request('applications.get', { applicationName }, { deadlineMs });
  if (!answer.ok && answer.error.pbxStatus !== 404) throw answer.error;
  return judgeApplication(applicationName, answer.ok, await own, nodeId);
}
