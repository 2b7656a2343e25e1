/** What becomes of one message on its way. */
export type Fate = 'arrives' | 'lost' | 'twice';

/** What becomes of one request: `refused` and `failed` are answered 404 and 500 without having been done. */
export type RequestFate = 'done' | 'refused' | 'failed' | 'unanswered' | 'ignored';

/** The state of the way between a server and a PBX; asked for each message. Times in milliseconds, with fractions. */
export interface Weather {
  /** How long a request, and then its answer, is under way. */
  requestMs(): number;
  answerMs(): number;
  /** How far an event lags behind what it tells of. */
  eventMs(): number;
  /** What becomes of an event, by its type. */
  event(type: string): Fate;
  request(operation: string): RequestFate;
  /** Nothing gets through any more, and nobody is told: a half-open connection. */
  isSilent(): boolean;
  /** Whether a new connection can be made. */
  isReachable(): boolean;
}

/** A way on which all is well. */
export const fairWeather: Weather = {
  requestMs: () => 0.3,
  answerMs: () => 0.3,
  eventMs: () => 0.3,
  event: () => 'arrives',
  request: () => 'done',
  isSilent: () => false,
  isReachable: () => true,
};
