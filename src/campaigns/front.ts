import type { JobViewData } from '../events/catalogue/index.ts';
import { AppError, type Clock } from '../kernel/index.ts';
import type { CallbackDesk } from './callbacks.ts';
import type { ClickToDial, ClickWish } from './click-to-dial.ts';
import { outboundErrors } from './errors.ts';
import type { JobDesk, JobWish } from './job-desk.ts';
import type { DoNotCallEntry, DoNotCallStore, JobFilter, NumberReader } from './ports.ts';
import type { DialNumber } from './routes.ts';
import { jobView } from './views.ts';

/** Whom to call: by one of these. */
export interface WhomToCall {
  readonly number?: string;
  readonly customerId?: string;
  /** An opaque name of a number, from an event or the API. */
  readonly phoneToken?: string;
}

export interface FrontParts {
  readonly click: ClickToDial;
  readonly desk: JobDesk;
  readonly callbacks: Pick<CallbackDesk, 'request'>;
  readonly doNotCall: DoNotCallStore;
  readonly clock: Clock;
  readonly readNumber: NumberReader;
  /** The number of a customer; undefined when none is known. */
  readonly numberOf: (customerId: string) => string | undefined;
  /** The number that a phone token stands for; undefined when it is not valid. */
  readonly openToken: (phoneToken: string) => string | undefined;
}

type CallbackFor = JobWish & { readonly queueId: string };
type Reachable<Wish> = Omit<Wish, 'number'> & WhomToCall;

/** Calling out as the API offers it. Every method throws an AppError when it cannot do what is asked. */
export class OutboundFront {
  private readonly parts: FrontParts;

  constructor(parts: FrontParts) {
    this.parts = parts;
  }

  /** The id of the call. */
  dial({ number, customerId, phoneToken, ...wish }: Reachable<ClickWish>): Promise<string> {
    return this.parts.click.dial({ ...wish, number: this.whom({ number, customerId, phoneToken }) });
  }

  async request({ number, phoneToken, ...wish }: Reachable<JobWish>): Promise<{ job: JobViewData; created: boolean }> {
    const whom = this.whom({ number, customerId: wish.customerId, phoneToken });
    const { job, created } = await this.parts.desk.request({ ...wish, number: whom });
    return { job: jobView(job), created };
  }

  /** `created` is false for a number that waits in the queue already. */
  async requestCallback({
    number,
    phoneToken,
    ...wish
  }: Reachable<CallbackFor>): Promise<{ job: JobViewData; created: boolean }> {
    const whom = this.whom({ number, customerId: wish.customerId, phoneToken });
    const { job, created } = await this.parts.callbacks.request({ ...wish, number: whom });
    return { job: jobView(job), created };
  }

  async job(jobId: string): Promise<JobViewData> {
    return jobView(await this.parts.desk.get(jobId));
  }

  async jobs(filter: Omit<JobFilter, 'before'>, beforeId?: string): Promise<readonly JobViewData[]> {
    const before = beforeId === undefined ? undefined : await this.parts.desk.get(beforeId);
    return (await this.parts.desk.list({ ...filter, ...(before ? { before } : {}) })).map(jobView);
  }

  async cancel(jobId: string): Promise<JobViewData> {
    return jobView(await this.parts.desk.cancel(jobId));
  }

  async forbid(number: string, reason: string): Promise<void> {
    const { canonical } = this.read(number);
    await this.parts.doNotCall.add({ number: canonical, reason, addedAtMs: this.parts.clock.nowMs() });
  }

  /** False when it was not on the list. */
  allow(number: string): Promise<boolean> {
    return this.parts.doNotCall.remove(this.read(number).canonical);
  }

  forbidden(after: string, limit: number): Promise<readonly DoNotCallEntry[]> {
    return this.parts.doNotCall.list(after, limit);
  }

  private whom({
    number,
    customerId,
    phoneToken,
  }: { readonly [Way in keyof WhomToCall]: string | undefined }): DialNumber {
    const given = [number, customerId, phoneToken].filter((way) => way !== undefined);
    if (given.length !== 1) throw new AppError(outboundErrors.number_missing);
    if (number !== undefined) return this.read(number);
    if (phoneToken === undefined)
      return this.read(this.parts.numberOf(customerId ?? ''), outboundErrors.customer_unknown);
    return this.read(this.parts.openToken(phoneToken), outboundErrors.token_refused);
  }

  private read(text: string | undefined, refusal = outboundErrors.number_refused): DialNumber {
    const number = text === undefined ? undefined : this.parts.readNumber(text);
    if (!number) throw new AppError(refusal);
    return number;
  }
}
