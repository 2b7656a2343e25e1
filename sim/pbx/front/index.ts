import type { VirtualAsterisk } from '../virtual-asterisk.ts';
import { type AmiFrontOptions, openAmiFront } from './ami.ts';
import { type AriFrontOptions, openAriFront } from './ari.ts';
import { loopback } from './listening.ts';

export { realClock } from './clock.ts';

export interface FrontOptions {
  readonly ari: AriFrontOptions;
  readonly ami: AmiFrontOptions;
}

/** Where the model is reached, in the words of the lab's real Asterisk. */
export interface PbxFront extends AsyncDisposable {
  /** `http://127.0.0.1:PORT/ari`. */
  readonly ariUrl: string;
  readonly amiHost: string;
  readonly amiPort: number;
}

/** Lets the model speak ARI and AMI over real sockets, on loopback only and in real time (`realClock`). */
export async function openFront(pbx: VirtualAsterisk, { ari, ami }: FrontOptions): Promise<PbxFront> {
  const ariPort = await openAriFront(pbx, ari);
  try {
    const amiPort = await openAmiFront(pbx, ami);
    return {
      ariUrl: `http://${loopback}:${ariPort.port}/ari`,
      amiHost: loopback,
      amiPort: amiPort.port,
      [Symbol.asyncDispose]: async () => void (await Promise.all([ariPort.close(), amiPort.close()])),
    };
  } catch (error) {
    await ariPort.close();
    throw error;
  }
}
