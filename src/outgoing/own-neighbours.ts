import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { type AddressRule, plainAddress } from './addresses.ts';

/** A place where one of our own parts listens: the store, Redis, the PBX's control ports. */
export interface OwnNeighbour {
  readonly host: string;
  readonly port: number;
}

/**
 * Narrows a rule to leave out our own parts at this port, whatever the operator allows: a template that could reach
 * Redis or PostgreSQL could write there. A part on this machine counts under every address of this machine.
 */
export async function withoutOwn(rule: AddressRule, own: readonly OwnNeighbour[]): Promise<AddressRule> {
  const taken = new Set((await Promise.all(own.map(({ host }) => addressesOf(host)))).flat());
  const isHere = [...taken].some(isOfThisMachine);
  return (raw) => {
    const address = plainAddress(raw);
    if (taken.has(address) || (isHere && isOfThisMachine(address))) return false;
    return rule(raw);
  };
}

async function addressesOf(host: string): Promise<readonly string[]> {
  const bare = host.replace(/^\[|\]$/g, '');
  if (isIP(bare) !== 0) return [plainAddress(bare)];
  // A name that cannot be resolved is a part that cannot be reached, by us or by anybody through us.
  const found = await lookup(bare, { all: true }).catch(() => []);
  return found.map(({ address }) => plainAddress(address));
}

function isOfThisMachine(address: string): boolean {
  if (address === '::1' || address.startsWith('127.')) return true;
  return Object.values(networkInterfaces()).some((found) => found?.some((one) => one.address === address));
}
