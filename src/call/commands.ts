/**
 * What a call asks of the PBX, as data. Ids of legs, bridges and playbacks are chosen by us before the request,
 * so that events which overtake the answer find their call. Commands of one call take effect in the order given.
 */
export type PbxCommand =
  | { readonly kind: 'answer'; readonly legId: string }
  /** Ringing tone: to a caller that is not answered yet, or to an agent while somebody is dialled. */
  | { readonly kind: 'ring'; readonly legId: string }
  /** The ringing tone that a leg hears ends. */
  | { readonly kind: 'stopRing'; readonly legId: string }
  /** The others on the call do not hear this leg. */
  | { readonly kind: 'mute'; readonly legId: string }
  | { readonly kind: 'unmute'; readonly legId: string }
  /** Keypad tones to a leg: `0-9`, `*`, `#`, `A-D`. They may be secret, so they stand in no log and no event. */
  | { readonly kind: 'sendKeys'; readonly legId: string; readonly digits: string }
  | {
      readonly kind: 'play';
      readonly legId: string;
      readonly playbackId: string;
      readonly media: readonly string[];
      /** In which sounds are looked for; that of the leg when absent. */
      readonly language?: string;
    }
  /** Everybody in the bridge hears it. */
  | {
      readonly kind: 'playToBridge';
      readonly bridgeId: string;
      readonly playbackId: string;
      readonly media: readonly string[];
    }
  /** Records what is heard in the bridge, into a file of this name at the PBX. */
  | {
      readonly kind: 'record';
      readonly bridgeId: string;
      readonly recordingId: string;
      readonly format: string;
      readonly lengthMaxMs: number;
    }
  /** Records what a leg says, into a file of this name at the PBX; `#`, silence and length end it. */
  | {
      readonly kind: 'recordLeg';
      readonly legId: string;
      readonly recordingId: string;
      readonly format: string;
      readonly lengthMaxMs: number;
      readonly silenceMaxMs: number;
    }
  /** Records silence instead, until it is undone. */
  | { readonly kind: 'muteRecording'; readonly recordingId: string }
  | { readonly kind: 'unmuteRecording'; readonly recordingId: string }
  | { readonly kind: 'stopRecording'; readonly recordingId: string }
  | { readonly kind: 'stopPlayback'; readonly playbackId: string }
  | { readonly kind: 'startMusic'; readonly legId: string; readonly musicClass: string }
  | { readonly kind: 'stopMusic'; readonly legId: string }
  | {
      /** Rings a phone; the leg enters our application when it is answered. Whom it is dialled for must still be there. */
      readonly kind: 'dial';
      readonly legId: string;
      /** `PJSIP/1001`, `Local/1001@agents/n`; from config, never from a caller. */
      readonly endpoint: string;
      readonly originatorLegId?: string;
      readonly callerNumber: string;
      readonly callerName: string;
      readonly timeoutMs: number;
      readonly variables: Readonly<Record<string, string>>;
      /** SIP headers of the INVITE; `PJSIP/` endpoints only. From config, never from a caller. */
      readonly headers?: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'createBridge'; readonly bridgeId: string }
  /** Adds legs to a bridge made before; they hear each other when this is done. */
  | { readonly kind: 'join'; readonly bridgeId: string; readonly legIds: readonly string[] }
  /** Takes a leg out of the bridge; it stays with us. */
  | { readonly kind: 'separate'; readonly bridgeId: string; readonly legId: string }
  | { readonly kind: 'destroyBridge'; readonly bridgeId: string }
  | { readonly kind: 'setVariables'; readonly legId: string; readonly variables: Readonly<Record<string, string>> }
  /** Gives the leg back to the dialplan. */
  | {
      readonly kind: 'leave';
      readonly legId: string;
      readonly context: string;
      readonly extension: string;
      readonly priority: number;
    }
  | {
      readonly kind: 'hangup';
      readonly legId: string;
      /** `answered_elsewhere`: a phone that is told so lists no missed call. */
      readonly reason: 'normal' | 'busy' | 'congestion' | 'no_answer' | 'answered_elsewhere';
    };
