import { fileURLToPath } from 'node:url';
import { errorText } from '../../src/kernel/index.ts';
import { startRequestTracker, startSampleDesk } from '../index.ts';

const preset = (name: string) => fileURLToPath(new URL(`../../config/presets/tickets/${name}.yaml`, import.meta.url));

/** The ticket desk of the demo: Request Tracker where it can be had, else a small one that the demo brings. */
export interface DemoDesk extends AsyncDisposable {
  readonly name: string;
  /** The desk's part of the configuration. */
  readonly settings: object;
  /** Subjects of the tickets with this mark, as the desk itself lists them. */
  subjects(mark: string): Promise<readonly string[]>;
  goDown(): Promise<void>;
  comeBack(): Promise<void>;
}

export async function openDesk(tell: (line: string) => void): Promise<DemoDesk> {
  try {
    return await requestTracker();
  } catch (error) {
    tell(`No Request Tracker here (${errorText(error)}): a sample desk takes its place`);
    return openSampleDesk();
  }
}

async function requestTracker(): Promise<DemoDesk> {
  const rt = await startRequestTracker();
  const variables = { RT_URL: rt.url, RT_USER: rt.user, RT_PASSWORD: rt.password };
  return {
    name: 'Request Tracker 5',
    settings: { template: preset('request-tracker'), variables, queue: 'General' },
    subjects: async (mark) => (await rt.ticketsLike(mark)).map(({ Subject }) => Subject),
    goDown: () => rt.kill9(),
    comeBack: () => rt.restart(),
    [Symbol.asyncDispose]: () => rt.stop(),
  };
}

/** A desk that is Node and nothing else. */
export async function openSampleDesk(): Promise<DemoDesk> {
  const desk = await startSampleDesk();
  const variables = { RINGMASTER_DESK_URL: desk.url, RINGMASTER_DESK_TOKEN: desk.token };
  return {
    name: 'sample desk',
    settings: { template: preset('sample'), variables },
    subjects: async (mark) => desk.tickets.filter(({ key }) => key === mark).map(({ title }) => title),
    goDown: async () => desk.fail('reset'),
    comeBack: async () => desk.fail('none'),
    [Symbol.asyncDispose]: () => desk[Symbol.asyncDispose](),
  };
}
