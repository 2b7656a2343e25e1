import { createHash } from 'node:crypto';
import { errorText } from '../../kernel/index.ts';
import type { AdapterAnswer, CustomerAdapter, CustomerQuery } from './adapter.ts';

/**
 * Several CRMs as one: asked one after the other, the first that knows the number answers. One that fails does not
 * hide the others; only when nobody knows the number is its failure the answer.
 */
export function askInOrder(adapters: readonly CustomerAdapter[]): CustomerAdapter {
  const revision = createHash('sha256')
    .update(adapters.map((adapter) => `${adapter.id}@${adapter.revision}`).join(' '))
    .digest('hex')
    .slice(0, 10);
  return {
    id: adapters.map((adapter) => adapter.id).join('+'),
    revision,
    find: (query, signal) => findInOrder(adapters, query, signal),
    stats: () =>
      Object.fromEntries(
        adapters.flatMap((adapter) =>
          Object.entries(adapter.stats()).map(([name, count]) => [`${adapter.id}.${name}`, count]),
        ),
      ),
    close: async () => {
      await Promise.all(adapters.map((adapter) => adapter.close()));
    },
  };
}

async function findInOrder(
  adapters: readonly CustomerAdapter[],
  query: CustomerQuery,
  signal: AbortSignal,
): Promise<AdapterAnswer> {
  const failures: unknown[] = [];
  for (const adapter of adapters) {
    if (signal.aborted) break;
    try {
      const answer = await adapter.find(query, signal);
      if (answer.kind !== 'none') return answer;
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0] instanceof Error ? failures[0] : new Error(errorText(failures[0]));
  return { kind: 'none' };
}
