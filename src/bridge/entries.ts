import { isOpen } from '../calendar/index.ts';
import type {
  ArrivalFact,
  Call,
  CallPolicy,
  EntryPolicy,
  QueueHours,
  RecordingCare,
  VoicemailPolicy,
} from '../call/index.ts';
import { type QueuePolicy, wrapUpMsOf } from '../routing/index.ts';
import { recordingWanted } from './recording-wanted.ts';

export interface EntriesOptions {
  readonly entries: readonly EntryPolicy[];
  readonly queues: readonly QueuePolicy[];
  /** Per node, the dialplan context that dials numbers outside for blind transfers. */
  readonly transferContexts: ReadonlyMap<string, string>;
  /** How conversations are recorded where neither entry nor queue says otherwise; absent: not at all. */
  readonly recording?: RecordingCare | undefined;
  readonly voicemails: readonly VoicemailPolicy[];
  /** An agent whose leg ends so soon after the join has dropped the caller. */
  readonly dropGraceMs: number;
}

const unroutableEntry: EntryPolicy = {
  id: 'none',
  number: '*',
  queueId: '',
  answer: 'withAgent',
  greeting: [],
  greetingMaxMs: 0,
  priority: 0,
  needs: {},
  blacklisted: { kind: 'hangup' },
  fallback: { kind: 'hangup' },
};

/** The numbers that callers dial, and what the config says of each call that came in by one. */
export class Entries {
  private readonly options: EntriesOptions;
  private readonly byId: ReadonlyMap<string, EntryPolicy>;
  private readonly byNumber: ReadonlyMap<string, EntryPolicy>;
  private readonly queuesById: ReadonlyMap<string, QueuePolicy>;
  /** Undefined when nothing can ever be recorded. */
  private readonly recording: RecordingCare | undefined;
  private readonly boxes: ReadonlyMap<string, VoicemailPolicy>;

  constructor(options: EntriesOptions) {
    this.options = options;
    const { recording } = options;
    this.recording = recording && recordingWanted(recording.rule, options) ? recording : undefined;
    this.byId = new Map(options.entries.map((entry) => [entry.id, entry]));
    this.byNumber = new Map(options.entries.map((entry) => [entry.number, entry]));
    this.boxes = new Map(options.voicemails.map((box) => [box.id, box]));
    this.queuesById = new Map(options.queues.map((queue) => [queue.id, queue]));
  }

  /** `Stasis(app,<entry or number>)` names the entry; otherwise the number dialled does, otherwise `*`. */
  of({ args: [asked], dialledNumber }: ArrivalFact): EntryPolicy {
    return this.find(asked, dialledNumber) ?? unroutableEntry;
  }

  /** The same for what was named by whomever; undefined when no entry is for it. */
  find(asked: string | undefined, dialledNumber: string): EntryPolicy | undefined {
    return (
      (asked === undefined ? undefined : (this.byId.get(asked) ?? this.byNumber.get(asked))) ??
      this.byNumber.get(dialledNumber) ??
      this.byNumber.get('*')
    );
  }

  /** The entry by which a call came in; one that hangs up for an entry that has left the config. */
  ofCall(call: Call): EntryPolicy {
    return this.byIdOrNone(call.entryId);
  }

  byIdOrNone(entryId: string): EntryPolicy {
    return this.byId.get(entryId) ?? unroutableEntry;
  }

  priorityOf(entryId: string): number {
    return this.byId.get(entryId)?.priority ?? 0;
  }

  hasQueue(queueId: string): boolean {
    return this.queuesById.has(queueId);
  }

  /** When a queue is open; undefined for always. */
  hoursOf(queueId: string): QueueHours | undefined {
    return this.queuesById.get(queueId)?.hours;
  }

  /** Skills that all calls of a queue need. */
  needsOf(queueId: string): Readonly<Record<string, number>> {
    return this.queuesById.get(queueId)?.needs ?? {};
  }

  /** What the reducer must know of the config for a call on a node. */
  policyFor(entry: EntryPolicy, nodeId: string): CallPolicy {
    const { transferContexts, dropGraceMs } = this.options;
    const transferContext = transferContexts.get(nodeId) ?? 'default';
    const policy = {
      entry,
      transferContext,
      dropGraceMs,
      queue: (queueId: string) => this.careOf(queueId),
      ...(this.boxes.size > 0 ? { voicemail: (boxId: string) => this.boxes.get(boxId) } : {}),
    };
    const { recording } = this;
    if (!recording) return policy;
    const ruleOf = (queueId: string) => entry.recording ?? this.queuesById.get(queueId)?.recording ?? recording.rule;
    return { ...policy, recording: (queueId) => ({ ...recording, rule: ruleOf(queueId) }) };
  }

  private careOf(queueId: string): { musicClass: string; wrapUpMs: number } {
    const policy = this.queuesById.get(queueId) ?? { musicClass: 'default', wrapUpMs: 0 };
    return 'wrapUp' in policy ? { ...policy, wrapUpMs: wrapUpMsOf(policy) } : policy;
  }
}

/** Whether a queue with these hours, if it has any, takes nobody in now. */
export const isClosed = (hours: QueueHours | undefined, atMs: number): boolean =>
  hours !== undefined && !isOpen(hours.schedule, atMs);
