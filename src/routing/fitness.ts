import type { AgentProfile } from '../agents/index.ts';
import { type Bits, joinBits, keepBits, noBits, roomier, setBit } from './bits.ts';
import { type Atom, type AttributeValue, holdsFor, type Requirement, valueOf } from './requirement.ts';

/** For whom a requirement is true, and for whom it is false; who is in neither has not what it asks about. */
interface Answers {
  readonly yes: Bits;
  readonly no: Bits;
}

/** Skills and attributes whose holders are kept; beyond it they are looked for anew. */
const holdersMax = 10_000;

interface Holders {
  readonly atom: Atom;
  /** Level or value by place. */
  readonly values: Map<number, AttributeValue>;
}

/**
 * Answers a requirement for all agents at once. Of each skill and attribute that was ever asked about it knows who has
 * it, so that only they are looked at; `all`, `any` and `not` are then a few operations on words.
 */
export class Fitness {
  private readonly profiles: (AgentProfile | undefined)[] = [];
  private readonly holders = new Map<string, Holders>();
  private everybody: Bits;

  constructor(room: number) {
    this.everybody = noBits(room);
  }

  /** Who fits, in a set of its own. */
  fitting(requirement: Requirement): Bits {
    return this.answer(requirement).yes;
  }

  /** An agent is new at this place, is another one now, or has gone. */
  settle(place: number, profile: AgentProfile | undefined): void {
    this.profiles[place] = profile;
    setBit(this.everybody, place, profile !== undefined);
    for (const { atom, values } of this.holders.values()) {
      const value = profile && valueOf(atom, profile);
      if (value === undefined) values.delete(place);
      else values.set(place, value);
    }
  }

  grow(room: number): void {
    this.everybody = roomier(this.everybody, room);
  }

  private answer(requirement: Requirement): Answers {
    switch (requirement.kind) {
      case 'all':
        return this.join(requirement.of, true);
      case 'any':
        return this.join(requirement.of, false);
      case 'not': {
        const { yes, no } = this.answer(requirement.of);
        return { yes: no, no: yes };
      }
      case 'always':
        return { yes: this.everybody.slice(), no: this.none() };
      case 'unknown':
        return { yes: this.none(), no: this.none() };
      case 'agent':
        return this.named(requirement.agentId);
      default:
        return this.compared(requirement);
    }
  }

  /** True for all is the meeting of those it is true for; false for any of them is enough. `any` is the other way round. */
  private join(parts: readonly Requirement[], isAll: boolean): Answers {
    const [first, ...rest] = parts;
    if (first === undefined) return this.answer(isAll ? { kind: 'always' } : { kind: 'not', of: { kind: 'always' } });
    const joined = this.answer(first);
    for (const part of rest) {
      const { yes, no } = this.answer(part);
      (isAll ? keepBits : joinBits)(joined.yes, yes);
      (isAll ? joinBits : keepBits)(joined.no, no);
    }
    return joined;
  }

  private named(agentId: string): Answers {
    const answers = { yes: this.none(), no: this.everybody.slice() };
    const place = this.profiles.findIndex((profile) => profile?.id === agentId);
    if (place < 0) return answers;
    setBit(answers.yes, place, true);
    setBit(answers.no, place, false);
    return answers;
  }

  private compared(atom: Atom): Answers {
    const { yes, no } = { yes: this.none(), no: this.none() };
    for (const [place, value] of this.holdersOf(atom)) setBit(holdsFor(atom, value) ? yes : no, place, true);
    return { yes, no };
  }

  private holdersOf(atom: Atom): ReadonlyMap<number, AttributeValue> {
    const key = atom.kind === 'skill' ? `s${atom.skill}` : `a${atom.name}`;
    const known = this.holders.get(key);
    if (known) return known.values;
    const values = new Map<number, AttributeValue>();
    this.profiles.forEach((profile, place) => {
      const value = profile && valueOf(atom, profile);
      if (value !== undefined) values.set(place, value);
    });
    if (this.holders.size >= holdersMax) this.holders.clear();
    this.holders.set(key, { atom, values });
    return values;
  }

  private none(): Bits {
    return noBits(this.everybody.length * 32);
  }
}
