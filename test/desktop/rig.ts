import type { FeedNews } from '../../src/desktop/client/feed.ts';
import type { DeskEvent } from '../../src/desktop/client/frames.ts';
import type { DeskSocket } from '../../src/desktop/client/ports.ts';
import { reduce } from '../../src/desktop/state/reduce.ts';
import { type DeskState, emptyState } from '../../src/desktop/state/state.ts';
import type { AgentViewData, CallViewData, EventData, EventType } from '../../src/events/catalogue/index.ts';

type Listener = (event: { readonly data: unknown; readonly code: number }) => void;

/** A socket whose other end is the test. */
export class HeldSocket implements DeskSocket {
  readonly sent: Record<string, unknown>[] = [];
  closed = false;
  private readonly listeners = new Map<string, Listener>();

  send(text: string): void {
    this.sent.push(JSON.parse(text) as Record<string, unknown>);
  }

  close(): void {
    this.closed = true;
  }

  addEventListener(type: string, listener: Listener | (() => void)): void {
    this.listeners.set(type, listener);
  }

  open(): void {
    this.listeners.get('open')?.({ data: '', code: 0 });
  }

  hear(frame: object | string): void {
    const data = typeof frame === 'string' ? frame : JSON.stringify(frame);
    this.listeners.get('message')?.({ data, code: 0 });
  }

  breakWith(code: number): void {
    this.listeners.get('close')?.({ data: '', code });
  }

  /** The frames of a type, in the order in which they were sent. */
  ofType(type: string): Record<string, unknown>[] {
    return this.sent.filter((frame) => frame['type'] === type);
  }
}

export function callView(id: string, part: Partial<CallViewData> = {}): CallViewData {
  return {
    id,
    version: 1,
    phase: 'waiting',
    phaseSinceMs: 1_000,
    nodeId: 'pbx1',
    callerNumber: '138****8000',
    dialledNumber: '4001',
    entryId: 'hotline',
    queueId: 'support',
    priority: 0,
    enteredAtMs: 1_000,
    queuedAtMs: 1_000,
    data: {},
    ...part,
  };
}

export function agentView(id: string, part: Partial<AgentViewData> = {}): AgentViewData {
  return {
    id,
    version: 1,
    name: id.toUpperCase(),
    presence: 'available',
    routing: 'idle',
    device: 'notInUse',
    sinceMs: 1_000,
    skills: {},
    queues: ['support'],
    ...part,
  };
}

let sequence = 0;

export function eventOf<Type extends EventType>(type: Type, data: EventData<Type>, at = 0): DeskEvent {
  sequence += 1;
  const place = at === 0 ? sequence : at;
  return {
    type,
    data,
    id: `e${place}`,
    subject: '',
    time: '2026-01-01T00:00:00.000Z',
    sequence: place,
    reconciled: false,
  } as unknown as DeskEvent;
}

/** The same as the wire has it. */
export const wireEvent = (id: string, event: DeskEvent) => ({
  type: 'event',
  id,
  event: { ...event, sequence: String(event.sequence).padStart(16, '0') },
});

export const told = (event: DeskEvent): FeedNews => ({ kind: 'event', event });

export const explanation = {
  rule: 'longestIdle',
  waitedMs: 0,
  orderKey: 0,
  considered: 1,
  candidates: [],
  excluded: [],
};

export const offered = (
  call: CallViewData,
  agentId: string,
  part: Partial<EventData<'call.offered.v1'>> = {},
): DeskEvent =>
  eventOf('call.offered.v1', {
    call: { ...call, phase: 'offering', agentId },
    agentId,
    attempt: 1,
    expiresAtMs: 30_000,
    mode: 'ring',
    customer: { status: 'none', source: 'nobody' },
    explanation,
    ...part,
  });

/** What an agent's desk knows right after it has caught up. */
export function agentState(agentId: string, ...news: readonly FeedNews[]): DeskState {
  return reduce(emptyState, [
    { kind: 'signedIn', name: agentId, agentId },
    { kind: 'hello', serverMinusLocalMs: 0, principalKind: 'agent' },
    { kind: 'granted', agentId, masked: true },
    { kind: 'snapshot', holds: ['calls', 'agents'], state: { calls: [], agents: [agentView(agentId)], queues: [] } },
    { kind: 'link', link: { kind: 'live' } },
    ...news,
  ]);
}
