import { OPERATIONS } from '../../../src/ari/index.ts';
import type { OperationName } from '../../../src/ari/ports.ts';

export interface Asked {
  readonly operation: OperationName;
  readonly params: Readonly<Record<string, unknown>>;
}

interface Route {
  readonly operation: OperationName;
  readonly method: string;
  readonly segments: readonly string[];
}

const routes: readonly Route[] = Object.entries(OPERATIONS)
  .map(([operation, { method, path }]) => ({
    operation: operation as OperationName,
    method,
    segments: path.split('/'),
  }))
  // A fixed word counts before a name: `channels/create` is no channel called so.
  .sort((a, b) => namesIn(a) - namesIn(b));

function namesIn({ segments }: Route): number {
  return segments.filter((segment) => segment.startsWith('{')).length;
}

const lists: ReadonlySet<string> = new Set(['media', 'channel', 'eventSource', 'variables', 'only']);
const numbers: ReadonlySet<string> = new Set(['timeout', 'priority', 'maxDurationSeconds', 'maxSilenceSeconds']);

/** A query value as the operation wants it; Asterisk takes commas between the items of a list. */
function valueOf(name: string, text: string): unknown {
  if (lists.has(name)) return text.split(',');
  if (numbers.has(name)) return Number(text);
  return text;
}

/**
 * What a request asks for. `uri` is what follows `/ari/`, with its query; `body` is JSON text. Undefined when no
 * operation is so called, `bad` when its text cannot be read.
 */
export function routeOf(method: string, uri: string, body: string): Asked | 'bad' | undefined {
  const [path = '', query = ''] = uri.replace(/^\/+/, '').split('?', 2);
  try {
    const given = path.split('/').map(decodeURIComponent);
    for (const route of routes) {
      const inPath = route.method === method ? namesOf(route, given) : undefined;
      if (inPath)
        return { operation: route.operation, params: { ...queryOf(query), ...bodyOf(route, body), ...inPath } };
    }
    return undefined;
  } catch {
    return 'bad';
  }
}

function namesOf({ segments }: Route, given: readonly string[]): Record<string, string> | undefined {
  if (segments.length !== given.length) return undefined;
  const names: Record<string, string> = {};
  for (const [index, segment] of segments.entries()) {
    const value = given[index] ?? '';
    if (segment.startsWith('{')) names[segment.slice(1, -1)] = value;
    else if (segment !== value) return undefined;
  }
  return names;
}

function queryOf(query: string): Record<string, unknown> {
  const pairs = query === '' ? [] : query.split('&');
  const read = (text: string): string => decodeURIComponent(text.replaceAll('+', ' '));
  return Object.fromEntries(
    pairs.map((pair) => {
      const [name = '', text = ''] = pair.split('=', 2);
      return [name, valueOf(name, read(text))];
    }),
  );
}

function bodyOf({ operation }: Route, text: string): object {
  const { body } = OPERATIONS[operation];
  if (text === '' || !body) return {};
  const content: unknown = JSON.parse(text);
  if (typeof content !== 'object' || content === null) throw new Error('not an object');
  return body.wrapped ? content : { [body.name]: content };
}
