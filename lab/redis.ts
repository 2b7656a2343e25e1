import { connect } from 'node:net';
import { join } from 'node:path';
import { freeTcpPort } from './ports.ts';
import { needTool } from './provision.ts';
import { makeRunDir } from './run-dir.ts';
import { type LabService, startService } from './service.ts';

export interface RedisOptions {
  readonly detached?: boolean;
}

/** A Redis of its own on a free loopback port, data in memory only; `url` is `redis://127.0.0.1:PORT`. */
export async function startRedis(options: RedisOptions = {}): Promise<LabService> {
  const command = await needTool('redis-server');
  const port = await freeTcpPort();
  const dir = makeRunDir('redis');
  const { detached = false } = options;
  const network = ['--bind', '127.0.0.1', '--port', String(port), '--protected-mode', 'yes'];
  const args = [...network, '--save', '', '--appendonly', 'no', '--dir', dir, '--daemonize', 'no'];
  const isReady = () => answersPing(port);
  const logPath = join(dir, 'redis.log');
  const spec = { name: 'redis', dir, logPath, command, args, stopSignal: 'SIGTERM', detached, isReady } as const;
  return startService(spec, `redis://127.0.0.1:${port}`, port);
}

function answersPing(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    socket.setTimeout(1000, () => socket.destroy());
    socket.on('data', (answer) => {
      socket.destroy();
      resolve(answer.toString().startsWith('+PONG'));
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(false));
  });
}
