import { AppError } from '../kernel/index.ts';
import { amiErrors } from './errors.ts';
import type { AmiFields } from './ports.ts';

/** Where an outgoing call goes: a number through a trunk, or into a dialplan context. */
export type DialTarget =
  | { readonly kind: 'trunk'; readonly endpoint: string; readonly number: string }
  | { readonly kind: 'context'; readonly context: string; readonly number: string };

/**
 * The channel of a target as Asterisk dials it. `&`, `,`, `/` and `@` are live in a dial string, so a number is digits,
 * star, hash and plus, or refused with `ami.number_refused`; names of endpoints and contexts are our config's.
 */
export function dialString(target: DialTarget): string {
  if (!/^[0-9*#+]{1,32}$/.test(target.number)) throw new AppError(amiErrors.number_refused);
  const place = target.kind === 'trunk' ? target.endpoint : target.context;
  if (!/^[A-Za-z0-9_.-]{1,64}$/.test(place)) throw new AppError(amiErrors.field_refused, 'endpoint or context');
  return target.kind === 'trunk' ? `PJSIP/${target.number}@${place}` : `Local/${target.number}@${place}`;
}

/**
 * Fields of `Originate` that lead the answered call to `Local`-style `extension@context`. Always asynchronous: a
 * synchronous one holds the whole manager session until somebody answers. Calls of ours go through ARI; this is for
 * dialplans that have no Stasis.
 */
export function originateFields(
  target: DialTarget,
  to: { readonly context: string; readonly extension: string },
  ringTimeoutMs: number,
): AmiFields {
  if (!/^[0-9*#+A-Za-z_-]{1,64}$/.test(to.extension)) throw new AppError(amiErrors.number_refused);
  return {
    Channel: dialString(target),
    Context: to.context,
    Exten: to.extension,
    Priority: 1,
    Timeout: ringTimeoutMs,
    Async: true,
  };
}
