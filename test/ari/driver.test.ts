import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { loadAriClient } from '../../src/ari/drivers/ari-client.ts';
import { ManualClock, until } from './support.ts';

const limits = { connectTimeoutMs: 1_000, pendingMax: 10 };
const user = { username: 'u', password: 'p', limits };

describe('the driver ari-client', () => {
  it('refuses a path that the package cannot reach', async () => {
    const loading = loadAriClient({ ...user, url: 'http://127.0.0.1:1/pbx/ari', clock: new ManualClock() });
    await expect(loading).rejects.toMatchObject({ code: 'ari.driver_unfit' });
  });

  it('gives up on a PBX that does not answer, and refuses to serve a second one', async () => {
    const clock = new ManualClock();
    let asked = 0;
    const mute = createServer(() => {
      asked += 1;
    });
    await new Promise<void>((resolve) => {
      mute.listen(0, '127.0.0.1', resolve);
    });
    const url = `http://127.0.0.1:${(mute.address() as AddressInfo).port}/ari`;
    const loading = loadAriClient({ ...user, url, clock });
    const failed = loading.catch((error: unknown) => error);
    await until('the package asked', () => asked > 0);
    clock.advance(1_000);
    expect(await failed).toMatchObject({ code: 'ari.timeout' });
    const second = loadAriClient({ ...user, url: 'http://127.0.0.1:1/ari', clock });
    await expect(second).rejects.toMatchObject({ code: 'ari.driver_shared' });
    mute.closeAllConnections();
    await new Promise((resolve) => {
      mute.close(resolve);
    });
  });
});
