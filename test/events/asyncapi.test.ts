import { Compile } from 'typebox/compile';
import { describe, expect, it } from 'vitest';
import { catalogue } from '../../src/events/catalogue/index.ts';
import { asyncApi } from '../../src/events/index.ts';
import { generate } from '../../tools/generate-asyncapi.ts';
import { callEvent, openLog, settled } from './support.ts';

interface Document {
  readonly asyncapi: string;
  readonly components: { readonly messages: Readonly<Record<string, { readonly payload: object }>> };
}

const document = asyncApi('1.2.3') as unknown as Document;

/** Every `$ref` of a document. */
function references(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const own = '$ref' in value && typeof value.$ref === 'string' ? [value.$ref] : [];
  return [...own, ...Object.values(value).flatMap(references)];
}

function resolve(reference: string): unknown {
  return reference
    .slice(2)
    .split('/')
    .reduce<unknown>((node, key) => (node as Record<string, unknown> | undefined)?.[key], document);
}

describe('asyncApi', () => {
  it('has a message for every type of the catalogue', () => {
    expect(document.asyncapi).toBe('3.0.0');
    expect(Object.keys(document.components.messages)).toEqual(expect.arrayContaining(Object.keys(catalogue)));
  });

  it('refers only to what is there', () => {
    const all = references(document);
    expect(all.length).toBeGreaterThan(Object.keys(catalogue).length);
    expect(all.filter((reference) => resolve(reference) === undefined)).toEqual([]);
  });

  it('describes events as they are sent', async () => {
    const { log, stream } = await openLog();
    log.write([callEvent('a')], []);
    await settled(log);
    const [event] = await stream.after(0, 1);
    if (typeof event !== 'object') throw new Error('no event');
    const validator = Compile(document.components.messages[event.type]?.payload ?? {});
    for (const text of [event.text(true), event.text(false)]) {
      const frame = { type: 'event', id: 's', event: JSON.parse(text) as object };
      expect(validator.Check(frame)).toBe(true);
      expect(validator.Check({ ...frame, event: { ...frame.event, sequence: 1 } })).toBe(false);
    }
  });

  it('is what docs/asyncapi.json holds', () => {
    expect(generate({ check: true })).toEqual([]);
  });
});
