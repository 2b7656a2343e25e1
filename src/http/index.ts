export { buildApi } from './app.ts';
export type { AdviceDoor, CustomerDesk, HttpDeps, HttpSettings } from './deps.ts';
export { createHttpServer, type HttpServer } from './server.ts';
