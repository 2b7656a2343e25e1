export { asHours, isOpen, nextChange, type Schedule, type Span, type SpecialDay } from './schedule.ts';
export { dayOf, isTimeZone, type TimeZone, timeZone, wallClock, yearOf } from './zone.ts';
