/** A writer to be killed: writes call events with their states as fast as they are taken, and tells what is committed. */
import { EventLog } from '../../src/events/index.ts';
import { systemClock, systemRng } from '../../src/kernel/index.ts';
import { createEventStore } from '../../src/storage/index.ts';
import { callEvent, callState, silent } from '../events/support.ts';

const parts = { clock: systemClock, rng: systemRng, logger: silent };
const store = createEventStore({ url: process.argv[2] ?? '' }, parts);
const log = await EventLog.open({ store, ...parts });
log.onCommitted((events) => process.stdout.write(`${events.at(-1)?.sequence}\n`));

function writeSome(): void {
  for (let n = 0; n < 5; n += 1) {
    const id = `c${Math.floor(Math.random() * 20)}`;
    const version = log.lastAssigned + 1;
    const ends = Math.random() < 0.1;
    log.write(
      [callEvent(id, { version, phase: ends ? 'ended' : 'talking' })],
      [callState(id, ends ? null : { version })],
    );
  }
  setImmediate(writeSome);
}
writeSome();
