import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { run } from '../../../sim/routing/command.ts';
import type { ExperimentResult } from '../../../sim/routing/experiment.ts';

const examples = join(import.meta.dirname, '../../../sim/routing/examples');
const folder = mkdtempSync(join(tmpdir(), 'sim-'));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.restoreAllMocks());

/** Runs the command; what it printed to standard output and error. */
async function command(...words: readonly string[]) {
  const printed = { out: [] as string[], error: [] as string[] };
  vi.spyOn(console, 'log').mockImplementation((line: string) => void printed.out.push(line));
  vi.spyOn(console, 'error').mockImplementation((line: string) => void printed.error.push(line));
  const code = await run(words);
  return { code, out: printed.out.join('\n'), error: printed.error.join('\n') };
}

const names = globSync('*.yaml', { cwd: examples }).sort();

describe('the examples', () => {
  it('are those that the documents name', () => {
    expect(names).toEqual(expect.arrayContaining(['hotline-two-languages.yaml', 'two-sites.yaml', 'vip-reserve.yaml']));
  });

  it.each(names)('%s plays, and reports in every form', { timeout: 60_000 }, async (name) => {
    const [out, html] = [join(folder, `${name}.json`), join(folder, `${name}.html`)];
    const file = join(examples, name);
    const {
      code,
      out: text,
      error,
    } = await command(file, '--replications', '1', '--json', '--out', out, '--html', html);
    expect(code).toBe(0);
    expect(error).toContain('service level');
    const result = JSON.parse(text) as ExperimentResult & { seconds: number };
    expect(JSON.parse(readFileSync(out, 'utf8'))).toEqual(result);
    for (const { calls } of result.policies) {
      expect(calls['all']?.['serviceLevel']?.mean).toBeGreaterThan(0.3);
      expect(calls['all']?.['unfinished']?.mean).toBe(0);
    }
    const page = readFileSync(html, 'utf8');
    expect(page).toContain('<svg');
    expect(page).not.toMatch(/NaN|undefined|<script|https?:|url\(|@import| src=| href=/);
    expect(page).toContain('prefers-color-scheme:dark');
  });
});

describe('npm run sim -- routing', () => {
  const file = join(examples, 'vip-reserve.yaml');

  it('says how it is used', async () => {
    expect(await command('--help')).toMatchObject({ code: 0 });
    for (const words of [[], ['a', 'b'], ['--gates', file], [file, '--seed', 'x'], [file, '--replications', '0']]) {
      expect((await command(...words)).code).toBe(2);
    }
    await expect(command('--nonsense')).rejects.toThrow(/nonsense/);
  });

  it('marks what surely differs, and gives the differences with the same callers', { timeout: 60_000 }, async () => {
    const { out, error } = await command(file, '--replications', '4', '--json');
    expect(error).toMatch(/speed of answer.*\*/);
    const { policies } = JSON.parse(out) as ExperimentResult;
    const change = policies[1]?.change?.calls['vip']?.['asaMs'];
    expect(change?.ci95[1]).toBeLessThan(0);
  });

  it('plays the same callers for the same seed, and others for another', { timeout: 60_000 }, async () => {
    const play = async (seed: string) => {
      const { out } = await command(file, '--replications', '1', '--json', '--seed', seed);
      return (JSON.parse(out) as ExperimentResult).policies[0]?.calls;
    };
    const first = await play('5');
    expect(await play('5')).toEqual(first);
    expect(await play('6')).not.toEqual(first);
  });

  it('says so when a report cannot be written', { timeout: 60_000 }, async () => {
    await expect(command(file, '--replications', '1', '--out', '/dev/null/x')).rejects.toMatchObject({
      code: 'sim.unwritable',
    });
  });
});
