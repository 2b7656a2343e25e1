import type { Config } from '../config/index.ts';
import type { OwnNeighbour } from './outgoing/index.ts';

const usualPorts: Readonly<Record<string, number>> = {
  'postgres:': 5432,
  'postgresql:': 5432,
  'redis:': 6379,
  'rediss:': 6379,
  'http:': 80,
  'https:': 443,
};

/** Where our own parts listen, for the guard of outgoing requests: store, Redis, the PBX's control ports, and ourselves. */
export function ownNeighbours(config: Pick<Config, 'store' | 'redis' | 'pbx' | 'server'>): readonly OwnNeighbour[] {
  const { store, redis, pbx, server } = config;
  const urls = [store.url.reveal(), redis?.url.reveal(), ...pbx.nodes.map(({ ari }) => ari.url)];
  return [
    ...urls.flatMap((url) => (url === undefined ? [] : neighbourOf(url))),
    ...pbx.nodes.flatMap(({ ami }) => (ami ? [{ host: ami.host, port: ami.port }] : [])),
    { host: server.host, port: server.port },
  ];
}

function neighbourOf(text: string): readonly OwnNeighbour[] {
  const url = URL.parse(text);
  const usual = url ? usualPorts[url.protocol] : undefined;
  // A file has no port; `sqlite:` is one.
  if (!url || usual === undefined || url.hostname === '') return [];
  return [{ host: url.hostname, port: Number(url.port || usual) }];
}
