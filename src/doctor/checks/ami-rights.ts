import { failed, type Finding, notChecked, ok, said, warning } from '../finding.ts';
import type { AmiVisit } from '../visit-ami.ts';

/** What we ask of the manager interface, and the right that allows it. */
const neededActions = { DeviceStateList: 'call', CoreStatus: 'reporting' } as const;
/** The same where queues of app_queue are mirrored. */
const neededBeside = { ...neededActions, QueuePause: 'agent' } as const;

export interface AmiRights {
  /** Actions that the login may run with the rights that allow each, as ListCommands tells them. */
  readonly actions: ReadonlyMap<string, readonly string[]>;
  /** FullyBooted came after the login. */
  readonly bootConfirmed: boolean;
  /** Queues of app_queue are mirrored. */
  readonly mirrors?: boolean;
}

/**
 * An action that more than one right allows says nothing of which of them the login has; one that a single right allows
 * does.
 */
export function rightsOf(actions: AmiRights['actions']): ReadonlySet<string> {
  return new Set([...actions.values()].flatMap((rights) => (rights.length === 1 ? rights : [])));
}

export function judgeAmiRights({ actions, bootConfirmed, mirrors = false }: AmiRights): Finding {
  const needed = mirrors ? neededBeside : neededActions;
  const [read, write] = mirrors ? ['system,call,agent', 'call,reporting,agent'] : ['system,call', 'call,reporting'];
  const lacking = [
    ...(bootConfirmed ? [] : ['read = system']),
    ...Object.entries(needed).flatMap(([action, right]) => (actions.has(action) ? [] : [`write = ${right}`])),
  ];
  if (lacking.length > 0) {
    const list = lacking.join(', ');
    return failed(
      said(`rights are missing: ${list}`, `缺少权限：${list}`),
      said(
        `Set read = ${read} and write = ${write} for the user in manager.conf, then \`manager reload\`.`,
        `请在 manager.conf 中为该用户设置 read = ${read} 与 write = ${write}，然后执行 manager reload。`,
      ),
    );
  }
  const usedRights: readonly string[] = Object.values(needed);
  const superfluous = [...rightsOf(actions)].filter((right) => !usedRights.includes(right)).sort();
  if (superfluous.length > 0) {
    const list = superfluous.join(', ');
    return warning(
      said(`rights that nobody here needs: write = ${list}`, `多余的权限：write = ${list}`),
      said(
        `Who steals this login could use them, to place calls or run commands. Leave write = ${write} in manager.conf.`,
        `登录信息泄露后可被用来发起呼叫或执行命令。manager.conf 中保留 write = ${write} 即可。`,
      ),
    );
  }
  return ok('what is needed and no more', '权限恰好够用');
}

/** `Originate: Originate a call.  (Priv: originate,all)` */
export function parseCommand(text: string): readonly string[] {
  const list = /\(Priv: ([^)]*)\)\s*$/.exec(text)?.[1] ?? '';
  return list.split(',').filter((right) => right !== '' && right !== 'all' && right !== '<none>');
}

export async function checkAmiRights(visit: AmiVisit, deadlineMs: number, mirrors: boolean): Promise<Finding> {
  if (!visit.reached) return notChecked('AMI is not reachable', 'AMI 不可达');
  const answer = await visit.link.action('ListCommands', {}, { deadlineMs });
  if (answer.kind === 'refused') return notChecked('Asterisk does not list the actions', 'Asterisk 未列出可用操作');
  const actions = new Map(answer.response.entries().map(([name, value]) => [name, parseCommand(value)] as const));
  return judgeAmiRights({ actions, bootConfirmed: visit.bootConfirmed, mirrors });
}
