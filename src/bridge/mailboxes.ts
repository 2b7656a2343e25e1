import type { CallInput } from '../call/index.ts';

/**
 * One mailbox per call: its inputs are handled one at a time, in the order posted, also those that the handling of one
 * posts. All mailboxes share one queue, so the order over all calls is the order of posting and a replay agrees.
 */
export class Mailboxes {
  private readonly handle: (callId: string, input: CallInput) => void;
  private queue: { callId: string; input: CallInput }[] = [];
  private running = false;

  constructor(handle: (callId: string, input: CallInput) => void) {
    this.handle = handle;
  }

  post(callId: string, input: CallInput): void {
    this.queue.push({ callId, input });
    if (!this.running) this.hold(() => {});
  }

  /** Runs `work` to its end before any input is handled that it posts; a failure of `work` keeps none of them back. */
  hold(work: () => void): void {
    if (this.running) return work();
    this.running = true;
    try {
      work();
    } finally {
      this.deliver();
    }
  }

  private deliver(): void {
    try {
      // Appending while iterating is intended: handling one input posts the next.
      for (const { callId, input } of this.queue) this.handle(callId, input);
    } finally {
      this.queue = [];
      this.running = false;
    }
  }
}
