import { bridgeIdOf, type CommandResult, type PbxCommand } from '../call/index.ts';
import type { Clock } from '../kernel/index.ts';
import type { CallRegistry } from './call-registry.ts';

const firstPauseMs = 1_000;
const triesMax = 5;

interface ClearingParts {
  readonly clock: Clock;
  readonly calls: Pick<CallRegistry, 'get' | 'ownerOf'>;
  readonly send: (nodeId: string, callId: string, command: PbxCommand, then: (result: CommandResult) => void) => void;
}

/**
 * Takes away what calls have left on the PBX: a hangup, a way out or the end of a bridge that the PBX did not carry out
 * is asked for again, five times with growing pauses. Who was forgotten there would hear nobody, for ever. A link that
 * is lost needs no other try: the comparison after it sweeps.
 */
export class Clearing {
  private readonly parts: ClearingParts;

  constructor(parts: ClearingParts) {
    this.parts = parts;
  }

  /** Whether a command is one that clears. */
  static covers({ kind }: PbxCommand): boolean {
    return kind === 'hangup' || kind === 'leave' || kind === 'destroyBridge';
  }

  /** `then` hears how the first try ended. */
  send(nodeId: string, callId: string, command: PbxCommand, then?: (result: CommandResult) => void, tries = 1): void {
    this.parts.send(nodeId, callId, command, (result) => {
      then?.(result);
      if (result.ok || result.failure === 'gone' || result.failure === 'unavailable' || tries >= triesMax) return;
      this.parts.clock.after(firstPauseMs * 2 ** (tries - 1), () => {
        if (!this.isTaken(command)) this.send(nodeId, callId, command, undefined, tries + 1);
      });
    });
  }

  /** A call that goes on may have made its bridge anew under the same name; who left may have come back as another call. */
  private isTaken(command: PbxCommand): boolean {
    const { calls } = this.parts;
    if (command.kind === 'leave') return calls.ownerOf(command.legId) !== undefined;
    if (command.kind !== 'destroyBridge') return false;
    const call = calls.get(command.bridgeId.slice(0, command.bridgeId.indexOf('.')));
    return call?.bridged === true && command.bridgeId === bridgeIdOf(call.id);
  }
}
