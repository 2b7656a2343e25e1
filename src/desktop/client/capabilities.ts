import { request } from './api.ts';
import type { DeskFetch } from './ports.ts';

/** Which commands this server has, as its own OpenAPI document says: a button is shown only for what works. */
export class Capabilities {
  static readonly none = new Capabilities(new Set());
  private readonly operations: ReadonlySet<string>;

  private constructor(operations: ReadonlySet<string>) {
    this.operations = operations;
  }

  /** True for an operation id such as `holdCall`. */
  has(operation: string): boolean {
    return this.operations.has(operation);
  }

  static async read(fetch: DeskFetch): Promise<Capabilities> {
    const outcome = await request<{ paths?: Record<string, Record<string, { operationId?: string }>> }>(
      fetch,
      'GET',
      '/v1/openapi.json',
    );
    if (!outcome.ok) return Capabilities.none;
    const ids = Object.values(outcome.body.paths ?? {}).flatMap((path) =>
      Object.values(path).flatMap(({ operationId }) => operationId ?? []),
    );
    return new Capabilities(new Set(ids));
  }
}
