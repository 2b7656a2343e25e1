import { Positions } from './positions.ts';
import type { WaitingCall } from './waiting-call.ts';

/**
 * All calls that routing has, by id and by number. Numbers are small and used again, so that what must be found fast of
 * a hundred thousand calls can lie in plain arrays of numbers.
 */
export class Calls {
  private readonly byId = new Map<string, WaitingCall>();
  private readonly byNumber: (WaitingCall | undefined)[] = [];
  private readonly spare: number[] = [];
  /** Where each is in the heap of its signature. */
  readonly inHeap = new Positions();
  /** Where each is in the line of its queue. */
  readonly inLine = new Positions();

  get(callId: string): WaitingCall | undefined {
    return this.byId.get(callId);
  }

  at(number: number): WaitingCall {
    return this.byNumber[number] as WaitingCall;
  }

  values(): Iterable<WaitingCall> {
    return this.byId.values();
  }

  add(call: WaitingCall): void {
    call.number = this.spare.pop() ?? this.byNumber.length;
    this.byNumber[call.number] = call;
    this.byId.set(call.request.callId, call);
  }

  remove(call: WaitingCall): void {
    this.byId.delete(call.request.callId);
    this.byNumber[call.number] = undefined;
    this.spare.push(call.number);
    call.number = -1;
  }
}
