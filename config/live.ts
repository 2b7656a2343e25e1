/** The sections that a reload can change; the others are read at the start only. */
export const liveSections = [
  'skills',
  'schedules',
  'numbers',
  'flows',
  'checks',
  'voicemails',
  'routing',
  'queues',
  'agents',
] as const;

const live: ReadonlySet<string> = new Set(liveSections);
export const isLive = (section: string): boolean => live.has(section);
