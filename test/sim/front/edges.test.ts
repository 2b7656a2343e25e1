import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { openFrontLab } from './lab.ts';

type Lab = Awaited<ReturnType<typeof openFrontLab>>;

describe('the socket front of the model', () => {
  let lab: Lab;
  const sockets: (Socket | WebSocket)[] = [];

  beforeEach(async () => {
    lab = await openFrontLab();
  });
  afterEach(async () => {
    for (const socket of sockets.splice(0)) {
      if (socket instanceof WebSocket) socket.terminate();
      else socket.destroy();
    }
    await lab.stop();
  });

  const authorization = (password: string): string =>
    `Basic ${Buffer.from(`${lab.ariUser}:${password}`).toString('base64')}`;
  const ask = async (path: string, init: RequestInit = {}, password = lab.ariPassword): Promise<number> => {
    const headers = { authorization: authorization(password) };
    return (await fetch(`${lab.ariUrl}/${path}`, { ...init, headers })).status;
  };
  const openEvents = (query: string, password: string): WebSocket => {
    const url = `${lab.ariUrl.replace('http', 'ws')}/events${query}`;
    const socket = new WebSocket(url, { headers: { authorization: authorization(password) } });
    sockets.push(socket);
    return socket;
  };

  it('lets nobody in who does not know the password, over HTTP or WebSocket', async () => {
    expect(await ask('asterisk/ping', {}, 'wrong')).toBe(401);
    expect((await fetch(`${lab.ariUrl}/asterisk/ping`)).status).toBe(401);
    const [error] = (await once(openEvents('?app=a', 'wrong'), 'error')) as [Error];
    expect(error.message).toContain('401');
  });

  it('says what it cannot do: 404 for no operation, 400 for what it cannot read, 501 for what the model lacks', async () => {
    expect(await ask('nothing/of/the/kind')).toBe(404);
    expect(await ask('channels/%25%', { method: 'GET' })).toBe(400);
    expect(await ask('channels/create?endpoint=a&app=b', { method: 'POST' })).toBe(501);
    expect(await ask('api-docs/nothing.json')).toBe(404);
    const [error] = (await once(openEvents('', lab.ariPassword), 'error')) as [Error];
    expect(error.message).toContain('400');
  });

  it('answers a request over the socket by its id, and leaves what is none unanswered', async () => {
    const socket = openEvents('?app=a', lab.ariPassword);
    await once(socket, 'open');
    for (const frame of ['no json', '7', '{"type":"Other"}']) socket.send(frame);
    socket.send(JSON.stringify({ type: 'RESTRequest', request_id: 'r7', method: 'GET', uri: 'channels/nobody' }));
    const [answer] = (await once(socket, 'message')) as [Buffer];
    expect(JSON.parse(answer.toString())).toMatchObject({ type: 'RESTResponse', request_id: 'r7', status_code: 404 });
  });

  it('answers no action of one who has not logged in to AMI', async () => {
    const socket = connect(lab.amiPort, lab.amiHost);
    sockets.push(socket);
    let heard = '';
    socket.on('data', (chunk) => (heard += chunk.toString()));
    await once(socket, 'data');
    socket.write('Action: CoreStatus\r\nActionID: 7\r\n\r\n');
    await once(socket, 'data');
    expect(heard).toBe(
      'Asterisk Call Manager/11.0.0\r\nResponse: Error\r\nActionID: 7\r\nMessage: Permission denied\r\n\r\n',
    );
  });

  it('is gone with its connections while the PBX is dead, and there again when it is', async () => {
    const socket = openEvents('?app=a', lab.ariPassword);
    await once(socket, 'open');
    await lab.kill9();
    await once(socket, 'close');
    expect(await ask('asterisk/ping').catch(() => 'gone')).toBe('gone');
    await lab.restart();
    expect(await ask('asterisk/ping')).toBe(200);
  });
});
