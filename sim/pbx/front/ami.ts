import { createServer, type Socket } from 'node:net';
import type { VirtualAsterisk } from '../virtual-asterisk.ts';
import { AmiSession, type AmiUser } from './ami-session.ts';
import { listening, type PortHolder } from './listening.ts';

export interface AmiFrontOptions extends AmiUser {
  /** 0 or absent takes a free one. */
  readonly port?: number;
}

const sessionsMax = 64;

/** The manager interface of the model, on loopback. */
export async function openAmiFront(pbx: VirtualAsterisk, options: AmiFrontOptions): Promise<PortHolder> {
  const open = new Set<Socket>();
  const cutAll = (): void => {
    for (const socket of open) socket.destroy();
  };
  const server = createServer({ noDelay: true }, (socket) => {
    if (!pbx.isRunning) return void socket.destroy();
    open.add(socket);
    const session = new AmiSession(pbx, options, {
      write: (text) => {
        socket.write(text);
      },
      end: () => void socket.end(),
      backlogBytes: () => socket.writableLength,
    });
    socket.on('data', (chunk) => session.receive(chunk));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      open.delete(socket);
      session.close();
    });
  });
  server.maxConnections = sessionsMax;
  const forgetStop = pbx.onStop(cutAll);
  return listening(server, options.port ?? 0, () => {
    forgetStop();
    cutAll();
  });
}
