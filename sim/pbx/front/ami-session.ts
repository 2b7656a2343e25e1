import { createHash, randomInt } from 'node:crypto';
import type { Timer } from '../../../src/kernel/index.ts';
import type { VirtualAsterisk } from '../virtual-asterisk.ts';

export interface AmiUser {
  readonly user: string;
  readonly secret: string;
}

/** The connection of one session. */
interface AmiWire {
  write(text: string): void;
  end(): void;
  /** Written and not yet taken by the system. */
  backlogBytes(): number;
}

type Fields = Readonly<Record<string, string>>;
type Action = ReadonlyMap<string, string>;

/** As manager.c has them. */
const messageBytesMax = 128 * 1_025;
const loginWithinMs = 30_000;
const backlogBytesMax = 1024 * 1024;

/** One who speaks with the manager interface: logs in, asks, and hears the events of the classes that it asked for. */
export class AmiSession {
  private readonly pbx: VirtualAsterisk;
  private readonly user: AmiUser;
  private readonly wire: AmiWire;
  private readonly challenge = String(randomInt(1e8, 1e9));
  private readonly deadline: Timer;
  private text = '';
  private classes: ReadonlySet<string> | undefined;
  private forgetDevices: () => void = () => {};

  constructor(pbx: VirtualAsterisk, user: AmiUser, wire: AmiWire) {
    this.pbx = pbx;
    this.user = user;
    this.wire = wire;
    this.deadline = pbx.clock.after(loginWithinMs, () => wire.end());
    wire.write('Asterisk Call Manager/11.0.0\r\n');
  }

  close(): void {
    this.deadline.cancel();
    this.forgetDevices();
  }

  receive(chunk: Buffer): void {
    this.text += chunk.toString('utf8');
    if (this.text.length > messageBytesMax) return this.wire.end();
    const messages = this.text.split('\r\n\r\n');
    this.text = messages.pop() ?? '';
    for (const message of messages) this.act(actionOf(message));
  }

  private act(action: Action): void {
    const name = action.get('action')?.toLowerCase() ?? '';
    if (name === 'challenge') return this.respond(action, { Challenge: this.challenge });
    if (name === 'login') return this.logIn(action);
    if (!this.classes) return this.refuse(action, 'Permission denied');
    switch (name) {
      case 'events':
        this.listenTo(action.get('eventmask'));
        return this.respond(action, { Events: this.classes.size > 0 ? 'On' : 'Off' });
      case 'ping':
        return this.respond(action, { Ping: 'Pong', Timestamp: (this.pbx.clock.exactMs() / 1_000).toFixed(6) });
      case 'corestatus':
        return this.respond(action, this.status());
      case 'devicestatelist':
        return this.listDevices(action);
      case 'logoff':
        this.respond(action, { Message: 'Thanks for all the fish.' }, 'Goodbye');
        return this.wire.end();
      default:
        return this.refuse(
          action,
          `Invalid/unknown command: ${name}. Use Action: ListCommands to show available commands.`,
        );
    }
  }

  private logIn(action: Action): void {
    const { user, secret } = this.user;
    const key = createHash('md5')
      .update(this.challenge + secret)
      .digest('hex');
    const proven =
      action.get('authtype')?.toLowerCase() === 'md5' ? action.get('key') === key : action.get('secret') === secret;
    if (action.get('username') !== user || !proven) {
      this.refuse(action, 'Authentication failed');
      return this.wire.end();
    }
    this.deadline.cancel();
    this.listenTo(action.get('events'));
    this.respond(action, { Message: 'Authentication accepted' });
    const uptimeMs = this.pbx.clock.nowMs() - this.pbx.startedAtMs;
    this.tell('system', 'FullyBooted', { Uptime: String(Math.floor(uptimeMs / 1_000)), Status: 'Fully Booted' });
    this.forgetDevices = this.pbx.onDevice((Device, State) =>
      this.tell('call', 'DeviceStateChange', { Device, State }),
    );
  }

  private listenTo(mask = 'on'): void {
    const wanted = mask.toLowerCase();
    this.classes = new Set(wanted === 'on' ? ['system', 'call', 'user'] : wanted === 'off' ? [] : wanted.split(','));
  }

  /** In the PBX's local time, without a zone. */
  private status(): Fields {
    const { startedAtMs } = this.pbx;
    const start = new Date(startedAtMs - new Date(startedAtMs).getTimezoneOffset() * 60_000).toISOString();
    const [CoreStartupDate = '', CoreStartupTime = ''] = start.split(/[T.]/);
    return { CoreStartupDate, CoreStartupTime, CoreCurrentCalls: String(this.pbx.channels.size) };
  }

  private listDevices(action: Action): void {
    this.respond(action, { EventList: 'start', Message: 'Device State Changes will follow' });
    const id = idOf(action);
    let count = 0;
    for (const [Device, State] of this.pbx.devices.all()) {
      this.say({ Event: 'DeviceStateChange', ...id, Device, State });
      count += 1;
    }
    const end = { EventList: 'Complete', ListItems: String(count) };
    this.say({ Event: 'DeviceStateListComplete', ...id, ...end });
  }

  private tell(eventClass: string, Event: string, fields: Fields): void {
    if (!this.classes?.has(eventClass)) return;
    this.say({ Event, Privilege: `${eventClass},all`, ...fields });
  }

  private respond(action: Action, fields: Fields, Response = 'Success'): void {
    this.say({ Response, ...idOf(action), ...fields });
  }

  private refuse(action: Action, Message: string): void {
    this.respond(action, { Message }, 'Error');
  }

  private say(fields: Fields): void {
    if (this.wire.backlogBytes() > backlogBytesMax) return this.wire.end();
    const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value.replace(/[\r\n]/g, ' ')}\r\n`);
    this.wire.write(`${lines.join('')}\r\n`);
  }
}

/** Header names in small letters; the first of a name counts. */
function actionOf(message: string): Action {
  const fields = new Map<string, string>();
  for (const line of message.split('\r\n')) {
    const at = line.indexOf(':');
    const name = line.slice(0, at).trim().toLowerCase();
    if (at > 0 && !fields.has(name)) fields.set(name, line.slice(at + 1).trim());
  }
  return fields;
}

function idOf(action: Action): Fields {
  const ActionID = action.get('actionid');
  return ActionID === undefined ? {} : { ActionID };
}
