import type { PbxCommand } from '../call/index.ts';
import type { Clock, Timer } from '../kernel/index.ts';

/** A command for which nobody waits. */
export interface Patient {
  readonly callId: string;
  readonly kind: PbxCommand['kind'];
  /** Where the leg that is hung up was dialled. */
  readonly endpoint?: string | undefined;
  readonly run: () => void;
}

/** As many commands as keep the PBX busy while an answer and the next request cross. */
const inFlightMax = 2;
/** So long at most: a burst of callers is through by then, or the PBX is late by much more than this. */
const patienceMs = 300;

/** What a caller's leg is given, which neither a phone that is dialled nor a new bridge depends on. */
const gifts: ReadonlySet<PbxCommand['kind']> = new Set(['ring', 'setVariables']);
const giftsMayFollow: ReadonlySet<PbxCommand['kind']> = new Set(['dial', 'createBridge']);

/** Must `patient` be done before a command of a call? A phone that is still to be hung up would be busy. */
function comesFirst(patient: Patient, callId: string, command: PbxCommand): boolean {
  if (command.kind === 'dial' && patient.endpoint === command.endpoint) return true;
  return patient.callId === callId && !(gifts.has(patient.kind) && giftsMayFollow.has(command.kind));
}

/**
 * Commands that let others go ahead. Asterisk works the requests of one socket one by one, a millisecond each: when
 * callers come in a burst, those to whom a phone is to be dialled or joined would stand behind the tidying up of calls
 * that are over. So what nobody waits for is kept here, in its order, while the PBX has enough to do.
 */
export class Patience {
  private readonly clock: Clock;
  private readonly inFlight: () => number;
  private waiting: Patient[] = [];
  private timer: Timer | undefined;

  /** `inFlight`: how many commands have no answer yet. */
  constructor(clock: Clock, inFlight: () => number) {
    this.clock = clock;
    this.inFlight = inFlight;
  }

  /** Goes when this turn is over at the earliest, so that a dial of the same turn is first. */
  add(patient: Patient): void {
    this.waiting.push(patient);
    if (this.waiting.length > 1) return;
    process.nextTick(() => this.drain());
    this.timer = this.clock.after(patienceMs, () => this.flush());
  }

  /** An answer has come: there may be room. */
  drain(): void {
    while (this.waiting.length > 0 && this.inFlight() < inFlightMax) this.take(this.waiting.slice(0, 1));
  }

  /** Lets go what must be done before this command. */
  before(callId: string, command: PbxCommand): void {
    if (this.waiting.length > 0) this.take(this.waiting.filter((patient) => comesFirst(patient, callId, command)));
  }

  /** Lets everything go. */
  flush(): void {
    this.take(this.waiting);
  }

  private take(due: readonly Patient[]): void {
    this.waiting = this.waiting.filter((patient) => !due.includes(patient));
    if (this.waiting.length === 0) this.timer?.cancel();
    for (const { run } of due) run();
  }
}
