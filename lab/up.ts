import { rmSync } from 'node:fs';
import { type LabAsterisk, startAsterisk } from './asterisk/start.ts';
import { type DetachedCrm, startDetachedCrm } from './crm/detached.ts';
import { labError } from './errors.ts';
import { startPostgres } from './postgres.ts';
import { endProcess, startTicks } from './process.ts';
import { startRedis } from './redis.ts';
import type { LabService } from './service.ts';
import { isRunning, type LabState, type RunningPart, readState, removeState, writeState } from './state.ts';

/** Starts Asterisk, Redis, PostgreSQL and the sample CRM so that they outlive this process. All of them or none. */
export async function labUp(): Promise<LabState> {
  if (readState()?.parts.some(isRunning)) throw labError('already_up');
  await using started = new AsyncDisposableStack();
  const asterisk = started.use(await startAsterisk({ detached: true }));
  const redis = started.use(await startRedis({ detached: true }));
  const postgres = started.use(await startPostgres({ detached: true }));
  const crm = started.use(await startDetachedCrm());
  const state = stateOf(asterisk, redis, postgres, crm);
  writeState(state);
  // From here on they are kept: the stack's disposal must not reach them.
  started.move();
  return state;
}

/** Ends what `labUp` started; gives the names of what still ran. */
export async function labDown(): Promise<readonly string[]> {
  const parts = readState()?.parts ?? [];
  const running = parts.filter(isRunning);
  await Promise.all(running.map((part) => endProcess(part.pid, 10_000, part.stopSignal)));
  for (const part of parts) rmSync(part.runDir, { recursive: true, force: true });
  removeState();
  return running.map((part) => part.name);
}

function stateOf(asterisk: LabAsterisk, redis: LabService, postgres: LabService, crm: DetachedCrm): LabState {
  const phones = `${asterisk.phones[0]?.name}–${asterisk.phones.at(-1)?.name}`;
  return {
    parts: [
      part('Asterisk', asterisk, 'SIGTERM', [
        ['version', asterisk.version],
        ['ARI', asterisk.ariUrl],
        ['AMI', `${asterisk.amiHost}:${asterisk.amiPort} (TLS ${asterisk.amiTlsPort})`],
        ['SIP', `udp ${asterisk.sipHost}:${asterisk.sipPort}, callers dial 4001, phones ${phones}`],
        ['log', asterisk.logPath],
      ]),
      part('Redis', redis, 'SIGTERM', [['url', redis.url]]),
      part('PostgreSQL', postgres, 'SIGINT', [['url', postgres.url]]),
      part('sample CRM', crm, 'SIGTERM', [['url', crm.url]]),
    ],
    environment: {
      RINGMASTER_ARI_PASSWORD: asterisk.ariPassword,
      RINGMASTER_AMI_SECRET: asterisk.amiSecret,
      CRM_TOKEN: crm.token,
    },
    exampleConfig: exampleConfig(asterisk, redis, postgres),
  };
}

function part(
  name: string,
  service: { readonly pid: number; readonly runDir: string },
  stopSignal: RunningPart['stopSignal'],
  addresses: RunningPart['addresses'],
): RunningPart {
  const { pid, runDir } = service;
  return { name, pid, startTicks: startTicks(pid) ?? '', runDir, stopSignal, addresses };
}

const exampleConfig = (asterisk: LabAsterisk, redis: LabService, postgres: LabService): string => `pbx:
  nodes:
    - id: lab
      ari:
        url: ${asterisk.ariUrl.replace(/\/ari$/, '')}
        user: ${asterisk.ariUser}
        password: \${env:RINGMASTER_ARI_PASSWORD}
        application: ringmaster
      ami:
        host: ${asterisk.amiHost}
        port: ${asterisk.amiPort}
        user: ${asterisk.amiUser}
        secret: \${env:RINGMASTER_AMI_SECRET}
      transferContext: ringmaster-transfer
store:
  url: ${postgres.url}
redis:
  url: ${redis.url}
`;
