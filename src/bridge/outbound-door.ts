import { asHours } from '../calendar/index.ts';
import type { OutboundOrder } from '../call/index.ts';
import { occupation, type QueuePolicy, queueFigures, unavailability } from '../routing/index.ts';
import type { Switchboard } from './switchboard.ts';

/** Where an outbound call stands: its agent is looked for, is rung, its customer is dialled, the two have talked. */
type OutboundStage = 'reserving' | 'ringing' | 'dialling' | 'reached';

interface OutboundAgent {
  readonly nodeId?: string;
  readonly queues: readonly string[];
  readonly busy?: string;
  readonly idle: boolean;
}

/** What those who call out may see and ask of the switchboard. */
export class OutboundDoor {
  private readonly boardNow: () => Switchboard;

  /** The switchboard asks those who call out, so they are there before it. */
  constructor(board: () => Switchboard) {
    this.boardNow = board;
  }

  private get board(): Switchboard {
    return this.boardNow();
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
    if (call.phase === 'dialling') return 'dialling';
    return call.phase === 'offering' ? 'ringing' : 'reserving';
  }

  /** Whether the node is in reach and the states of its phones are known. */
  mayDialOn(nodeId: string): boolean {
    return this.board.mayDialOn(nodeId);
  }

  hasQueue(queueId: string): boolean {
    return this.board.desk.engine.hasQueue(queueId);
  }

  /** The number of an entry, by the rules in force. */
  entryNumber(entryId: string): string | undefined {
    return this.board.books.current.book.entries.find(({ id }) => id === entryId)?.number;
  }

  /** How a queue calls back: by the rules of the call that asks, else by those in force. */
  callbackTerms(queueId: string, callId?: string): QueuePolicy['callback'] {
    const call = callId === undefined ? undefined : this.board.calls.get(callId);
    const { book } = call ? this.board.books.of(call) : this.board.books.current;
    return book.queues.find(({ id }) => id === queueId)?.callback;
  }

  /** When a queue is open, by the rules in force; undefined for always. */
  queueHours(queueId: string): ReturnType<typeof asHours> | undefined {
    const hours = this.board.books.current.entries.hoursOf(queueId);
    return hours && asHours(hours.schedule);
  }

  /** Agents of a queue who could take a call now. */
  idleAgents(queueId: string, nowMs: number): number {
    const { engine } = this.board.desk;
    return engine.hasQueue(queueId) ? queueFigures(engine, queueId, nowMs).agentsIdle : 0;
  }

  /** `busy` says why the agent cannot dial out himself now; `idle` whether routing could give him a call. */
  agent(agentId: string, nowMs: number): OutboundAgent | undefined {
    const agent = this.board.desk.engine.agent(agentId);
    if (!agent) return undefined;
    const busy = occupation(agent, nowMs);
    const { nodeId, queues } = agent.profile;
    return {
      queues,
      idle: unavailability(agent, nowMs) === undefined,
      ...(nodeId === undefined ? {} : { nodeId }),
      ...(busy === undefined ? {} : { busy }),
    };
  }
}
