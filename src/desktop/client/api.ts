import type { DeskFetch } from './ports.ts';

/** What a command came to. `code` is the server's, or `desk.unreachable` when no answer came. */
export type Outcome<Body = unknown> =
  | { readonly ok: true; readonly body: Body }
  | { readonly ok: false; readonly status: number; readonly code: string; readonly message: string };

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** One request with its answer read; never throws. */
export async function request<Body>(
  fetch: DeskFetch,
  method: Method,
  path: string,
  options: { readonly authorization?: string | undefined; readonly body?: object | undefined } = {},
): Promise<Outcome<Body>> {
  const { authorization, body } = options;
  const headers = {
    ...(authorization === undefined ? {} : { authorization }),
    ...(body ? { 'content-type': 'application/json' } : {}),
  };
  try {
    const answer = await fetch(path, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
    const text = await answer.text();
    if (answer.status < 400) return { ok: true, body: (text === '' ? undefined : JSON.parse(text)) as Body };
    return { ok: false, status: answer.status, ...failureOf(text) };
  } catch {
    return { ok: false, status: 0, code: 'desk.unreachable', message: '' };
  }
}

/** The code and message of the server's failure body; something in between may have answered instead. */
function failureOf(text: string): { readonly code: string; readonly message: string } {
  try {
    const { error } = JSON.parse(text) as { error?: { code?: unknown; message?: unknown } };
    const { code, message } = error ?? {};
    if (typeof code === 'string') return { code, message: typeof message === 'string' ? message : '' };
  } catch {
    // Not JSON: told as the same.
  }
  return { code: 'desk.bad_answer', message: '' };
}
