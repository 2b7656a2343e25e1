import type { PbxCommand } from './commands.ts';

/** Fields that every fact from a PBX has. Times are Unix milliseconds, as our clock saw the message. */
interface FactBase {
  readonly nodeId: string;
  readonly atMs: number;
}

/**
 * What a PBX tells us about legs (channels) and bridges, in our words. Translated from ARI.
 * Repeated, late and unknown facts must be harmless to whoever reads them.
 */
export type PbxFact = FactBase &
  (
    | {
        /** A caller was handed to us by the dialplan (`Stasis()` entered from outside). */
        readonly kind: 'legArrived';
        readonly legId: string;
        readonly callerNumber: string;
        readonly callerName: string;
        readonly dialledNumber: string;
        /** Arguments of `Stasis(app,arg,…)`. */
        readonly args: readonly string[];
        /** True when the PBX has already answered the leg. */
        readonly answered: boolean;
        readonly language?: string;
      }
    /** A leg that we dialled is in our application, from its answer on. */
    | { readonly kind: 'legEntered'; readonly legId: string }
    | { readonly kind: 'legRinging'; readonly legId: string }
    /** A leg that we dialled was answered, or a caller's leg that we answered is up. */
    | { readonly kind: 'legAnswered'; readonly legId: string }
    /** The leg is gone. `cause` is the Q.850 cause (16 normal, 17 busy, 19 no answer, 21 rejected, 20 or 27 unreachable). */
    | { readonly kind: 'legEnded'; readonly legId: string; readonly cause: number }
    /** The leg left our application but lives on in the dialplan (we continued it, or somebody moved it). */
    | { readonly kind: 'legLeft'; readonly legId: string }
    /**
     * A phone used its own transfer key: the PBX has put another leg where this one was, which has no use any more.
     * `attended`: who transferred has talked with whom the other leg leads to.
     */
    | { readonly kind: 'legReplaced'; readonly legId: string; readonly byLegId: string; readonly attended: boolean }
    | { readonly kind: 'playbackEnded'; readonly playbackId: string; readonly failed: boolean }
    /** Over, by wish or by itself; `failed`: the PBX could not go on. */
    | {
        readonly kind: 'recordingEnded';
        readonly recordingId: string;
        readonly failed: boolean;
        /** Of a leg's recording: how long it was not silent, as far as the PBX heard anything at all. */
        readonly talkedMs?: number;
      }
    | { readonly kind: 'keyPressed'; readonly legId: string; readonly key: string }
    /** The phone itself signalled hold or resume. */
    | { readonly kind: 'legHeld'; readonly legId: string }
    | { readonly kind: 'legUnheld'; readonly legId: string }
    | { readonly kind: 'bridgeEnded'; readonly bridgeId: string }
  );

/** Why a command to the PBX did not do what it says. `gone`: the leg or bridge is not there any more (404, 409). */
export type CommandFailure = 'gone' | 'refused' | 'timeout' | 'unavailable';

/** How a command ended: taken by the PBX, or not and why. */
export type CommandResult = { readonly ok: true } | { readonly ok: false; readonly failure: CommandFailure };

/** What AMI tells us about phones and the PBX itself. */
export type DeviceState =
  | 'unknown'
  | 'notInUse'
  | 'inUse'
  | 'busy'
  | 'invalid'
  | 'unavailable'
  | 'ringing'
  | 'ringInUse'
  | 'onHold';

export type DeviceFact = FactBase &
  (
    | { readonly kind: 'deviceStateChanged'; readonly device: string; readonly state: DeviceState }
    | { readonly kind: 'contactChanged'; readonly device: string; readonly reachable: boolean }
    | { readonly kind: 'pbxStarted'; readonly startedAtMs: number; readonly restarted: boolean }
    | { readonly kind: 'pbxStopping' }
  );

/** A live leg in a snapshot of the PBX, confirmed to exist. */
export interface LegSnapshot {
  readonly legId: string;
  readonly answered: boolean;
  readonly callerNumber: string;
  readonly callerName: string;
  readonly dialledNumber: string;
  /** Of a caller: arguments of `Stasis(app,arg,…)`, as far as the PBX tells. */
  readonly args?: readonly string[];
  readonly language?: string;
  readonly bridgeId?: string;
  /** Our variables on the channel (`RINGMASTER_*`), as far as set. */
  readonly variables: Readonly<Record<string, string>>;
}

/** What the PBX holds of ours at one moment; delivered after each (re)connect, before any live fact. */
export interface PbxSnapshot {
  readonly nodeId: string;
  readonly atMs: number;
  readonly legs: readonly LegSnapshot[];
  readonly bridges: readonly { readonly bridgeId: string; readonly legIds: readonly string[] }[];
}

/** A command that failed, given back to the call that asked for it. */
export interface CommandFailed {
  readonly command: PbxCommand;
  readonly failure: CommandFailure;
}
