import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { AppError, BoundedQueue } from '../kernel/index.ts';
import { authErrors } from './errors.ts';

/** What a hash costs: 2^`logN` blocks of 128·`r` bytes, `p` times over. */
export interface ScryptCost {
  readonly logN: number;
  readonly r: number;
  readonly p: number;
}

/** OWASP's 32 MiB variant: about a quarter of a second of one core. */
export const scryptCost: ScryptCost = { logN: 15, r: 8, p: 3 };

const saltBytes = 16;
const hashBytes = 32;
const lengthMin = 10;
const lengthMax = 256;
/** A stored hash that asks for more than this was not made by us. */
const costMax = { logN: 17, r: 16, p: 4 };

export interface HasherOptions {
  readonly cost: ScryptCost;
  /** Hashes at one time: each holds 32 MiB and a thread of the pool that DNS and files share. */
  readonly concurrentMax: number;
  readonly queuedMax: number;
}

export const hasherDefaults: HasherOptions = { cost: scryptCost, concurrentMax: 2, queuedMax: 64 };

/**
 * Makes and checks password hashes (`scrypt$logN$r$p$salt$hash`). The work is done in the thread pool, a few at a time;
 * when too many wait it rejects with `auth.busy`, so that a storm of logins costs a bounded amount of memory and CPU.
 */
export class PasswordHasher {
  private readonly options: HasherOptions;
  private readonly waiting: BoundedQueue<() => void>;
  private running = 0;
  private readonly decoy: string;

  constructor(options: Partial<HasherOptions> = {}) {
    this.options = { ...hasherDefaults, ...options };
    this.waiting = new BoundedQueue(this.options.queuedMax);
    const { logN, r, p } = this.options.cost;
    this.decoy = encode({ logN, r, p }, randomBytes(saltBytes), randomBytes(hashBytes));
  }

  /** Throws `auth.password_weak` for a password that nobody should have. */
  async hash(password: string): Promise<string> {
    const text = normal(password);
    if (text.length < lengthMin || text.length > lengthMax) throw new AppError(authErrors.password_weak);
    const salt = randomBytes(saltBytes);
    return encode(this.options.cost, salt, await this.derive(text, salt, this.options.cost));
  }

  /** Whether it is the password. Without a stored hash (no such user) it is not, after the same work. */
  async verify(password: string, stored: string | undefined): Promise<boolean> {
    const { cost, salt, hash } = decode(stored ?? this.decoy);
    const derived = await this.derive(normal(password).slice(0, lengthMax), salt, cost);
    return timingSafeEqual(derived, hash) && stored !== undefined;
  }

  private async derive(password: string, salt: Buffer, cost: ScryptCost): Promise<Buffer> {
    await this.turn();
    try {
      return await derive(password, salt, cost);
    } finally {
      this.running -= 1;
      this.waiting.shift()?.();
    }
  }

  private async turn(): Promise<void> {
    if (this.running >= this.options.concurrentMax) {
      const { promise, resolve } = Promise.withResolvers<void>();
      if (!this.waiting.push(resolve)) throw new AppError(authErrors.busy);
      await promise;
    }
    this.running += 1;
  }
}

/** What is typed on different keyboards for the same characters is the same password. */
const normal = (password: string): string => password.normalize('NFKC');

function derive(password: string, salt: Buffer, { logN, r, p }: ScryptCost): Promise<Buffer> {
  const N = 2 ** logN;
  return new Promise((resolve, reject) => {
    scrypt(password, salt, hashBytes, { N, r, p, maxmem: 256 * N * r }, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}

function encode({ logN, r, p }: ScryptCost, salt: Buffer, hash: Buffer): string {
  return ['scrypt', logN, r, p, salt.toString('base64url'), hash.toString('base64url')].join('$');
}

function decode(stored: string): { readonly cost: ScryptCost; readonly salt: Buffer; readonly hash: Buffer } {
  const [, logN, r, p, salt = '', hash = ''] =
    /^scrypt\$(\d{1,2})\$(\d{1,2})\$(\d)\$([\w-]{22})\$([\w-]{43})$/.exec(stored) ?? [];
  const cost = { logN: Number(logN), r: Number(r), p: Number(p) };
  const isKnown = salt !== '' && cost.logN <= costMax.logN && cost.r <= costMax.r && cost.p <= costMax.p;
  if (!isKnown) throw new AppError(authErrors.password_hash);
  return { cost, salt: Buffer.from(salt, 'base64url'), hash: Buffer.from(hash, 'base64url') };
}
