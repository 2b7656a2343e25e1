import { type AmiLink, type AmiMessage, createAmiLink } from '../../../src/ami/index.ts';
import { becomesTrue, type AsteriskAddress } from '../../../lab/index.ts';
import { systemClock, systemRng } from '../../../src/kernel/index.ts';
import { createLogger } from '../../../src/observability/index.ts';

/** What the PBX itself says happens, seen through a manager connection of the test's own. */
export class PbxWatch implements AsyncDisposable {
  readonly events: AmiMessage[] = [];
  private readonly link: AmiLink;

  private constructor(link: AmiLink) {
    this.link = link;
    link.onEvent((event) => this.events.push(event));
  }

  static async open(asterisk: AsteriskAddress): Promise<PbxWatch> {
    const link = createAmiLink(
      {
        nodeId: 'watch',
        host: asterisk.amiHost,
        port: asterisk.amiPort,
        username: asterisk.amiUser,
        secret: asterisk.amiSecret,
      },
      { clock: systemClock, rng: systemRng, log: createLogger({ level: 'silent' }) },
    );
    const watch = new PbxWatch(link);
    link.start();
    if (!(await becomesTrue(() => link.state === 'up', 5_000))) throw new Error('the manager interface is not up');
    return watch;
  }

  /** The names of the events that a channel has had so far. */
  of(uniqueId: string): string[] {
    return this.events.filter((event) => event.get('Uniqueid') === uniqueId).map(({ name }) => name);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.link.stop();
  }
}
