/** How a message is taken; from config. */
export interface VoicemailPolicy {
  readonly id: string;
  readonly prompt: readonly string[];
  /** After this the prompt is cut, in case the PBX never tells of its end. */
  readonly promptMaxMs: number;
  /** Heard after the message by who is still there. */
  readonly thanks: readonly string[];
  readonly format: string;
  readonly lengthMaxMs: number;
  /** Silence of so long ends the message. */
  readonly silenceMaxMs: number;
  /** What is shorter is no message. */
  readonly shortestMs: number;
  /** Who is called back: nobody, who left a message (or would have, had the recording worked), or whoever came here. */
  readonly callback: 'never' | 'message' | 'always';
  /** Whose agents call back; the queue that the call came from when absent. */
  readonly queueId?: string | undefined;
}

/**
 * `left`: a message is kept. `tooShort`: the recording is kept, but says nothing. `none`: the caller hung up before the
 * beep. `failed`: the PBX did not record.
 */
export type VoicemailOutcome = 'left' | 'tooShort' | 'none' | 'failed';

/**
 * Where a caller is who leaves a message. `closing`: the recording was told to end, or the caller is gone, and its end is
 * waited for a moment. `callback`: written down that the caller be called; the call stands until that is sure.
 */
export interface VoicemailState {
  readonly boxId: string;
  readonly stage: 'prompt' | 'recording' | 'closing' | 'thanks' | 'callback';
  readonly recordingId?: string;
  readonly recordedAtMs?: number;
  /** When the caller hung up, or the recording was told to end. */
  readonly closedAtMs?: number;
  readonly outcome?: VoicemailOutcome;
  /** The caller's leg is gone. */
  readonly gone?: true;
}

export const messagePromptIdOf = (callId: string): string => `${callId}.voicemail`;
export const thanksIdOf = (callId: string): string => `${callId}.thanks`;
