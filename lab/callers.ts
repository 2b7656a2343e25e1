/** How a call ended for the one who made it. */
export interface CallerEnd {
  /** Answer → end, in milliseconds. */
  readonly talkMs?: number;
  readonly endedBy?: 'caller' | 'callee';
}

/** A call of somebody outside, whatever carries it. */
export interface OutsideCall {
  /** Resolves at the answer or the end with the SIP status, 0 when none came. */
  readonly answered: Promise<number>;
  readonly ended: Promise<CallerEnd>;
  /** Does nothing when the call is over. */
  hangUp(): void;
  /** Presses a key as soon as the call is answered. */
  press(key: string): Promise<void>;
  /** Talks for so long. */
  talk(lengthMs: number): Promise<void>;
}

/** People outside who ring: `SipCaller` by SIP, or those of the model. */
export interface Callers extends AsyncDisposable {
  call(options: { readonly target: string; readonly callerNumber: string }): OutsideCall;
}
