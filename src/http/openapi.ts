import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger';
import { scopes } from '../security/index.ts';

/** The frame of the OpenAPI document; routes fill it. */
export function openApiOptions(version: string): FastifyDynamicSwaggerOptions {
  const rights = Object.entries(scopes).map(([name, meaning]) => `- \`${name}\`: ${meaning}`);
  return {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Ringmaster',
        version,
        description: `The switchboard’s API. Commands answer 202 when taken; events tell what comes of them.\n\nScopes:\n${rights.join('\n')}`,
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      tags: [
        { name: 'sign-in', description: 'Sessions of people; API keys need none' },
        { name: 'calls', description: 'Calls alive now' },
        { name: 'agents', description: 'Agents and their state' },
        { name: 'queues', description: 'Queues and their figures' },
        { name: 'outbound', description: 'Having customers called' },
        { name: 'dialplan', description: 'Asked by the dialplan of a PBX' },
        { name: 'tickets', description: 'Tickets that calls leave, and where they stand' },
        { name: 'service', description: 'Health, metrics, contracts' },
      ],
      components: {
        securitySchemes: {
          apiKey: { type: 'http', scheme: 'bearer', bearerFormat: 'rmk_<id>_<secret>', description: 'An API key' },
          accessToken: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'From /v1/auth/login' },
        },
      },
    },
    refResolver: { buildLocalReference: (json) => json.$id as string },
    transform: ({ schema, url, route }) => {
      const demand = route.config?.demand;
      if (demand === undefined || demand === 'open' || demand === 'known') return { schema, url };
      return { schema: { ...schema, description: `Needs the scope \`${demand}\`.` }, url };
    },
  };
}
