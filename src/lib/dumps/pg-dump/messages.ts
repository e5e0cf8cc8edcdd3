/** What the main thread and the worker of pg_dump send each other. */

export interface WorkerInput {
  /** The arguments of pg_dump. */
  args: string[]
  /** Our answer to its login, which it believes to be the server's. */
  login: Uint8Array
  /** Counts the answers that were sent to the worker, to wake it. */
  answers: Int32Array<SharedArrayBuffer>
}

/** `send` goes to the server, whose answer is sent back. The others are the end. */
export type WorkerMessage =
  {kind: 'send'; bytes: Uint8Array} | {kind: 'done'; text: string} | {kind: 'failed'; message: string}
