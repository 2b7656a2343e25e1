interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly optional: boolean;
  readonly code?: string;
}

export interface Readiness {
  readonly status: number;
  readonly ok: boolean;
  /** `up`, or the code of what is wrong, by name. */
  readonly checks: Readonly<Record<string, string>>;
}

/** What `/readyz` says now. */
export async function readiness(server: { readonly url: string }): Promise<Readiness> {
  const response = await fetch(`${server.url}/readyz`);
  const body = (await response.json()) as { ok: boolean; checks: readonly Check[] };
  const checks = body.checks.map(({ name, ok, code }) => [name, ok ? 'up' : (code ?? 'down')] as const);
  return { status: response.status, ok: body.ok, checks: Object.fromEntries(checks) };
}
