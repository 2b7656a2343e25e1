import { advisoriesFor } from '../../ari/index.ts';
import { failed, type Finding, ok, said, warning } from '../finding.ts';

/** Below it there is no support for what we ask of ARI. */
const oldestMajor = 18;
/** The oldest that still gets security fixes. */
const supportedMajor = 20;

/** What the version of an Asterisk means for us (`22.10.1~dfsg`, `certified/20.7-cert1`). */
export function judgeVersion(version: string): Finding {
  const major = Number(/(?:^|\/)(?:certified-)?(\d+)\./.exec(version)?.[1] ?? Number.NaN);
  const upgrade = said('Upgrade Asterisk to a release that is maintained.', '请升级到仍在维护的 Asterisk 版本。');
  if (!Number.isFinite(major)) {
    return warning(
      said(`cannot read the version "${version.slice(0, 40)}"`, `无法识别版本“${version.slice(0, 40)}”`),
      upgrade,
    );
  }
  if (major < oldestMajor) {
    return failed(said(`Asterisk ${version} is too old`, `Asterisk ${version} 过旧`), upgrade);
  }
  const advisories = advisoriesFor(version);
  if (advisories.length > 0) {
    const list = advisories.join(', ');
    return warning(
      said(
        `Asterisk ${version} has known holes unless your distribution patched them: ${list}`,
        `Asterisk ${version} 存在已知漏洞（若发行版未打补丁）：${list}`,
      ),
      upgrade,
    );
  }
  if (major < supportedMajor) {
    return warning(said(`Asterisk ${version} gets no fixes any more`, `Asterisk ${version} 已停止维护`), upgrade);
  }
  return ok(`Asterisk ${version}`, `Asterisk ${version}`);
}
