export { isOpen, nextChange, type Schedule, type Span, type SpecialDay } from './schedule.ts';
export { dayOf, isTimeZone, timeZone, yearOf } from './zone.ts';
