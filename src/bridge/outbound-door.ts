import type { OutboundOrder } from '../call/index.ts';
import { occupation, queueFigures } from '../routing/index.ts';
import type { Switchboard } from './switchboard.ts';

/** Where an outbound call stands: its agent is looked for or rung, its customer is dialled, the two have talked. */
type OutboundStage = 'reserving' | 'dialling' | 'reached';

/** What those who call out may see and ask of the switchboard. */
export class OutboundDoor {
  private readonly board: Switchboard;

  constructor(board: Switchboard) {
    this.board = board;
  }

  /** False when there is no room for it. */
  place(order: OutboundOrder): boolean {
    return this.board.place(order);
  }

  /** Gives up an outbound call whose customer has not been reached. */
  cancel(callId: string, atMs: number): void {
    if (this.board.calls.get(callId)?.outbound) this.board.post(callId, { kind: 'hangUp', atMs });
  }

  /** Undefined when there is no such call any more. */
  stageOf(callId: string): OutboundStage | undefined {
    const call = this.board.calls.get(callId);
    if (!call) return undefined;
    if (!call.outbound) return 'reached';
    return call.phase === 'dialling' ? 'dialling' : 'reserving';
  }

  /** Whether the node is in reach and the states of its phones are known. */
  mayDialOn(nodeId: string): boolean {
    return this.board.mayDialOn(nodeId);
  }

  hasQueue(queueId: string): boolean {
    return this.board.desk.engine.hasQueue(queueId);
  }

  /** Agents of a queue who could take a call now. */
  idleAgents(queueId: string, nowMs: number): number {
    const { engine } = this.board.desk;
    return engine.hasQueue(queueId) ? queueFigures(engine, queueId, nowMs).agentsIdle : 0;
  }

  /** Where an agent's phone is and whose work he does; `busy` says why he cannot dial out now. */
  agent(agentId: string, nowMs: number): { nodeId?: string; queues: readonly string[]; busy?: string } | undefined {
    const agent = this.board.desk.engine.agent(agentId);
    if (!agent) return undefined;
    const busy = occupation(agent, nowMs);
    const { nodeId, queues } = agent.profile;
    return { queues, ...(nodeId === undefined ? {} : { nodeId }), ...(busy === undefined ? {} : { busy }) };
  }
}
