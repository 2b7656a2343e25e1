import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type LabAsterisk, startAsterisk } from '../../lab/index.ts';
import { createAmiLink, watchDevices } from '../../src/ami/index.ts';
import type { DeviceFact } from '../../src/call/index.ts';
import { type Logger, systemClock, systemRng } from '../../src/kernel/index.ts';

const folder = join(import.meta.dirname, '../../config/presets/asterisk');
const password = 'preset-password';
const silent: Logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent };
const waitMs = { timeout: 15_000, interval: 50 };

/** A preset as its reader would install it, under names that do not meet those of the lab. */
const preset = (name: string): string =>
  readFileSync(join(folder, name), 'utf8')
    .replaceAll('ringmaster-', 'preset-')
    .replaceAll('[ringmaster]', '[preset]')
    .replaceAll('CHANGE-ME', password)
    // A caller who stays can be seen there.
    .replace('Playback(vm-nobodyavail)', 'Wait(30)');

let asterisk: LabAsterisk;

beforeAll(async () => {
  const extraConfig = { 'ari.conf': preset('ari.conf'), 'manager.conf': preset('manager.conf') };
  asterisk = await startAsterisk({ phones: 2, qualifySeconds: 0, extraConfig, dialplan: preset('extensions.conf') });
});
afterAll(async () => {
  await asterisk?.stop();
});

describe('the presets, on a real Asterisk', () => {
  it('send a caller to the fallback while no server is connected', async () => {
    await asterisk.cli('channel originate Local/4001@preset-entry application Wait 30');
    await vi.waitFor(async () => {
      expect(await asterisk.cli('core show channels concise')).toMatch(/!preset-fallback!s!3!Up!Wait!/);
    }, waitMs);
  });

  it('give ARI to the user, and to nobody with another password', async () => {
    const ask = (word: string) =>
      fetch(`${asterisk.ariUrl}/asterisk/ping`, {
        headers: { authorization: `Basic ${Buffer.from(`preset:${word}`).toString('base64')}` },
      });
    expect((await ask(password)).status).toBe(200);
    expect((await ask('wrong')).status).toBe(401);
  });

  it('let the AMI user watch phones and nothing else', async () => {
    const { amiHost: host, amiPort: port } = asterisk;
    const link = createAmiLink(
      { nodeId: 'lab', host, port, username: 'preset', secret: password, driver: 'ringmaster' },
      { clock: systemClock, rng: systemRng, log: silent },
    );
    const facts: DeviceFact[] = [];
    const watch = watchDevices({ link, clock: systemClock, log: silent, emit: (fact) => facts.push(fact) });
    link.start();
    try {
      const phone = expect.objectContaining({ kind: 'deviceStateChanged', device: 'PJSIP/1001' });
      await vi.waitFor(() => expect(facts).toContainEqual(phone), waitMs);
      expect(facts[0]).toMatchObject({ kind: 'pbxStarted' });
      const forbidden: readonly (readonly [string, Record<string, string>])[] = [
        ['Originate', { Channel: 'Local/4001@preset-entry', Application: 'Wait', Data: '1' }],
        ['Command', { Command: 'core show version' }],
        ['UpdateConfig', { SrcFilename: 'manager.conf', DstFilename: 'manager.conf' }],
      ];
      for (const [action, fields] of forbidden) {
        expect([action, await link.action(action, fields)]).toMatchObject([action, { reason: 'Permission denied' }]);
      }
    } finally {
      watch.stop();
      await link.stop();
    }
  });

  it('allow a blind transfer to inside numbers only', async () => {
    const plan = await asterisk.cli('dialplan show preset-transfer');
    expect(plan).toContain("'_1XXX'");
    expect(plan).not.toContain('trunk');
  });
});
