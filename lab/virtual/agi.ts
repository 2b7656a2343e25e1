import { connect } from 'node:net';
import type { VirtualChannel } from '../../sim/pbx/channel.ts';
import { snippetSecrets } from '../asterisk/snippets.ts';
import type { AskedServer } from './asked-server.ts';

const answerLine = /^SET VARIABLE RM_ANSWER "((?:[^"\\]|\\.)*)"$/m;

/** `AGI(agi://…/route,entry=…,number=…,secret=…)`: the answer that the server sets, empty without one. */
export function askByAgi({ agiPort, boundMs }: AskedServer, { id, exten, caller }: VirtualChannel): Promise<string> {
  const variables = [
    'agi_network: yes',
    'agi_network_script: route',
    'agi_request: agi://127.0.0.1/route',
    `agi_channel: ${id}`,
    `agi_uniqueid: ${id}`,
    `agi_callerid: ${caller.number}`,
    `agi_extension: ${exten}`,
    `agi_arg_1: entry=${exten}`,
    `agi_arg_2: number=${caller.number}`,
    `agi_arg_3: secret=${snippetSecrets.agi}`,
  ];
  return new Promise((resolve) => {
    let heard = '';
    const socket = connect(agiPort, '127.0.0.1', () => socket.write(`${variables.join('\n')}\n\n`));
    socket.setTimeout(boundMs, () => socket.destroy());
    socket.on('data', (chunk) => {
      heard += chunk.toString();
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => resolve((answerLine.exec(heard)?.[1] ?? '').replace(/\\(.)/g, '$1')));
  });
}
