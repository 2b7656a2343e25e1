export type { OwnNeighbour } from './own-neighbours.ts';
export {
  type HttpAnswer,
  type HttpRequest,
  type HttpTransport,
  httpTransport,
  type TransportErrors,
  type TransportOptions,
} from './transport.ts';
