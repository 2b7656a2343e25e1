import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { createMetrics } from '../../src/observability/index.ts';

const page = (name: string): string => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8');
/** Other tables of the page have rows in the same form. */
const metricsPart = (text: string): string =>
  text.split(/^## /m).find((part) => part.includes('calls_arrived_total')) ?? '';
const rowsOf = (text: string): string[] => [...text.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name ?? '');

it.each(['operations.md', 'operations.zh-CN.md'])(
  'docs/%s lists every metric, and none that is not there',
  async (name) => {
    const text = await createMetrics().text();
    const names = [...text.matchAll(/^# TYPE ringmaster_(\w+) /gm)].map(([, metric]) => metric);
    const listed = rowsOf(metricsPart(page(name)));
    expect(new Set(listed)).toEqual(new Set(names));
    expect(listed).toHaveLength(names.length);
  },
);
