import type { AgentProfile } from '../agents/index.ts';
import { type Bits, joinBits, keepBits, noBits, setBit } from './bits.ts';
import { evaluate, type Requirement, requirementKey } from './requirement.ts';

/** Comparisons whose answers are kept; beyond it all are worked out anew. */
const atomsMax = 4096;

/** For whom a requirement is true, and for whom it is false; who is in neither has not what it asks about. */
interface Answers {
  readonly yes: Bits;
  readonly no: Bits;
}

interface Atom extends Answers {
  readonly requirement: Requirement;
}

/**
 * Answers a requirement for all agents at once: each comparison in it is worked out once and kept up when an agent's
 * profile changes; `all`, `any` and `not` are then a few operations on words.
 */
export class Fitness {
  private readonly atoms = new Map<string, Atom>();
  private readonly profiles: () => Iterable<readonly [place: number, profile: AgentProfile]>;
  private room: number;

  constructor(room: number, profiles: () => Iterable<readonly [number, AgentProfile]>) {
    this.room = room;
    this.profiles = profiles;
  }

  /** Who fits, in a set of its own. */
  fitting(requirement: Requirement): Bits {
    return this.answer(requirement).yes;
  }

  profileChanged(place: number, profile: AgentProfile | undefined): void {
    for (const atom of this.atoms.values()) settle(atom, place, profile);
  }

  /** Agents have got more places than there was room for. */
  grow(room: number): void {
    this.room = room;
    this.atoms.clear();
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
      default: {
        const { yes, no } = this.atom(requirement);
        return { yes: yes.slice(), no: no.slice() };
      }
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

  private atom(requirement: Requirement): Atom {
    const key = requirementKey(requirement);
    const known = this.atoms.get(key);
    if (known) return known;
    if (this.atoms.size >= atomsMax) this.atoms.clear();
    const atom = { requirement, yes: noBits(this.room), no: noBits(this.room) };
    for (const [place, profile] of this.profiles()) settle(atom, place, profile);
    this.atoms.set(key, atom);
    return atom;
  }
}

function settle({ requirement, yes, no }: Atom, place: number, profile: AgentProfile | undefined): void {
  const truth = profile && evaluate(requirement, profile);
  setBit(yes, place, truth === true);
  setBit(no, place, truth === false);
}
