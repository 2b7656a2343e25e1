export { buildApi } from './app.ts';
export type { CustomerDesk, HttpDeps, HttpSettings } from './deps.ts';
export { createHttpServer, type HttpServer } from './server.ts';
