/** When conversations are recorded; from config. `share`: of each hundred calls so many, the same ones whenever asked. */
export type RecordingRule =
  | { readonly kind: 'always' }
  | { readonly kind: 'share'; readonly percent: number }
  | { readonly kind: 'onDemand' }
  | { readonly kind: 'never' };

/** How a conversation is recorded. */
export interface RecordingCare {
  readonly rule: RecordingRule;
  /** As Asterisk names it: `wav`. */
  readonly format: string;
  /** Both hear this before a recording that the rule asks for; empty for none. */
  readonly announcement: readonly string[];
  /** After this the recording begins even if the end of the announcement was never told. */
  readonly announcementMaxMs: number;
  /** A pause that lasts longer is told, again and again. */
  readonly pauseMaxMs: number;
  /** The PBX ends a recording that is longer. */
  readonly lengthMaxMs: number;
}

/** Whether the rule asks for this call. Depends on the call's id alone, so that a restart decides alike. */
export function ruleAsks(rule: RecordingRule, callId: string): boolean {
  switch (rule.kind) {
    case 'always':
      return true;
    case 'share':
      return hashOf(callId) % 10_000 < rule.percent * 100;
    case 'onDemand':
    case 'never':
      return false;
  }
}

/** FNV-1a, 32 bit, with the bits mixed at the end: ids that differ in few digits fall everywhere. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** What people may do with the recording of a conversation. */
export type RecordingAction = 'start' | 'pause' | 'resume' | 'stop';

/**
 * The recording of a conversation: of the call's bridge, so it holds what the agent hears, and goes on through hold,
 * consultation and attended transfer. `paused`: silence is recorded instead of what is said.
 */
export interface Recording {
  readonly id: string;
  readonly stage: 'announcing' | 'on' | 'paused';
  readonly byRule: boolean;
  readonly startedAtMs: number;
  readonly pausedAtMs?: number | undefined;
}
