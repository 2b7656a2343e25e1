import type { LeaseClaim, LeaseHolder, LeaseLook, ShardOwner } from './ports.ts';

/** What is heard of the lease, the token and the PBX. */
export type Clue =
  | { readonly kind: 'tick' }
  | { readonly kind: 'looked'; readonly answer: LeaseLook | undefined }
  /** `term` is the one for which it was asked: what was asked for an earlier one means nothing. */
  | {
      readonly kind: 'claimed';
      readonly term: string;
      readonly sentAtMs: number;
      readonly answer: LeaseClaim | undefined;
    }
  /** `owner` is undefined when nobody has ever owned the shard; the answer when there was none. */
  | {
      readonly kind: 'read';
      readonly term: string;
      readonly sentAtMs: number;
      readonly answer: { readonly owner: ShardOwner | undefined } | undefined;
    }
  /** `token` is undefined when somebody else was first. */
  | {
      readonly kind: 'took';
      readonly term: string;
      readonly answer: { readonly token: number | undefined } | undefined;
    }
  | { readonly kind: 'released' }
  /** A write was refused: the token is not the newest. */
  | { readonly kind: 'fenced'; readonly token: number }
  /** A PBX said that another server has taken our application name. */
  | { readonly kind: 'replaced'; readonly token: number }
  /** The process shall end. */
  | { readonly kind: 'stop' }
  /** What `handOver` or `drain` asked for is done. */
  | { readonly kind: 'left' };

/** What is to be asked or done. */
export type Deed =
  /** `standsBy`: it says too that we would take the shard. */
  | { readonly kind: 'look'; readonly standsBy: boolean }
  | { readonly kind: 'claim'; readonly holder: LeaseHolder }
  | { readonly kind: 'read' }
  | { readonly kind: 'take'; readonly expected: number; readonly term: string }
  | { readonly kind: 'release'; readonly term: string }
  | { readonly kind: 'serve'; readonly token: number }
  | { readonly kind: 'stepDown'; readonly reason: StepDownReason }
  | { readonly kind: 'handOver' }
  | { readonly kind: 'drain' }
  | { readonly kind: 'end' };

/** Why an owner is none any more. */
export type StepDownReason = 'leaseLost' | 'fenced' | 'replaced';
