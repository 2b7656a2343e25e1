import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Config } from '../config/index.ts';
import { fedConfig } from '../lab/index.ts';
import { startServer } from '../src/compose.ts';
import { systemClock, systemRng, systemStopwatch } from '../src/kernel/index.ts';
import { Secret } from '../src/security/index.ts';
import { createEventStore } from '../src/storage/index.ts';
import { silent } from './events/support.ts';

/** Starts on a new store, which must fail; gives how, and what the next server finds of the store. */
async function failing(port: number, more: Partial<Config> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'ringmaster-start-'));
  try {
    const system = { clock: systemClock, rng: systemRng, logger: silent };
    const shard = { storeUrl: 'postgres://unused', redisUrl: 'redis://127.0.0.1:9', keySecret: 'k'.repeat(40) };
    const { cluster: _, redis: __, ...alone } = fedConfig(shard, 'a', port);
    const url = `sqlite:${join(folder, 'store.db')}`;
    const config = { ...alone, ...more, store: { ...alone.store, url: new Secret(url) } };
    const signal = new AbortController().signal;
    const parts = { ...system, stopwatch: systemStopwatch, env: {}, version: '0.0.0', signal };
    const why = await startServer(config, parts).then(
      () => 'it started',
      (error: unknown) => (error as { readonly code?: string }).code,
    );
    const store = createEventStore({ url }, system);
    const { unclean } = await store.open();
    await store.close({ clean: true });
    return { why, unclean };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

it('lets go of everything that it has opened when it cannot start', async () => {
  const busy = createServer().listen(0, '127.0.0.1');
  await once(busy, 'listening');
  try {
    expect(await failing((busy.address() as AddressInfo).port)).toEqual({ why: 'http.cannot_listen', unclean: false });
  } finally {
    busy.close();
  }
});

it('lets go of what it has opened by then when a part cannot be built', async () => {
  const tickets = { desks: [{ id: 'rt', template: '/nowhere/desk.yaml' }], rules: [] } as unknown as NonNullable<
    Config['tickets']
  >;
  expect(await failing(0, { tickets })).toEqual({ why: 'tickets.template_unusable', unclean: false });
});
