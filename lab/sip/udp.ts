import { readFileSync } from 'node:fs';

/** Whether some process on this machine holds the UDP port, from the kernel's own table. */
export function udpPortIsBound(port: number): boolean {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const lines = readFileSync('/proc/net/udp', 'utf8').split('\n').slice(1);
  return lines.some((line) => line.trim().split(/\s+/)[1]?.endsWith(wanted));
}
