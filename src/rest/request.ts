import type { HttpRequest } from '../outgoing/index.ts';
import { type RestErrors, restError } from './errors.ts';
import type { RequestDocument } from './schema.ts';
import { parseText, renderText, type SecretRef } from './text.ts';

/** What placeholders stand for while one request is built. */
export interface Values {
  readonly secretOf: (ref: SecretRef) => string;
  readonly valueOf: (name: string) => string;
  readonly errors: RestErrors;
}

/** Fills a text whose form was checked when the template was read. */
export function fill(text: string, values: Values, escape?: (value: string) => string): string {
  const parts = parseText(text);
  if (typeof parts === 'string') throw restError(values.errors.request_invalid, parts);
  return renderText(parts, values.secretOf, values.valueOf, escape);
}

/** Builds a request; every value is escaped for the place where it stands. */
export function buildRequest(document: RequestDocument, baseUrl: string, values: Values): HttpRequest {
  const path = fill(document.url, values, (value) => pathSegment(value, values.errors));
  const url = new URL(path.startsWith('/') ? `${baseUrl.replace(/\/+$/, '')}${path}` : path);
  for (const [key, text] of Object.entries(document.query ?? {})) url.searchParams.append(key, fill(text, values));
  const headers: Record<string, string> = { accept: 'application/json' };
  for (const [key, text] of Object.entries(document.headers ?? {}))
    headers[key.toLowerCase()] = headerValue(fill(text, values), values.errors);
  const request = { method: document.method ?? 'GET', url: url.href, headers } as const;
  if (document.json !== undefined) {
    headers['content-type'] = 'application/json';
    return { ...request, body: JSON.stringify(fillTree(document.json, values)) };
  }
  if (!document.form) return request;
  headers['content-type'] = 'application/x-www-form-urlencoded';
  const form = new URLSearchParams();
  for (const [key, text] of Object.entries(document.form)) form.append(key, fill(text, values));
  return { ...request, body: form.toString() };
}

function pathSegment(value: string, errors: RestErrors): string {
  if (value === '' || value === '.' || value === '..')
    throw restError(errors.request_invalid, 'a value cannot stand in a URL path');
  return encodeURIComponent(value.toWellFormed());
}

/** Line breaks would begin a header of the attacker's choice. */
export function headerValue(text: string, errors: RestErrors): string {
  if (!/^[\t\x20-\x7e]*$/.test(text))
    throw restError(errors.request_invalid, 'a header value has characters that headers cannot carry');
  return text;
}

/** Values are put into the tree and only then written as JSON, so that no quote can break out. */
function fillTree(value: unknown, values: Values): unknown {
  if (typeof value === 'string') return fill(value, values);
  if (Array.isArray(value)) return value.map((item) => fillTree(item, values));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fillTree(item, values)]));
}
