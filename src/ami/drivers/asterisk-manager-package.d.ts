/** What we use of asterisk-manager 0.2.0, which ships no types. */
declare module 'asterisk-manager' {
  export interface Manager {
    on(event: string, handler: (...args: unknown[]) => void): void;
    removeAllListeners(event?: string): void;
    connect(port: number, host: string, callback?: () => void): void;
    login(callback: (error?: unknown) => void): void;
    action(fields: Record<string, unknown>): string;
    disconnect(callback?: () => void): void;
  }
  export default function createManager(
    port: undefined,
    host: string,
    username: string,
    secret: string,
    events: boolean,
  ): Manager;
}
