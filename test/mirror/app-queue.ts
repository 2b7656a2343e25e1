import type { CallerLeg, Member, QueueChannel, QueueFact, QueueSnapshot } from '../../src/mirror/ports.ts';

/** `Omit` for each member of a union. */
type Bare<Fact> = Fact extends QueueFact ? Omit<Fact, 'nodeId' | 'atMs'> : never;
export type BareFact = Bare<QueueFact>;

interface Leg {
  readonly interface: string;
  readonly legId: string;
}

interface Round {
  readonly caller: CallerLeg;
  queue: string;
  readonly ringing: Map<string, string>;
  /** Whose phone is answered, and not yet connected. */
  picked: Leg | undefined;
  talksWith: Leg | undefined;
  /** Whom the agent has passed the caller to, in person: the thread of Queue() goes on. */
  passedTo: Leg | undefined;
  /** The phone behind a Local channel that is gone. */
  behind?: string | undefined;
  /** Out of the queue, the dialplan has it. */
  outside: boolean;
}

export const phone = (name: string, part: Partial<Member> = {}): Member => ({
  interface: `PJSIP/${name}`,
  stateInterface: `PJSIP/${name}`,
  device: 'notInUse',
  paused: false,
  pausedReason: '',
  inCall: false,
  ...part,
});

const nobody = { picked: undefined, talksWith: undefined, passedTo: undefined };

/** app_queue as far as its events tell, in memory: what happens in it is told to `tell` in the order of Asterisk 22. */
export class AppQueue {
  readonly rounds = new Map<string, Round>();
  readonly members = new Map<string, Map<string, Member>>();
  private readonly tell: (fact: QueueFact) => void;
  private readonly nowMs: () => number;
  private ids = 0;

  constructor(queues: Readonly<Record<string, readonly Member[]>>, tell: (fact: QueueFact) => void, nowMs = () => 0) {
    this.tell = tell;
    this.nowMs = nowMs;
    for (const [queue, members] of Object.entries(queues)) {
      this.members.set(queue, new Map(members.map((member) => [member.interface, member])));
    }
  }

  join(queue: string, callerNumber = '13900000001'): string {
    const uniqueId = this.newId();
    const caller = { uniqueId, callerNumber, dialledNumber: '6000' };
    this.rounds.set(uniqueId, { caller, queue, ringing: new Map(), ...nobody, outside: false });
    this.say({ kind: 'callerJoined', queue, caller });
    return uniqueId;
  }

  ring(uniqueId: string, dialled: string): string | undefined {
    const round = this.waiting(uniqueId);
    if (!round || round.ringing.has(dialled)) return undefined;
    const legId = this.newId();
    round.ringing.set(dialled, legId);
    this.say({ kind: 'memberCalled', queue: round.queue, caller: round.caller, interface: dialled, legId });
    return legId;
  }

  /** Nobody picks up, or the phone says with a cause of its own why not. */
  unanswered(uniqueId: string, dialled: string, cause = 0): void {
    const round = this.rounds.get(uniqueId);
    const legId = round?.ringing.get(dialled);
    if (!round || legId === undefined) return;
    round.ringing.delete(dialled);
    this.say({ kind: 'memberNoAnswer', queue: round.queue, uniqueId, legId });
    this.gone(legId, cause);
  }

  answer(uniqueId: string, dialled: string): void {
    this.pickUp(uniqueId, dialled);
    this.connect(uniqueId);
  }

  /** The phone is answered: the others stop, the caller is out of the queue, the agent hears who it is. */
  pickUp(uniqueId: string, dialled: string): void {
    const round = this.waiting(uniqueId);
    const legId = round?.ringing.get(dialled);
    if (!round || legId === undefined) return;
    round.ringing.delete(dialled);
    for (const other of round.ringing.values()) this.gone(other, 26);
    round.ringing.clear();
    round.picked = { interface: dialled, legId };
    this.say({ kind: 'callerLeft', queue: round.queue, uniqueId });
  }

  /** What the agent hears first is over: caller and agent talk. */
  connect(uniqueId: string): void {
    const round = this.rounds.get(uniqueId);
    if (!round?.picked) return;
    const { queue, caller, picked } = round;
    round.talksWith = picked;
    round.picked = undefined;
    this.say({ kind: 'memberConnected', queue, caller, ...picked });
  }

  /** The caller hangs up. */
  hangUp(uniqueId: string): void {
    const round = this.rounds.get(uniqueId);
    if (!round) return;
    if (round.talksWith) this.complete(round, 'caller');
    else if (round.picked) this.gone(round.picked.legId, 16);
    else if (!round.outside && !round.passedTo) this.abandon(round);
    this.rounds.delete(uniqueId);
    this.gone(uniqueId, 16);
  }

  /** The time of the queue is over: the dialplan goes on with the caller. */
  timeout(uniqueId: string): void {
    const round = this.waiting(uniqueId);
    if (!round) return;
    this.abandon(round);
    round.outside = true;
  }

  /** The dialplan leads a caller who is outside into a queue. */
  rejoin(uniqueId: string, queue: string): void {
    const round = this.rounds.get(uniqueId);
    if (!round?.outside) return;
    round.outside = false;
    round.queue = queue;
    this.say({ kind: 'callerJoined', queue, caller: round.caller });
  }

  /** The agent hangs up, or passes the caller on. */
  release(uniqueId: string, reason: 'agent' | 'transfer'): void {
    const round = this.rounds.get(uniqueId);
    if (!round?.talksWith) return;
    this.complete(round, reason);
    if (reason === 'transfer') {
      round.outside = true;
      return;
    }
    this.rounds.delete(uniqueId);
    this.gone(uniqueId, 16);
  }

  /** The agent passes the caller to somebody in person. */
  passOn(uniqueId: string, to: string): void {
    const round = this.rounds.get(uniqueId);
    if (!round?.talksWith) return;
    this.complete(round, 'transfer');
    round.passedTo = { interface: to, legId: this.newId() };
  }

  /** The member's Local channel goes: the phone behind it talks. */
  optimise(uniqueId: string, phoneBehind: string): string | undefined {
    const round = this.rounds.get(uniqueId);
    if (!round?.talksWith?.interface.startsWith('Local/') || round.behind !== undefined) return undefined;
    const { legId: gone, interface: dialled } = round.talksWith;
    const legId = this.newId();
    round.talksWith = { interface: dialled, legId };
    round.behind = phoneBehind;
    this.say({ kind: 'channelReplaced', halves: [gone, `${gone}2`], by: legId });
    this.gone(gone, 16);
    return legId;
  }

  pause(dialled: string, paused: boolean, reason = '', only?: string): void {
    for (const [queue, members] of this.members) {
      const member = members.get(dialled);
      if (!member || (only !== undefined && only !== queue)) continue;
      this.put(queue, { ...member, paused, pausedReason: reason });
    }
  }

  /** A member comes, or changes. */
  put(queue: string, member: Member): void {
    this.members.get(queue)?.set(member.interface, member);
    this.say({ kind: 'memberChanged', queue, member });
  }

  remove(queue: string, dialled: string): void {
    if (this.members.get(queue)?.delete(dialled)) this.say({ kind: 'memberRemoved', queue, interface: dialled });
  }

  /** Every call is gone, without a word. */
  restart(): void {
    this.rounds.clear();
  }

  snapshot(withChannels = true): QueueSnapshot {
    const rounds = [...this.rounds.values()];
    const queues = [...this.members].map(([queue, members]) => ({
      queue,
      members: [...members.values()].map((member) => ({
        ...member,
        inCall: rounds.some(({ talksWith }) => talksWith?.interface === member.interface),
      })),
      waiting: rounds
        .filter((round) => round.queue === queue && isWaiting(round))
        .map(({ caller }) => ({ caller, waitedMs: 3_000 })),
    }));
    if (!withChannels) return { nodeId: 'pbx1', atMs: this.nowMs(), queues };
    return {
      nodeId: 'pbx1',
      atMs: this.nowMs(),
      queues,
      channels: { alive: new Set(rounds.flatMap(aliveOf)), held: rounds.flatMap(channelsOf) },
    };
  }

  private complete(round: Round, reason: 'caller' | 'agent' | 'transfer'): void {
    const { queue, caller, talksWith } = round;
    if (!talksWith) return;
    const { interface: dialled, legId } = talksWith;
    this.say({ kind: 'memberCompleted', queue, uniqueId: caller.uniqueId, interface: dialled, legId, reason });
    round.talksWith = undefined;
    round.behind = undefined;
    this.gone(talksWith.legId, 16);
  }

  private abandon(round: Round): void {
    const { queue, caller, ringing } = round;
    const [first, ...rest] = ringing.values();
    if (first !== undefined) this.gone(first, 0);
    this.say({ kind: 'callerAbandoned', queue, uniqueId: caller.uniqueId });
    for (const legId of rest) this.gone(legId, 0);
    ringing.clear();
    this.say({ kind: 'callerLeft', queue, uniqueId: caller.uniqueId });
  }

  private waiting(uniqueId: string): Round | undefined {
    const round = this.rounds.get(uniqueId);
    return round && isWaiting(round) ? round : undefined;
  }

  private gone(uniqueId: string, cause: number): void {
    this.say({ kind: 'channelGone', uniqueId, cause });
  }

  private newId(): string {
    this.ids += 1;
    return `1700000000.${this.ids}`;
  }

  private say(fact: BareFact): void {
    this.tell({ nodeId: 'pbx1', atMs: this.nowMs(), ...fact });
  }
}

const isWaiting = ({ picked, talksWith, passedTo, outside }: Round): boolean =>
  !outside && !picked && !talksWith && !passedTo;

function aliveOf({ caller, ringing, picked, talksWith, passedTo }: Round): string[] {
  const legs = [picked, talksWith, passedTo].flatMap((leg) => leg?.legId ?? []);
  return [caller.uniqueId, ...ringing.values(), ...legs];
}

/** Options are no part of a channel's name. */
const named = (dialled: string): string => dialled.split('/').slice(0, 2).join('/');

function channelsOf({ caller, queue, ringing, picked, talksWith, passedTo, behind, outside }: Round): QueueChannel[] {
  if (outside) return [];
  const linkedId = caller.uniqueId;
  const bridgeId = talksWith || passedTo ? `bridge-${linkedId}` : undefined;
  const own = (role: 'member' | 'other', dialled: string, legId: string, answered: boolean, isIn: boolean) => ({
    role,
    leg: { uniqueId: legId, callerNumber: '1001', dialledNumber: '' },
    linkedId,
    interface: named(dialled),
    answered,
    bridgeId: isIn ? bridgeId : undefined,
  });
  return [
    { role: 'caller', leg: caller, linkedId, queue, answered: true, bridgeId },
    ...[...ringing].map(([dialled, legId]) => own('member', dialled, legId, false, false)),
    ...(picked ? [own('member', picked.interface, picked.legId, true, false)] : []),
    ...(talksWith && behind === undefined ? [own('member', talksWith.interface, talksWith.legId, true, true)] : []),
    ...(talksWith && behind !== undefined ? [own('other', behind, talksWith.legId, true, true)] : []),
    ...(passedTo ? [own('other', passedTo.interface, passedTo.legId, true, true)] : []),
  ];
}
