import { IdIndex } from './id-index.ts';
import { Positions } from './positions.ts';
import type { WaitingCall } from './waiting-call.ts';

/**
 * All calls that routing has, by id and by number. Numbers are small and used again, so that what must be found fast of
 * a hundred thousand calls can lie in plain arrays of numbers.
 */
export class Calls {
  private readonly byNumber: (WaitingCall | undefined)[] = [];
  private readonly spare: number[] = [];
  private readonly index = new IdIndex();
  private readonly hasId = (number: number, callId: string): boolean => this.at(number).request.callId === callId;
  /** Where each is in the heap of its signature. */
  readonly inHeap = new Positions();
  /** Where each is in the line of its queue. */
  readonly inLine = new Positions();

  get(callId: string): WaitingCall | undefined {
    const number = this.index.find(callId, this.hasId);
    return number < 0 ? undefined : this.byNumber[number];
  }

  at(number: number): WaitingCall {
    return this.byNumber[number] as WaitingCall;
  }

  /** In no order. */
  *values(): Iterable<WaitingCall> {
    for (const call of this.byNumber) if (call) yield call;
  }

  add(call: WaitingCall): void {
    call.number = this.spare.pop() ?? this.byNumber.length;
    this.byNumber[call.number] = call;
    this.index.add(call.request.callId, call.number);
  }

  remove(call: WaitingCall): void {
    this.index.remove(call.request.callId, call.number);
    this.byNumber[call.number] = undefined;
    this.spare.push(call.number);
    call.number = -1;
  }
}
