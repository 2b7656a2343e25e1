/** A manager interface that lets anybody in and, asked by the action `Replay`, sends recorded traffic `repeats` times. */
import { readFileSync } from 'node:fs';
import net from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';

const { recording, repeats } = workerData as { recording: string; repeats: number };
const bytes = readFileSync(recording);
const traffic = bytes.subarray(bytes.indexOf('Event: FullyBooted'));
const fullyBooted = 'Event: FullyBooted\r\nUptime: 1\r\nStatus: Fully Booted\r\n\r\n';
const end = 'Event: UserEvent\r\nUserEvent: ReplayEnd\r\n\r\n';

const server = net.createServer((socket) => {
  let text = '';
  socket.on('error', () => socket.destroy());
  socket.setNoDelay(true);
  socket.write('Asterisk Call Manager/11.0.0\r\n');
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1');
    const messages = text.split('\r\n\r\n');
    text = messages.pop() ?? '';
    for (const message of messages) answer(socket, message);
  });
});

function answer(socket: net.Socket, message: string): void {
  const header = (name: string) => new RegExp(`^${name}: (.*)$`, 'im').exec(message)?.[1]?.trim() ?? '';
  const action = header('Action').toLowerCase();
  socket.write(`Response: Success\r\nActionID: ${header('ActionID')}\r\nChallenge: 1\r\nMessage: Yes\r\n\r\n`);
  if (action === 'login') socket.write(fullyBooted);
  if (action !== 'replay') return;
  for (let round = 0; round < repeats; round += 1) socket.write(traffic);
  socket.write(end);
}

server.listen(0, '127.0.0.1', () => {
  const messages = traffic.toString('latin1').split(/(?:\r\n){2,}/).length - 1;
  parentPort?.postMessage({ port: (server.address() as net.AddressInfo).port, messages: messages * repeats });
});
