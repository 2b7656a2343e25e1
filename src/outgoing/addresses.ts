import { BlockList, isIP } from 'node:net';

/**
 * Never contacted, whatever the config allows: link-local with the clouds' metadata services (169.254.169.254,
 * 100.100.100.200, fd00:ec2::254), "this network", multicast, reserved, and the ranges that wrap IPv4 in IPv6.
 */
const never = blockList(
  ['0.0.0.0/8', '169.254.0.0/16', '100.100.100.200/32', '192.0.0.0/24', '224.0.0.0/4', '240.0.0.0/4'].concat(
    ['::/128', 'fe80::/10', 'fec0::/10', 'fd00:ec2::254/128', 'ff00::/8'],
    ['64:ff9b::/96', '64:ff9b:1::/48', '2002::/16', '2001::/32'],
  ),
);

/** Contacted only when the operator lists them: loopback, private networks, carrier-grade NAT, benchmarks. */
const inside = blockList(
  ['127.0.0.0/8', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', '198.18.0.0/15'].concat([
    '::1/128',
    'fc00::/7',
  ]),
);

/** Says for a resolved address whether it may be contacted. */
export type AddressRule = (address: string) => boolean;

/** `allow` holds addresses and CIDR ranges; throws a TypeError on anything else, at start. */
export function addressRule(allow: readonly string[]): AddressRule {
  const allowed = blockList(allow);
  return (raw) => {
    const address = plainAddress(raw);
    const family = isIP(address);
    if (family === 0) return false;
    const type = family === 4 ? 'ipv4' : 'ipv6';
    if (never.check(address, type)) return false;
    return !inside.check(address, type) || allowed.check(address, type);
  };
}

function blockList(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = '', bits] = range.split('/');
    const family = isIP(address);
    if (family === 0) throw new TypeError(`${range} is neither an address nor a CIDR range`);
    const type = family === 4 ? 'ipv4' : 'ipv6';
    list.addSubnet(address, bits === undefined ? (family === 4 ? 32 : 128) : Number(bits), type);
  }
  return list;
}

/** `::ffff:127.0.0.1` and `::ffff:7f00:1` are 127.0.0.1. The zone of a scoped address is cut. */
export function plainAddress(raw: string): string {
  const address = raw.replace(/^\[|\]$/g, '').replace(/%.*$/, '');
  if (isIP(address) !== 6) return address;
  const canonical = new URL(`http://[${address}]/`).hostname.slice(1, -1);
  const [, high, low] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(canonical) ?? [];
  if (high === undefined || low === undefined) return canonical;
  const bits = (Number.parseInt(high, 16) << 16) | Number.parseInt(low, 16);
  return [24, 16, 8, 0].map((shift) => (bits >>> shift) & 255).join('.');
}
