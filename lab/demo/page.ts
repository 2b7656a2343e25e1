import { randomBytes } from 'node:crypto';
import { styleText } from 'node:util';
import type { LabRingmaster } from '../ringmaster/start.ts';

/** Makes two people who may sign in to the live page of the demo, and tells where and how in lines. */
export async function openDoor(server: LabRingmaster): Promise<readonly string[]> {
  const password = randomBytes(9).toString('base64url');
  await server.addUser({ id: 'watcher', password, role: 'supervisor', name: 'Watcher' });
  await server.addUser({ id: 'li', password, role: 'agent', agentId: 'li', name: '李静 Li Jing' });
  return [
    '',
    styleText('bold', `  The live page: ${server.url}/`),
    `  user watcher (sees everything) or li (an agent’s desk), password ${password}`,
    '',
  ];
}
