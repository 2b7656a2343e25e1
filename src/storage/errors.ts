import { AppError, defineErrors, errorText } from '../kernel/index.ts';

export const storageErrors = defineErrors('storage', {
  unavailable: [
    503,
    'the store cannot be reached or written',
    'check that the database runs, has space, and that store.url is right',
  ],
  conflict: [500, 'another writer has used the same place in the log', 'let only one server write to this store'],
  fenced: [
    503,
    'another instance owns the shard now; nothing was written',
    'nothing to do: this instance stands by from now on; if it happens often, read its log for what held it up',
  ],
  url_invalid: [
    500,
    'the store URL is not understood',
    'use sqlite:FILE, sqlite::memory: or postgres://USER@HOST:PORT/DATABASE',
  ],
});

/** Runs a deed on the store; whatever the driver throws becomes `storage.unavailable`. */
export async function guarded<Result>(deed: () => Promise<Result>): Promise<Result> {
  try {
    return await deed();
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError(storageErrors.unavailable, driverCode(error), { cause: error });
  }
}

/** The driver's own code where it has one: its message may quote values of the row, which are personal data. */
function driverCode(error: unknown): string {
  const coded = error as { code?: unknown; errcode?: unknown };
  if (typeof coded.code !== 'string') return errorText(error).slice(0, 80);
  return typeof coded.errcode === 'number' ? `${coded.code} ${coded.errcode}` : coded.code;
}
