import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fictionalMobile, freeUdpPort, type LabAsterisk, startAsterisk, startPhone, startRedis } from '../lab/index.ts';
import { spawnSampleCrm } from '../lab/crm/child.ts';
import { ControlRoom } from '../lab/ringmaster/control-room.ts';
import type { RingmasterOptions } from '../lab/ringmaster/settings.ts';
import { type LabRingmaster, startRingmaster } from '../lab/ringmaster/start.ts';

/** Real Asterisk, answering SIP phones, CRM and Redis in their own processes, and the server as operators run it. */
export interface CallSite extends AsyncDisposable {
  readonly asterisk: LabAsterisk;
  readonly server: LabRingmaster;
  readonly room: ControlRoom;
  readonly agentIds: readonly string[];
}

/** Callers that the sample CRM knows; those before have names and traits, such as being on the blacklist. */
export const customers = 500;
const generatedFrom = 11;
export const customerNumber = (index: number): string => fictionalMobile(generatedFrom + (index % customers));

/** The number of a caller who is rung through to an agent at once: no greeting, answered when the agent answers. */
export const hotline = '4001';

/** What config/presets/asterisk/manager.conf gives operators; it ends the section of the lab's AMI user. */
const extraConfig = {
  'manager.conf': 'eventfilter = ^Event: (DeviceStateChange|ContactStatus|FullyBooted|Reload|Shutdown)',
};

export async function openCallSite(agentCount: number, more: Partial<RingmasterOptions> = {}): Promise<CallSite> {
  const stack = new AsyncDisposableStack();
  try {
    const port = await freeUdpPort();
    const phones = Array.from({ length: agentCount }, (_, index) => ({ name: String(1001 + index), port }));
    const asterisk = stack.use(await startAsterisk({ phones, qualifySeconds: 0, extraConfig }));
    stack.use(await startPhone({ behaviour: 'answer', port }));
    const crm = stack.use(await spawnSampleCrm(customers));
    const redis = stack.use(await startRedis());
    const agents = phones.map(({ name }) => ({
      id: `a${name}`,
      name,
      endpoint: `PJSIP/${name}`,
      skills: { zh: 80 },
      queues: ['bench'],
    }));
    const numbers = [{ id: 'bench', number: hotline, queue: 'bench', answer: 'withAgent', fallback: 'hangup' }];
    const queues = [{ id: 'bench', needs: { zh: 50 }, wrapUpMs: 0, waitingCallsMax: 1000, overflow: 'hangup' }];
    const options = { ...more, asterisk, crm, redisUrl: redis.url, logLevel: 'warn' as const, agents, numbers, queues };
    const server = stack.use(await startRingmaster(options));
    // The very first start on a machine also compiles what later ones find in the cache.
    await server.terminate();
    await server.start();
    await sleep(settleMs);
    stack.use(watch(server));
    // Who measures sees only what it counts; everything goes to the watcher.
    const room = stack.use(await ControlRoom.open(server.url, server.key, ['call.queued.v1', 'call.offered.v1']));
    const owned = stack.move();
    const agentIds = agents.map((agent) => agent.id);
    return { asterisk, server, room, agentIds, [Symbol.asyncDispose]: () => owned.disposeAsync() };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

function watch({ url, key }: LabRingmaster): Disposable {
  const watcher = spawn(process.execPath, [join(import.meta.dirname, 'watcher.ts'), url, key], { stdio: 'inherit' });
  return { [Symbol.dispose]: () => void watcher.kill() };
}

/** After this the server has come to rest and handed back what starting took. */
export const settleMs = 3_000;
