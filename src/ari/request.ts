import { checkOf } from './check.ts';
import { AriError, ariErrors } from './errors.ts';
import { OPERATIONS, type OperationName } from './generated/operations.ts';
import type { AriBody, AriResponse, RestAnswer } from './ports.ts';

/** A request as it goes on the wire: `uri` without a leading slash, everything in it percent-encoded. */
export interface RestCall {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly uri: string;
  /** JSON text. */
  readonly body?: string;
}

type Params = Readonly<Record<string, unknown>>;

/** Encodes an operation; text with a NUL, CR or LF and values of other kinds are refused, at no cost to the PBX. */
export function encodeCall(operation: OperationName, params: Params): RestCall | AriError {
  const shape = OPERATIONS[operation];
  let uri = shape.path;
  for (const name of shape.inPath) {
    const value = encodeValue(params[name]);
    if (value === undefined || value === '' || value === '.' || value === '..') return invalid(operation, name);
    uri = uri.replace(`{${name}}`, () => value);
  }
  let separator = '?';
  for (const name of shape.inQuery) {
    const given = params[name];
    if (given === undefined) continue;
    const value = encodeValue(given);
    if (value === undefined) return invalid(operation, name);
    uri += `${separator}${name}=${value}`;
    separator = '&';
  }
  const content = shape.body ? params[shape.body.name] : undefined;
  if (!shape.body || content === undefined) return { method: shape.method, uri };
  const body = JSON.stringify(shape.body.wrapped ? { [shape.body.name]: content } : content);
  return { method: shape.method, uri, body };
}

/** Lists go as comma-separated values, so a comma inside an item would make two of it: refused. */
function encodeValue(value: unknown): string | undefined {
  if (typeof value === 'string') return isClean(value) ? encodeURIComponent(value) : undefined;
  if (typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))) return String(value);
  if (!Array.isArray(value)) return undefined;
  const clean = value.every((item): item is string => typeof item === 'string' && isClean(item) && !item.includes(','));
  return clean ? value.map((item) => encodeURIComponent(String(item))).join(',') : undefined;
}

/** Lone surrogates make encodeURIComponent throw; control characters have no business in a URI. */
const isClean = (text: string): boolean => text.isWellFormed() && !/[\0\r\n]/.test(text);

const invalid = (operation: string, name: string): AriError =>
  new AriError(ariErrors.request_invalid, `${operation}, parameter ${name}`);

/** Reads what came back: an error status or a body that does not fit becomes an `AriError`. */
export function decodeAnswer<Name extends OperationName>(
  operation: Name,
  answer: RestAnswer,
): AriResponse<AriBody<Name>> {
  if (!answer.ok) return answer;
  const { status, reason, body } = answer;
  if (status < 200 || status > 299) {
    return {
      ok: false,
      error: new AriError(ariErrors.refused, `${operation}: ${status} ${reason}`, { pbxStatus: status }),
    };
  }
  const type = OPERATIONS[operation].response;
  if (!checkOf(type)(body)) return { ok: false, error: new AriError(ariErrors.bad_answer, operation) };
  return { ok: true, status, body: (type === 'void' ? undefined : body) as AriBody<Name> };
}

/** JSON text from the PBX, or the reason why it is none. Empty text is an empty body. */
export function parseBody(text: string): { readonly ok: true; readonly body: unknown } | { readonly ok: false } {
  if (text === '') return { ok: true, body: undefined };
  try {
    return { ok: true, body: JSON.parse(text) };
  } catch {
    return { ok: false };
  }
}
