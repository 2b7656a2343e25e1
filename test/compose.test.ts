import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { fedConfig } from '../lab/index.ts';
import { startServer } from '../src/compose.ts';
import { systemClock, systemRng, systemStopwatch } from '../src/kernel/index.ts';
import { Secret } from '../src/security/index.ts';
import { createEventStore } from '../src/storage/index.ts';
import { silent } from './events/support.ts';

it('lets go of everything that it has opened when it cannot start', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ringmaster-start-'));
  const busy = createServer().listen(0, '127.0.0.1');
  await once(busy, 'listening');
  try {
    const system = { clock: systemClock, rng: systemRng, logger: silent };
    const shard = { storeUrl: 'postgres://unused', redisUrl: 'redis://127.0.0.1:9', keySecret: 'k'.repeat(40) };
    const { cluster: _, redis: __, ...alone } = fedConfig(shard, 'a', (busy.address() as AddressInfo).port);
    const url = `sqlite:${join(folder, 'store.db')}`;
    const config = { ...alone, store: { ...alone.store, url: new Secret(url) } };
    const signal = new AbortController().signal;
    const parts = { ...system, stopwatch: systemStopwatch, env: {}, version: '0.0.0', signal };
    await expect(startServer(config, parts)).rejects.toMatchObject({ code: 'EADDRINUSE' });
    const store = createEventStore({ url }, system);
    expect(await store.open()).toMatchObject({ unclean: false });
    await store.close({ clean: true });
  } finally {
    busy.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
