import type { OutsideCall } from '../callers.ts';
import { fictionalMobile } from '../index.ts';
import type { SeenEvent } from '../ringmaster/control-room.ts';
import type { Site } from './site.ts';

/** One thing that the demo shows. `got` is computed from the event stream and the callers' own ends, never assumed. */
export interface Scenario {
  readonly name: string;
  /** For people, on the terminal. */
  readonly title: string;
  readonly expected: string;
  /** Shows something that the virtual PBX lacks; left out there. */
  readonly needsAsterisk?: boolean;
  run(stage: Stage): Promise<string>;
}

/** Customers of the sample CRM by their place in its data. */
export const people = {
  vip: 1,
  gold: 2,
  silver: 3,
  english: 4,
  standard: 5,
  silver2: 6,
  english2: 7,
  unseen: 8,
} as const;

/** What a scenario works with. Each has numbers of its own, so that one does not see another's calls or cache. */
export class Stage {
  readonly site: Site;
  private readonly calls: OutsideCall[] = [];
  private readonly from: number;

  constructor(site: Site) {
    this.site = site;
    this.from = site.room.events.length;
  }

  /** A customer of the sample CRM rings. */
  dial(target: string, customer: number): OutsideCall {
    return this.dialFrom(target, fictionalMobile(customer));
  }

  dialFrom(target: string, callerNumber: string): OutsideCall {
    const call = this.site.callers.call({ target, callerNumber });
    this.calls.push(call);
    return call;
  }

  /** The call of this number that began in this scenario. */
  async callOf(callerNumber: string): Promise<string> {
    const arrived = await this.site.room.waitFor(
      'call.arrived.v1',
      (event) => this.isMine(event) && event.data.call.callerNumber === callerNumber,
    );
    return arrived.data.call.id;
  }

  callOfCustomer(customer: number): Promise<string> {
    return this.callOf(fictionalMobile(customer));
  }

  /** Ends what is left, and waits until all agents are signed out and every call has ended. */
  async clear(): Promise<void> {
    for (const call of this.calls) call.hangUp();
    await Promise.all(this.calls.map((call) => call.ended));
    const began = ['call.arrived.v1', 'call.placed.v1'];
    const arrived = this.site.room.events.filter((event) => this.isMine(event) && began.includes(event.type));
    for (const { subject } of arrived) {
      await this.site.room.waitFor('call.ended.v1', (event) => event.subject === subject, 15_000);
    }
    await this.site.room.signOut('li', 'wang', 'zhang', 'chen', 'zhao');
  }

  private isMine(event: SeenEvent): boolean {
    return this.site.room.events.indexOf(event) >= this.from || !this.site.room.events.includes(event);
  }
}
