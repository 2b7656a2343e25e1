import { BlockList, createServer, isIP, type Server, type Socket } from 'node:net';
import type { Advice, AdviceQuestion } from '../../bridge/index.ts';
import { AppError, type Clock, errorText, type Logger } from '../../kernel/index.ts';
import { answerOf, answerVariables } from '../answer.ts';
import { adviceErrors } from '../errors.ts';
import { AgiReader, setVariable } from './codec.ts';
import { type AgiQuestion, questionOf } from './conversation.ts';

export interface FastAgiOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Addresses and ranges that may connect. */
  readonly allow: readonly string[];
  /** What `secret=` must be; without one the address alone decides. */
  readonly secret?: string;
  readonly connectionsMax: number;
  /** A conversation is over by then, whatever its state: AGI() itself knows no bound. */
  readonly deadlineMs: number;
}

interface FastAgiDeps {
  readonly ask: (question: AdviceQuestion) => Promise<Advice>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Answers `AGI(agi://…)` of the dialplan. */
export interface FastAgiServer {
  /** Rejects with `dialplan.agi_port_taken` when it cannot listen. Gives the port. */
  listen(): Promise<number>;
  /** Takes no new conversations and ends those under way. */
  close(): Promise<void>;
}

export function createFastAgiServer(options: FastAgiOptions, deps: FastAgiDeps): FastAgiServer {
  const allowed = blockList(options.allow);
  const open = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => socket.destroy());
    const address = (socket.remoteAddress ?? '').replace(/^::ffff:/i, '');
    if (!allowed.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')) {
      deps.logger.warn({ code: adviceErrors.agi_refused.code }, 'FastAGI connection refused by its address');
      socket.destroy();
      return;
    }
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    converse(socket, options, deps);
  });
  server.maxConnections = options.connectionsMax;
  return {
    listen: () => listen(server, options),
    close: () =>
      new Promise((resolve) => {
        for (const socket of open) socket.destroy();
        if (server.listening) server.close(() => resolve());
        else resolve();
      }),
  };
}

function listen(server: Server, { host, port }: FastAgiOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => reject(new AppError(adviceErrors.agi_port_taken, errorText(cause), { cause })));
    server.listen(port, host, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : port);
    });
  });
}

/** One question and its answer. Whatever goes wrong closes the connection: AGI() then goes on without our variables. */
function converse(socket: Socket, { secret, deadlineMs }: FastAgiOptions, deps: FastAgiDeps): void {
  const reader = new AgiReader();
  const timer = deps.clock.after(deadlineMs, () => socket.destroy());
  socket.once('close', () => timer.cancel());
  const write = (variables: readonly (readonly [string, string])[]): void => {
    // All at once and then the end: Asterisk looks for the next line in its buffer only when the socket wakes it, which
    // the end does for good. One round trip instead of nine; replies are read until Asterisk closes.
    if (!socket.destroyed) socket.end(variables.map(([name, value]) => setVariable(name, value)).join(''));
  };
  const refuse = (error: unknown): void => {
    const code = error instanceof AppError ? error.code : undefined;
    deps.logger.warn({ code, error: errorText(error) }, 'FastAGI question refused');
    socket.destroy();
  };
  const answer = async ({ question, withCustomer }: AgiQuestion): Promise<void> =>
    write(answerVariables(answerOf(await deps.ask(question), withCustomer)));

  socket.on('data', (chunk) => {
    try {
      for (const message of reader.push(chunk)) {
        if (message.kind === 'variables') {
          const parsed = questionOf(message.variables, secret);
          if (parsed.ok) void answer(parsed.value).catch(refuse);
          else if (parsed.error === adviceErrors.agi_refused) return refuse(new AppError(parsed.error));
          else {
            deps.logger.warn({ code: parsed.error.code }, 'FastAGI question refused');
            write([
              ['RM_CODE', parsed.error.code],
              ['RM_ACTION', 'fallback'],
            ]);
          }
        } else if (message.kind === 'hangup') socket.end();
        else if (message.status !== 200) {
          deps.logger.warn({ status: message.status }, 'the PBX did not take a channel variable');
        }
      }
    } catch (error) {
      refuse(error);
    }
  });
}

function blockList(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = '', bits] = range.split('/');
    const family = isIP(address);
    if (family === 0) throw new TypeError(`${range} is neither an address nor a range`);
    list.addSubnet(
      address,
      bits === undefined ? (family === 4 ? 32 : 128) : Number(bits),
      family === 4 ? 'ipv4' : 'ipv6',
    );
  }
  return list;
}
