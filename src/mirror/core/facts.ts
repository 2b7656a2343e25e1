import type { DeviceState } from '../../call/index.ts';

/** A caller's channel at the PBX, as every event of app_queue about it tells. */
export interface CallerLeg {
  /** The channel's unique id; never used again by the PBX. */
  readonly uniqueId: string;
  readonly callerNumber: string;
  readonly dialledNumber: string;
}

/** A member of a queue as the PBX has it. */
export interface Member {
  /** What app_queue dials and pauses: `PJSIP/1001`, `Local/1001@from-queue/n`. */
  readonly interface: string;
  /** Whose state counts for it; often the phone behind a Local channel. */
  readonly stateInterface: string;
  readonly device: DeviceState;
  readonly paused: boolean;
  /** Empty when none was given. */
  readonly pausedReason: string;
  /** Talks on a call of app_queue. */
  readonly inCall: boolean;
}

interface Base {
  readonly nodeId: string;
  /** Unix milliseconds at reception. */
  readonly atMs: number;
}

/** What app_queue says happened. `queue` is its name in queues.conf; `legId` the unique id of a member's channel. */
export type QueueFact = Base &
  (
    | { readonly kind: 'callerJoined'; readonly queue: string; readonly caller: CallerLeg }
    /** Comes before the answer of a member too, and after `callerAbandoned`. */
    | { readonly kind: 'callerLeft'; readonly queue: string; readonly uniqueId: string }
    /** Nobody answered: the caller hung up, waited too long for the queue, or was sent elsewhere. */
    | { readonly kind: 'callerAbandoned'; readonly queue: string; readonly uniqueId: string }
    | MemberDialled<'memberCalled'>
    | MemberDialled<'memberConnected'>
    | { readonly kind: 'memberNoAnswer'; readonly queue: string; readonly uniqueId: string; readonly legId: string }
    | {
        readonly kind: 'memberCompleted';
        readonly queue: string;
        readonly uniqueId: string;
        readonly interface: string;
        readonly legId: string;
        readonly reason: 'caller' | 'agent' | 'transfer';
      }
    /** Any channel of the PBX is gone; `cause` is Q.850. */
    | { readonly kind: 'channelGone'; readonly uniqueId: string; readonly cause: number }
    /** A Local channel, of two halves, has left its conversation to the channel behind it, and will be gone. */
    | { readonly kind: 'channelReplaced'; readonly halves: readonly string[]; readonly by: string }
    | { readonly kind: 'memberChanged'; readonly queue: string; readonly member: Member }
    | { readonly kind: 'memberRemoved'; readonly queue: string; readonly interface: string }
  );

interface MemberDialled<Kind> {
  readonly kind: Kind;
  readonly queue: string;
  readonly caller: CallerLeg;
  readonly interface: string;
  readonly legId: string;
}

/**
 * A channel that app_queue holds: `caller` waits or talks, `member` is rung or talks. `other` is in a bridge and nothing
 * says that app_queue has dialled it: the phone behind a Local channel that is gone, or somebody to whom a call was passed.
 */
export interface QueueChannel {
  readonly role: 'caller' | 'member' | 'other';
  readonly leg: CallerLeg;
  /** Shared by all channels of one contact. */
  readonly linkedId: string;
  /** Of a caller: the queue. */
  readonly queue?: string | undefined;
  /** Of the others: what was dialled, as far as its channel's name tells. */
  readonly interface?: string | undefined;
  readonly answered: boolean;
  readonly bridgeId?: string | undefined;
}

export interface QueueContents {
  readonly queue: string;
  readonly members: readonly Member[];
  readonly waiting: readonly { readonly caller: CallerLeg; readonly waitedMs: number }[];
}

/** Everything that app_queue of one node holds, read after each start of the link. */
export interface QueueSnapshot extends Base {
  readonly queues: readonly QueueContents[];
  /** Undefined where we may not list channels. */
  readonly channels?: { readonly alive: ReadonlySet<string>; readonly held: readonly QueueChannel[] } | undefined;
}
