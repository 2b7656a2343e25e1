import type { StoredEvent } from '../../src/events/ports.ts';
import type { AgentViewData, CallViewData } from '../../src/events/catalogue/index.ts';
import type { Diary } from './diary.ts';

interface Told {
  sequence: number;
  view: CallViewData;
  /** Events about it may have been lost, as a gap has announced. */
  gapped: boolean;
}

interface EventData {
  readonly call?: CallViewData;
  readonly agent?: AgentViewData;
  readonly lost?: number;
}

/** What the story of a call begins with. */
const begins = new Set(['call.arrived.v1', 'call.placed.v1']);

/** Reads the log as it is written, as anybody would who knows nothing else: its order, each call's story, its replay. */
export class LogCheck {
  /** Calls that the log says are alive, and agents as it says they are. */
  readonly calls = new Map<string, Told>();
  readonly agents = new Map<string, AgentViewData>();
  /** Something was lost, and announced: whole stories may be missing. */
  gaps = false;
  arrived = 0;
  ended = 0;
  answered = 0;
  private last = 0;
  private readonly over = new Set<string>();
  private readonly diary: Diary;

  constructor(diary: Diary) {
    this.diary = diary;
  }

  read(events: readonly StoredEvent[]): void {
    for (const event of events) this.take(event);
  }

  private take({ sequence, type, callSequence, body }: StoredEvent): void {
    if (sequence !== this.last + 1) this.diary.violated('log order', `${sequence} follows ${this.last}`);
    this.last = sequence;
    const { data } = JSON.parse(body) as { readonly data: EventData };
    this.diary.note(
      `log ${sequence} ${type} ${data.call?.id ?? data.agent?.id ?? ''} ${data.call?.phase ?? data.agent?.routing ?? ''}`,
    );
    if (type === 'stream.gap.v1') this.gap(data.lost ?? 0);
    if (type === 'agent.state.v1' && data.agent) this.agents.set(data.agent.id, data.agent);
    if (data.call && callSequence !== undefined) this.tell(type, data.call, callSequence);
  }

  /** After a gap with losses each call may miss some of its story, and what an agent does is not known. */
  private gap(lost: number): void {
    if (lost === 0) return;
    this.gaps = true;
    for (const told of this.calls.values()) told.gapped = true;
    this.agents.clear();
  }

  private tell(type: string, view: CallViewData, sequence: number): void {
    const { id } = view;
    if (this.over.has(id)) return this.diary.violated('one end', `${id}: ${type} after its end`);
    const told = this.calls.get(id);
    if (!told) this.begin(type, view, sequence);
    else if (sequence !== told.sequence + 1 && !(told.gapped && sequence > told.sequence))
      this.diary.violated('call sequence', `${id}: ${type} is ${sequence} after ${told.sequence}`);
    if (type === 'call.connected.v1') this.answered += 1;
    if (type === 'call.ended.v1') {
      this.ended += 1;
      this.over.add(id);
      this.calls.delete(id);
    } else this.calls.set(id, { sequence, view, gapped: false });
  }

  private begin(type: string, { id }: CallViewData, sequence: number): void {
    this.arrived += 1;
    if ((begins.has(type) && sequence === 1) || this.gaps) return;
    this.diary.violated('call sequence', `${id} begins with ${type}, ${sequence}`);
  }

  /** At the end of a day on which everybody went home. */
  finish(): void {
    for (const [id, { gapped, view }] of this.calls)
      if (!gapped) this.diary.violated('one end', `${id} never ended, ${view.phase}`);
  }
}
