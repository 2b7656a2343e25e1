import { WebSocket } from 'ws';

/** Watches every event of a server and does nothing with it: the reader that each site has, in a process of its own. */
const [url = '', key = ''] = process.argv.slice(2);
const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/v1/events`, 'cti.v1', {
  headers: { authorization: `Bearer ${key}` },
});
socket.on('open', () => socket.send(JSON.stringify({ type: 'subscribe', id: 'watcher', snapshot: false })));
socket.on('error', () => process.exit(1));
socket.on('close', () => process.exit(0));
