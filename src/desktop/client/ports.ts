/** What the headless parts take from the browser, so that they are tested without one. */

export interface DeskTimer {
  cancel(): void;
}

export interface DeskClock {
  /** Unix milliseconds by the clock of this machine. */
  nowMs(): number;
  after(delayMs: number, run: () => void): DeskTimer;
}

/** A WebSocket cut down to what is used. */
export interface DeskSocket {
  send(text: string): void;
  close(): void;
  addEventListener(type: 'open', listener: () => void): void;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(type: 'close', listener: (event: { readonly code: number }) => void): void;
}

/** `fetch` cut down to what is used. */
export type DeskFetch = (
  path: string,
  init: { readonly method: string; readonly headers: Record<string, string>; readonly body?: string },
) => Promise<{ readonly status: number; text(): Promise<string> }>;
