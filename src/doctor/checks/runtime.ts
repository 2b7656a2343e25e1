import { readFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Clock } from '../../kernel/index.ts';
import { failed, type Finding, notChecked, ok, said, warning } from '../finding.ts';

const nodeMajor = 24;
/** Sockets of readers and clients, connections to the PBX and the CRM. */
const filesEnough = 4_096;
const loopGoodMs = 30;
/** Loading and running the other checks keeps this process busy by itself. */
const loopRestMs = 1_000;
const loopWatchMs = 500;
const loopResolutionMs = 10;

export function judgeNode(version: string): Finding {
  if (Number(/^v?(\d+)/.exec(version)?.[1]) >= nodeMajor) return ok(`Node ${version}`, `Node ${version}`);
  return failed(
    said(`Node ${version} is too old`, `Node ${version} 过旧`),
    said(
      'Node 24 is needed; `npm ci` brings it, and npm scripts run on it.',
      '需要 Node 24；npm ci 会带上，npm 脚本即用它运行。',
    ),
  );
}

/** `soft`: what this shell may open; the server's own limit is that of its service. */
export function judgeOpenFiles(soft: number | undefined): Finding {
  if (soft === undefined) return notChecked('this system does not tell', '系统未提供该信息');
  const figure = Number.isFinite(soft) ? String(soft) : 'unlimited';
  if (soft >= filesEnough) return ok(`${figure} open files`, `可打开文件数 ${figure}`);
  return warning(
    said(`${figure} open files are allowed from here`, `此处允许打开的文件数为 ${figure}`),
    said(
      'Set LimitNOFILE=65536 in the unit of systemd, or ulimit -n.',
      '请在 systemd 单元中设 LimitNOFILE=65536，或用 ulimit -n。',
    ),
  );
}

export function readOpenFileLimit(): number | undefined {
  try {
    const soft = /^Max open files\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
    return soft === 'unlimited' ? Number.POSITIVE_INFINITY : soft === undefined ? undefined : Number(soft);
  } catch {
    // Not Linux.
    return undefined;
  }
}

export function judgeEventLoop(p99Ms: number): Finding {
  const says = said(
    `this process was held up for ${p99Ms.toFixed(0)} ms (p99)`,
    `本进程被延迟 ${p99Ms.toFixed(0)} 毫秒（p99）`,
  );
  if (p99Ms <= loopGoodMs) return ok(says.en, says.zh);
  const mend = said('The machine is busy: look for what else runs on it.', '机器繁忙：请查看还有什么在运行。');
  return warning(says, mend);
}

/** How late this process gets its turn when it has nothing to do any more: what a server on this machine would feel. */
export async function checkEventLoop(clock: Clock): Promise<Finding> {
  const rest = (ms: number): Promise<void> => new Promise((resolve) => clock.after(ms, resolve));
  await rest(loopRestMs);
  const delay = monitorEventLoopDelay({ resolution: loopResolutionMs });
  delay.enable();
  await rest(loopWatchMs);
  delay.disable();
  return judgeEventLoop(Math.max(0, delay.percentile(99) / 1e6 - loopResolutionMs));
}
