import type { DevicePort, LinkChange } from '../bridge/ports.ts';
import type { DeviceFact } from '../call/index.ts';
import type { Clock, Logger } from '../kernel/index.ts';
import { type DeviceWatch, watchDevices } from './device-watch.ts';
import type { AmiLink } from './ports.ts';

/** The bridge's view of one AMI link: facts about phones and the PBX, and whether the link stands. */
export function createDevicePort(link: AmiLink, deps: { clock: Clock; log: Logger }): DevicePort {
  let emit: (fact: DeviceFact) => void = () => {};
  let watch: DeviceWatch | undefined;
  return {
    nodeId: link.nodeId,
    stateOf: (device) => watch?.stateOf(device),
    onFact(listener) {
      emit = listener;
    },
    onLink(listener) {
      link.onLink((change) => {
        const base = { nodeId: link.nodeId, link: 'ami', atMs: deps.clock.nowMs() } as const;
        const told: LinkChange =
          change.kind === 'up' ? { ...base, state: 'up' } : { ...base, state: 'down', code: change.reason };
        listener(told);
      });
    },
    start() {
      watch = watchDevices({ link, ...deps, emit: (fact) => emit(fact) });
      link.start();
    },
    async stop() {
      watch?.stop();
      await link.stop();
    },
  };
}
