import type { Seal } from '../security/index.ts';
import { type CloudEvent, maskOf, toText } from './envelope.ts';
import type { StoredEvent } from './ports.ts';

/** What an event is about, for filters. An event may concern several agents: who transferred, who is offered the call, who is asked. */
export interface EventKeys {
  readonly callId: string | undefined;
  readonly agentIds: readonly string[];
  readonly queueId: string | undefined;
}

/**
 * One event with its place in the log. Turned into text once unmasked (on the way to the store) and at most once
 * masked, however many subscribers read it.
 */
export class LogEvent implements StoredEvent {
  readonly sequence: number;
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  readonly atMs: number;
  readonly callSequence?: number;
  readonly body: string;
  private parsed: CloudEvent | undefined;
  private masked: string | undefined;
  private found: EventKeys | undefined;

  /** `parsed` where the caller has the event at hand; else the body is parsed when first needed. */
  constructor(stored: StoredEvent, parsed?: CloudEvent) {
    this.sequence = stored.sequence;
    this.id = stored.id;
    this.type = stored.type;
    this.subject = stored.subject;
    this.atMs = stored.atMs;
    if (stored.callSequence !== undefined) this.callSequence = stored.callSequence;
    this.body = stored.body;
    this.parsed = parsed;
  }

  get cloudEvent(): CloudEvent {
    this.parsed ??= JSON.parse(this.body) as CloudEvent;
    return this.parsed;
  }

  /** The CloudEvent as JSON text, numbers in full, or masked with tokens of the first `seal` beside them. */
  text(mayReadPii: boolean, seal?: Seal): string {
    if (mayReadPii) return this.body;
    this.masked ??= this.maskedText(seal);
    return this.masked;
  }

  get keys(): EventKeys {
    this.found ??= keysOf(this.cloudEvent.data);
    return this.found;
  }

  private maskedText(seal: Seal | undefined): string {
    const mask = maskOf(this.type);
    if (!mask) return this.body;
    const event = this.cloudEvent;
    return toText({ ...event, data: mask(event.data, seal) as object });
  }
}

/** What is done for a call, or came of it. */
interface Work {
  readonly callId?: string;
  readonly agentId?: string;
  readonly queueId?: string;
}

/** The places where the catalogue's types name calls, agents and queues. */
interface KeyedData {
  readonly call?: {
    readonly id: string;
    readonly agentId?: string;
    readonly offeredTo?: readonly string[];
    readonly queueId?: string;
    readonly consult?: { readonly agentId?: string };
  };
  readonly agent?: { readonly id: string; readonly callId?: string };
  readonly queue?: { readonly id: string };
  readonly advice?: Work;
  readonly ticket?: Work;
  readonly recording?: Work;
  readonly agentId?: string;
  readonly partyAgentId?: string;
  readonly job?: Work;
}

function agentsOf({ call, agent, agentId, partyAgentId }: KeyedData): (string | undefined)[] {
  const named = [agentId, partyAgentId, call?.agentId, call?.consult?.agentId, agent?.id];
  if (call?.offeredTo) named.push(...call.offeredTo);
  return named;
}

function keysOf(data: KeyedData): EventKeys {
  const { call, agent, queue } = data;
  const work: Work | undefined = data.advice ?? data.job ?? data.ticket ?? data.recording;
  const named = [...agentsOf(data), work?.agentId];
  return {
    callId: call?.id ?? agent?.callId ?? work?.callId,
    agentIds: named.filter((id) => id !== undefined),
    queueId: call?.queueId ?? queue?.id ?? work?.queueId,
  };
}
