import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { labError } from './errors.ts';

const HOST = '127.0.0.1';
const ATTEMPTS_MAX = 50;

/** A TCP port that was free on loopback a moment ago and is not handed out twice by this process. */
export const freeTcpPort = (): Promise<number> => unique(probeTcp);

/** The same for UDP. */
export const freeUdpPort = (): Promise<number> => unique(probeUdp);

const handedOut = new Set<number>();

async function unique(probe: () => Promise<number>): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    const port = await probe();
    if (handedOut.has(port)) continue;
    handedOut.add(port);
    return port;
  }
  throw labError('no_port', `${ATTEMPTS_MAX} attempts`);
}

function probeTcp(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, HOST, () => {
      const address = server.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

function probeUdp(): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = createSocket('udp4');
    socket.once('error', reject);
    socket.bind(0, HOST, () => {
      const { port } = socket.address();
      socket.close(() => resolve(port));
    });
  });
}

export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/**
 * A range for media below the kernel's ephemeral ports. Asterisk takes the next port of the range when one is taken, so
 * ranges of several runs may overlap; a random start only keeps them from meeting often.
 */
export function rtpRange(random: () => number = Math.random, size = 12_000): PortRange {
  const lowest = 10_000;
  const highest = 32_700 - size;
  const first = lowest + 2 * Math.floor((random() * (highest - lowest)) / 2);
  return { first, last: first + size - 1 };
}
