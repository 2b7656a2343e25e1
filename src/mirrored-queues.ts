import type { Config } from '../config/index.ts';
import { type AgentOf, memberFinder, type MemberRules } from './mirror/index.ts';

/** What FreePBX and Issabel dial instead of phones. */
const usualForms = ['Local/{name}@from-queue/n'];

export interface MirroredQueues {
  /** `name`: as queues.conf has it. */
  readonly queues: readonly { readonly id: string; readonly name: string; readonly nodeId: string }[];
  readonly agentOf: AgentOf;
}

/** The queues of app_queue that the config names, and whose their members are: of `agents` as they are now. */
export function mirroredQueues(
  config: Config,
  section: NonNullable<Config['mirror']>,
  agents: MemberRules['agents'],
): MirroredQueues {
  const [home] = config.pbx.nodes;
  return {
    queues: section.queues.map(({ id, name, node }) => ({ id, name: name ?? id, nodeId: node ?? home?.id ?? '' })),
    agentOf: memberFinder({
      agents,
      forms: [...usualForms, ...section.memberForms],
      named: section.members,
    }),
  };
}
