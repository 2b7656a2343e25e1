import type { AriLink, AriLinkChange, AriLinkState, AriMessage } from './ports.ts';

/** What every link has beside its way to the PBX: its state, and who is told. */
export abstract class ToldLink implements Pick<AriLink, 'state' | 'onEvent' | 'onLink'> {
  protected linkState: AriLinkState = 'stopped';
  protected emitEvent: (message: AriMessage) => void = () => {};
  protected emitLink: (change: AriLinkChange) => void = () => {};

  state(): AriLinkState {
    return this.linkState;
  }

  onEvent(listener: (message: AriMessage) => void): void {
    this.emitEvent = listener;
  }

  onLink(listener: (change: AriLinkChange) => void): void {
    this.emitLink = listener;
  }
}
