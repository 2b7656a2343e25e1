import type { CustomerResult } from '../../call/index.ts';
import type { MirroredCall, MirroredTold } from './call.ts';
import type { QueueFact, QueueSnapshot } from './facts.ts';
import type { FloorOptions, FloorOutput } from './floor.ts';
import type { Membership, Pause, Presence, PresenceNews } from './pauses.ts';

/** Which queues of app_queue are mirrored, whose members are whose, and how much is kept. */
export interface MirrorOptions extends FloorOptions {
  readonly newId: () => string;
  /** Calls at once; of further ones nothing is told. */
  readonly callsMax: number;
  /** app_queue does not tell how long it rings: after this a phone counts as not answered. */
  readonly ringMaxMs: number;
  /** How long what belongs together may take to come: an answer after the leaving, a hangup after the abandoning. */
  readonly graceMs: number;
  /** A call of a node that is out of reach for so long counts as over. */
  readonly staleMaxMs: number;
}

export type MirrorInput =
  | { readonly kind: 'fact'; readonly fact: QueueFact }
  | { readonly kind: 'snapshot'; readonly snapshot: QueueSnapshot }
  /** The reading of a node begins; what facts tell from now on is newer than what it will find. */
  | { readonly kind: 'reading'; readonly nodeId: string }
  | { readonly kind: 'linkLost'; readonly nodeId: string }
  | { readonly kind: 'customer'; readonly callId: string; readonly customer: CustomerResult; readonly late: boolean }
  | { readonly kind: 'presence'; readonly agentId: string; readonly presence: Presence; readonly news: PresenceNews }
  /** The PBX has not done what it was asked. */
  | { readonly kind: 'pauseFailed'; readonly membership: Membership; readonly pause: Pause }
  /** Members may be somebody else's now. */
  | { readonly kind: 'remap'; readonly agentOf: FloorOptions['agentOf'] }
  | { readonly kind: 'tick' };

export type MirrorOutput =
  | FloorOutput
  /** One change of one call, with all that is told of it; an ended call is kept no more. */
  | {
      readonly kind: 'call';
      readonly call: MirroredCall;
      readonly told: readonly MirroredTold[];
      readonly inferred: boolean;
    }
  | { readonly kind: 'lookup'; readonly call: MirroredCall }
  | { readonly kind: 'talks'; readonly agentId: string; readonly call: MirroredCall }
  | { readonly kind: 'hungUp'; readonly agentId: string; readonly call: MirroredCall }
  /** Whether a caller lives on whose call was passed on; for the next start. */
  | { readonly kind: 'passedOn'; readonly channel: string; readonly lives: boolean }
  /** What was found may be older than facts that made no sense: read the node once more. */
  | { readonly kind: 'reread'; readonly nodeId: string }
  | {
      readonly kind: 'compared';
      readonly nodeId: string;
      readonly kept: number;
      readonly adopted: number;
      readonly ended: number;
      /** After a gap; else what was read was believed to be known. */
      readonly afterGap: boolean;
    };

export type FactOf<Kind extends QueueFact['kind']> = Extract<QueueFact, { readonly kind: Kind }>;
