import { randomInt } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';

const FRAME_MS = 20;
const SAMPLES = 160;
const SILENCE = 0xff;
/** Loud and quiet in turn at 400 Hz, in G.711 µ-law: heard as talking by whoever looks for silence. */
const TONE = [0x80, 0x00] as const;

/** What a caller says: RTP with G.711 µ-law every 20 ms, silence until `speak`. */
export class Voice {
  private readonly socket: Socket = createSocket('udp4');
  private readonly timer: NodeJS.Timeout;
  private readonly source = randomInt(1, 0x7fffffff);
  private frames = 0;
  private speaking = false;

  constructor(host: string, port: number) {
    this.socket.on('error', () => this.stop());
    this.timer = setInterval(() => this.socket.send(this.frame(), port, host), FRAME_MS);
  }

  speak(): void {
    this.speaking = true;
  }

  pause(): void {
    this.speaking = false;
  }

  stop(): void {
    clearInterval(this.timer);
    try {
      this.socket.close();
    } catch {
      // Closed already.
    }
  }

  private frame(): Buffer {
    const packet = Buffer.alloc(12 + SAMPLES, SILENCE);
    packet.writeUInt16BE(0x8000, 0);
    packet.writeUInt16BE(this.frames & 0xffff, 2);
    packet.writeUInt32BE((this.frames * SAMPLES) >>> 0, 4);
    packet.writeUInt32BE(this.source, 8);
    if (this.speaking)
      for (let at = 0; at < SAMPLES; at += 1) packet[12 + at] = TONE[Math.floor(at / 10) % 2] ?? SILENCE;
    this.frames += 1;
    return packet;
  }
}
