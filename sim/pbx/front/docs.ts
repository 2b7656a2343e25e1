import { OPERATIONS } from '../../../src/ari/index.ts';

type Operation = readonly [name: string, shape: (typeof OPERATIONS)[keyof typeof OPERATIONS]];

const head = { apiVersion: '2.0.0', swaggerVersion: '1.1' };
const resourceOf = ([name]: Operation): string => name.split('.')[0] ?? '';

/**
 * The description of ARI that a PBX serves under `api-docs/`, from which ari-client learns its operations: Swagger 1.1,
 * no more of it than that package reads. Undefined for a page that there is none of.
 */
export function descriptionOf(page: string, baseUrl: string): object | undefined {
  const operations: readonly Operation[] = Object.entries(OPERATIONS);
  const resources = [...new Set(operations.map(resourceOf))];
  const basePath = { ...head, basePath: baseUrl };
  if (page === 'resources.json') {
    return { ...basePath, apis: resources.map((name) => ({ path: `/api-docs/${name}.{format}`, description: name })) };
  }
  const resource = resources.find((name) => page === `${name}.json`);
  if (resource === undefined) return undefined;
  return {
    ...basePath,
    resourcePath: `/api-docs/${resource}.{format}`,
    apis: operations.filter((one) => resourceOf(one) === resource).map(apiOf),
    models: {},
  };
}

function apiOf([name, { method, path, inPath, inQuery, body, response }]: Operation): object {
  const parameter = (paramType: string) => (one: string) => ({
    name: one,
    paramType,
    required: paramType === 'path',
    allowMultiple: false,
    dataType: paramType === 'body' ? 'containers' : 'string',
  });
  const parameters = [
    ...inPath.map(parameter('path')),
    ...inQuery.map(parameter('query')),
    ...(body ? [parameter('body')(body.name)] : []),
  ];
  const operation = { httpMethod: method, nickname: name.split('.')[1], responseClass: response, parameters };
  return { path: `/${path}`, description: name, operations: [operation] };
}
