/** What the main thread and the worker of pg_dump send each other. */

export interface WorkerInput {
  /** Counts the messages that were sent to the worker, to wake it. */
  sent: Int32Array<SharedArrayBuffer>
  /** What other workers have compiled and optimized; undefined if the worker is to compile pg_dump itself. */
  module: WebAssembly.Module | undefined
}

/** The first message to the worker. The others are the server's answers. */
export interface WorkerTask {
  /** The arguments of pg_dump. */
  args: string[]
  /** Our answer to its login, which it believes to be the server's. */
  login: Uint8Array
}

/** `send` goes to the server, whose answer is sent back. The others are the end. */
export type WorkerMessage =
  | {kind: 'send'; bytes: Uint8Array}
  | {kind: 'done'; text: Uint8Array<ArrayBuffer>}
  /** `said` is what pg_dump has written to stderr. */
  | {kind: 'failed'; said: string}
