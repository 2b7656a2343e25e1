/** The little that we use of the npm package ari-client 2.2.0, which has no types of its own. */
declare module 'ari-client' {
  type Operation = (params: Record<string, unknown>) => Promise<unknown>;

  /** What swagger-client calls back with; `status` is there when the PBX answered. */
  interface SwaggerFailure {
    readonly status?: number;
    readonly data?: unknown;
  }

  type SwaggerOperation = (
    params: unknown,
    succeed: (response: unknown) => void,
    fail: (failure: SwaggerFailure) => void,
  ) => void;

  interface AriClientInstance {
    /** Resource, operation. */
    readonly [resource: string]: Record<string, Operation> | undefined;
  }

  interface AriClientPackage {
    connect(baseUrl: string, user: string, password: string): Promise<AriClientInstance>;
  }

  const ariClient: AriClientPackage;
  export default ariClient;
  export type { AriClientInstance, AriClientPackage, Operation, SwaggerFailure, SwaggerOperation };
}
