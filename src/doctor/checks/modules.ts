import { failed, type Finding, notChecked, ok, said, warning } from '../finding.ts';
import type { AriVisit } from '../visit-ari.ts';

/** Without these no call can be controlled. */
const needed = [
  'res_ari',
  'res_ari_applications',
  'res_ari_asterisk',
  'res_ari_bridges',
  'res_ari_channels',
  'res_ari_events',
  'res_ari_playbacks',
  'res_http_websocket',
  'res_stasis',
  'res_stasis_answer',
  'res_stasis_playback',
  'app_stasis',
  'bridge_simple',
  'bridge_softmix',
];
/** What is missed without it. */
const useful: Readonly<Record<string, readonly [en: string, zh: string]>> = {
  res_musiconhold: ['callers hear silence instead of music', '排队时没有音乐'],
  res_ari_recordings: ['no recording', '不能录音'],
  res_stasis_recording: ['no recording', '不能录音'],
  res_ari_device_states: ['no check of AMI by this doctor', 'doctor 无法检验 AMI 事件'],
  res_ari_endpoints: ['phones are not listed', '无法列出话机'],
};

export interface LoadedModule {
  readonly name: string;
  /** `Running`, as Asterisk says it. */
  readonly status: string;
}

export function judgeModules(loaded: readonly LoadedModule[]): Finding {
  const running = new Set(
    loaded.filter(({ status }) => status === 'Running').map(({ name }) => name.replace(/\.so$/, '')),
  );
  const missing = needed.filter((name) => !running.has(name));
  if (missing.length > 0) {
    const list = missing.join(', ');
    return failed(
      said(`not running: ${list}`, `未运行：${list}`),
      said(
        `Load them in modules.conf: ${missing.map((name) => `load = ${name}.so`).join(', ')}.`,
        `请在 modules.conf 中加载：${missing.map((name) => `load = ${name}.so`).join('，')}。`,
      ),
    );
  }
  const missed = Object.entries(useful).filter(([name]) => !running.has(name));
  if (missed.length > 0) {
    const names = missed.map(([name]) => name).join(', ');
    return warning(
      said(
        `not running: ${missed.map(([name, [en]]) => `${name} (${en})`).join(', ')}`,
        `未运行：${missed.map(([name, [, zh]]) => `${name}（${zh}）`).join('，')}`,
      ),
      said(`Load in modules.conf what you want: ${names}.`, `请按需在 modules.conf 中加载：${names}。`),
    );
  }
  return ok(`${needed.length} needed modules run`, `所需 ${needed.length} 个模块均在运行`);
}

export async function checkModules(visit: AriVisit, deadlineMs: number): Promise<Finding> {
  if (!visit.reached) return notChecked('ARI is not reachable', 'ARI 不可达');
  const answer = await visit.link.request('asterisk.listModules', {}, { deadlineMs });
  if (!answer.ok) throw answer.error;
  return judgeModules(answer.body);
}
