import { type Static, Type } from '../src/schema/index.ts';
import { duration, formed, id } from './kinds.ts';
import type { Problems } from './problems.ts';

const hour = 3_600_000;
const interfaceForm = 'a dial string such as PJSIP/1001 or Local/1001@from-queue/n';
const dialled = (pattern: RegExp, description: string) => formed(pattern, interfaceForm, description);

/** Queues of app_queue that are shown beside ours; docs/app-queue.md. */
export const MirrorSection = Type.Object({
  queues: Type.Array(
    Type.Object({
      id: id('name of this queue in the API and events; none of our queues has it'),
      name: Type.Optional(
        formed(/^[^\s,]{1,79}$/, 'a name without spaces and commas', 'its name in queues.conf; as id when absent'),
      ),
      node: Type.Optional(id('the PBX that has it; needed with several nodes')),
    }),
    { minItems: 1, maxItems: 1_000, description: 'the queues of app_queue that are mirrored' },
  ),
  members: Type.Array(
    Type.Object({
      interface: dialled(/^[\w-]{1,40}\/[^\s,&]{1,120}$/, 'the member as queues.conf or AddQueueMember names it'),
      agent: id('the agent who it is'),
      node: Type.Optional(id('the PBX where this holds; on all when absent')),
    }),
    { maxItems: 100_000, description: 'members that are neither an agent’s phone nor of a form of memberForms' },
  ),
  memberForms: Type.Array(dialled(/^[\w-]{1,40}\/\S*\{name\}\S*$/, 'with {name} for the name of the agent’s phone'), {
    maxItems: 20,
    description: 'what app_queue dials instead of phones, beside Local/{name}@from-queue/n of FreePBX and Issabel',
  }),
  ringMaxMs: duration(60_000, 1_000, hour, 'app_queue does not tell how long it rings; after this an offer is over'),
  graceMs: duration(1_000, 100, 30_000, 'how long an answer or a hangup may come after the caller has left the queue'),
  staleMaxMs: duration(10 * 60_000, 1_000, 24 * hour, 'a call whose PBX cannot be heard for so long is told as ended'),
  rereadMs: duration(
    5 * 60_000,
    10_000,
    24 * hour,
    'the queues are read anew so often: the PBX does not tell everything',
  ),
  callsMax: Type.Integer({
    default: 5_000,
    minimum: 1,
    maximum: 100_000,
    description: 'mirrored calls at once; of further ones nothing is told',
  }),
  membersMax: Type.Integer({
    default: 1_000,
    minimum: 1,
    maximum: 100_000,
    description: 'members of one queue; further ones are neither counted nor paused',
  }),
});

export type MirrorData = Static<typeof MirrorSection>;
type Refer = (what: 'node' | 'agent', name: string, key: string) => void;

export function checkMirror(
  { queues, members }: MirrorData,
  nodes: readonly { readonly id: string; readonly ami?: object | undefined }[],
  ownQueues: ReadonlySet<string>,
  refer: Refer,
  problems: Problems,
): void {
  const seen = new Map<string, number>();
  queues.forEach(({ id: queueId, node }, index) => {
    const key = `mirror.queues[${index}]`;
    const before = seen.get(queueId);
    if (before !== undefined || ownQueues.has(queueId)) {
      const taken = before === undefined ? 'a queue of ours' : `mirror.queues[${before}]`;
      problems.report('duplicate', `${key}.id`, `"${queueId}" is already taken by ${taken}`, 'Give each its own id.');
    }
    seen.set(queueId, index);
    if (node !== undefined) refer('node', node, `${key}.node`);
    else if (nodes.length > 1) {
      const mend = `Add node: ${nodes.map((one) => one.id).join(' or ')}.`;
      problems.report('missing', `${key}.node`, 'with several PBX nodes a queue must name its own', mend);
    }
    const home = nodes.find((one) => one.id === (node ?? nodes[0]?.id));
    if (home && !home.ami) {
      const mend = `Add ami to the node "${home.id}".`;
      problems.report('contradiction', key, 'app_queue tells of its queues by AMI, which the node lacks', mend);
    }
  });
  members.forEach(({ agent, node }, index) => {
    refer('agent', agent, `mirror.members[${index}].agent`);
    if (node !== undefined) refer('node', node, `mirror.members[${index}].node`);
  });
}
