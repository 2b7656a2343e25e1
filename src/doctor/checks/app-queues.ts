import type { AmiMessage } from '../../ami/index.ts';
import { failed, type Finding, notChecked, ok, said, together, warning } from '../finding.ts';
import type { AmiVisit } from '../visit-ami.ts';

/** Members that are nobody's are named up to so many. */
const namedMax = 5;

/** The agent behind a member of app_queue, as the mirror finds him. */
export type AgentOfMember = (dialled: string, stateInterface: string) => string | undefined;

/** Whether the queues that are mirrored exist, and whose their members are. */
export async function checkAppQueues(
  visit: AmiVisit,
  queues: readonly string[],
  agentOf: AgentOfMember,
  deadlineMs: number,
): Promise<Finding> {
  if (!visit.reached) return notChecked('AMI is not reachable', 'AMI 不可达');
  const findings: Finding[] = [];
  for (const queue of queues) {
    const list = await visit.link.list('QueueStatus', { Queue: queue }, { deadlineMs });
    findings.push(judgeAppQueue(queue, list.kind === 'complete' ? list.events : [], agentOf));
  }
  return together(findings);
}

/** `events`: what QueueStatus lists of this queue. */
export function judgeAppQueue(queue: string, events: readonly AmiMessage[], agentOf: AgentOfMember): Finding {
  if (!events.some(({ name }) => name === 'QueueParams')) {
    return failed(
      said(`app_queue has no queue ${queue}`, `app_queue 中没有队列 ${queue}`),
      said(
        'Correct mirror.queues, or load the queue: `queue show` lists those that there are.',
        '请更正 mirror.queues，或加载该队列；queue show 可列出现有队列。',
      ),
    );
  }
  const members = events.filter(({ name }) => name === 'QueueMember');
  const strangers = members.flatMap((member) => {
    const dialled = member.get('Location') ?? '';
    return agentOf(dialled, member.get('StateInterface') ?? dialled) === undefined ? [dialled] : [];
  });
  const count = `${members.length - strangers.length}/${members.length}`;
  if (strangers.length === 0)
    return ok(`${queue}: all ${members.length} members are agents`, `${queue}：全部 ${members.length} 名成员都是坐席`);
  const list = strangers.slice(0, namedMax).join(', ') + (strangers.length > namedMax ? ', …' : '');
  return warning(
    said(`${queue}: ${count} members are agents; nobody's: ${list}`, `${queue}：${count} 名成员为坐席；无主：${list}`),
    said(
      'Nothing pops for them. Name them in mirror.members, or their form in mirror.memberForms.',
      '这些成员不会弹屏。请写入 mirror.members，或把其写法加入 mirror.memberForms。',
    ),
  );
}
