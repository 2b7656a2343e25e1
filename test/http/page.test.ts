import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { apiFor } from './support.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ringmaster-page-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function build(): void {
  mkdirSync(join(folder, 'assets'));
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>page</title>');
  writeFileSync(join(folder, 'assets', 'main-AbC123.js'), 'export {};');
  writeFileSync(join(folder, 'assets', 'main-AbC123.css'), ':root{}');
  writeFileSync(join(folder, 'assets', 'main.js.map'), '{}');
  writeFileSync(join(folder, 'secret.js'), 'not for you');
}

describe('the live page', () => {
  it('says how to build it while it is not built, and is there as soon as it is', async () => {
    const { api } = await apiFor({ pageFolder: folder });
    const before = await api.inject('/');
    expect(before.statusCode).toBe(503);
    expect(before.body).toContain('npm run build');
    build();
    const after = await api.inject('/');
    expect(after.statusCode).toBe(200);
    expect(after.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(after.body).toContain('<title>page</title>');
  });

  it('is asked for anew each time, and answered 304 while it is the same', async () => {
    build();
    const { api } = await apiFor({ pageFolder: folder });
    const first = await api.inject('/');
    expect(first.headers['cache-control']).toBe('no-cache');
    const again = () => api.inject({ url: '/', headers: { 'if-none-match': String(first.headers.etag) } });
    expect((await again()).statusCode).toBe(304);
    writeFileSync(join(folder, 'index.html'), '<!doctype html><title>newer</title>');
    expect((await again()).statusCode).toBe(200);
  });

  it('allows no inline script and nothing from elsewhere', async () => {
    build();
    const { api } = await apiFor({ pageFolder: folder });
    const { headers } = await api.inject('/');
    const policy = String(headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
    expect(headers['x-content-type-options']).toBe('nosniff');
  });

  it('keeps assets for good, since their names change with their content', async () => {
    build();
    const { api } = await apiFor({ pageFolder: folder });
    const script = await api.inject('/assets/main-AbC123.js');
    expect(script.statusCode).toBe(200);
    expect(script.headers['content-type']).toBe('text/javascript; charset=utf-8');
    expect(script.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect((await api.inject('/assets/main-AbC123.css')).headers['content-type']).toContain('text/css');
  });

  it.each([
    '/assets/absent.js',
    '/assets/..%2Fsecret.js',
    '/assets/%2e%2e%2fsecret.js',
    '/assets/../secret.js',
    '/assets/..\\secret.js',
    '/assets/main.js.map',
    '/assets/.hidden.js',
    '/assets/main-AbC123.js%00.css',
    '/assets/',
    '/secret.js',
    '/index.html',
  ])('serves nothing else: %s', async (url) => {
    build();
    const { api } = await apiFor({ pageFolder: folder });
    const answer = await api.inject(url);
    expect(answer.statusCode).toBe(404);
    expect(answer.body).not.toContain('not for you');
  });

  it('is not part of the API document', async () => {
    const { api } = await apiFor({ pageFolder: folder });
    const { paths } = (await api.inject('/v1/openapi.json')).json<{ paths: object }>();
    expect(Object.keys(paths).filter((path) => !path.startsWith('/v1/'))).toEqual(['/healthz', '/readyz', '/metrics']);
  });
});
