import { AppError } from '../../../kernel/index.ts';
import { createRestClient, type RestClientOptions } from '../../../rest/index.ts';
import { crmErrors } from '../../errors.ts';
import type { AdapterAnswer, CustomerAdapter, CustomerQuery } from '../adapter.ts';
import { type EngineParts, runTemplate } from './engine.ts';
import type { Template } from './parse.ts';

export interface RestAdapterOptions extends RestClientOptions {
  readonly template: Template;
}

/** A CRM asked as a template says. Throws `crm.secret_missing` or `crm.template_invalid` when it cannot be built. */
export function createRestAdapter(options: RestAdapterOptions): CustomerAdapter {
  const { document, revision } = options.template;
  const client = createRestClient(document, options, crmErrors);
  const counters: Record<string, number> = { fieldsDropped: 0 };
  const count = (name: string, by = 1) => {
    counters[name] = (counters[name] ?? 0) + by;
  };
  const parts: EngineParts = { ...client, template: document, onDropped: (fields) => count('fieldsDropped', fields) };
  return {
    id: document.id,
    revision,
    find: (query, signal) => countedFind(parts, query, signal, count),
    stats: () => ({ requests: client.requests(), ...counters }),
    close: () => client.close(),
  };
}

async function countedFind(
  parts: EngineParts,
  query: CustomerQuery,
  signal: AbortSignal,
  count: (name: string) => void,
): Promise<AdapterAnswer> {
  try {
    return await runTemplate(parts, query, signal);
  } catch (error) {
    count(error instanceof AppError ? error.code : 'defects');
    throw error;
  }
}
