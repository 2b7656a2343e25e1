/** Where a call can be sent: by overflow, transfer or drain. */
export type Target =
  | { readonly kind: 'queue'; readonly queueId: string }
  | { readonly kind: 'agent'; readonly agentId: string }
  /** A number outside, dialled by the dialplan; digits, `*`, `#` and a leading `+` only. */
  | { readonly kind: 'number'; readonly number: string }
  /** Back to the dialplan of the PBX. */
  | { readonly kind: 'dialplan'; readonly context: string; readonly extension: string; readonly priority: number }
  /** Where the caller leaves a message; a box of the config. */
  | { readonly kind: 'voicemail'; readonly boxId: string }
  /** Let go and called back by the agents of this queue, with the age of the wait. */
  | { readonly kind: 'callback'; readonly queueId: string }
  | { readonly kind: 'hangup' };

/** A short name of a target for logs and events: `queue:sales`, `dialplan:fallback,s,1`. Numbers are not shown. */
export function targetName(target: Target): string {
  switch (target.kind) {
    case 'queue':
      return `queue:${target.queueId}`;
    case 'agent':
      return `agent:${target.agentId}`;
    case 'number':
      return 'number';
    case 'dialplan':
      return `dialplan:${target.context},${target.extension},${target.priority}`;
    case 'voicemail':
      return `voicemail:${target.boxId}`;
    case 'callback':
      return `callback:${target.queueId}`;
    case 'hangup':
      return 'hangup';
  }
}
