/** What the snippets know of the server that they ask. */
export interface AskedServer {
  readonly url: string;
  readonly agiPort: number;
  /** How long a call waits for its answer. */
  readonly boundMs: number;
}
