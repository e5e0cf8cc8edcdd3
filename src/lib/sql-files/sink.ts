import type {PostgresClient} from '../postgres/connect/postgres-client.js'
import type {CopyIn} from '../postgres/wire/script-wire.js'
import type {BufferPiece} from '../sql-text/pieces.js'
import type {ConnectTo} from '../sql-text/psql/command.js'
import type {AnsweredRows, PsqlStateOptions, unknownRows} from '../sql-text/psql/state.js'
import type {Queued, ScriptFile} from './batch.js'

/** A session in which files run; `database` is the name of the database in the files. */
export interface ScriptSession {
  client: PostgresClient
  database: string | undefined
}

/** A `\connect` in a file. */
export interface ConnectAsked {
  to: ConnectTo
  unsure?: true
  piece: BufferPiece
  script: ScriptFile
}

/** Receives the statements and the data of the files. */
export interface StatementSink {
  /** Receives a statement. Returns a promise only if the walk must wait before the next one. */
  add(queued: Queued): Promise<void> | undefined
  /** Receives a COPY … FROM STDIN whose data begins at that line. */
  copy(queued: Queued, data: {script: ScriptFile; line: number}): Promise<CopyIn>
  /** Receives a statement whose rows are needed; they are not known if nothing runs. */
  answer(queued: Queued): Promise<AnsweredRows | typeof unknownRows>
  /** Asks the server something that is not in the files. */
  ask(question: string): Promise<AnsweredRows>
  /** Goes on in another database; undefined if nothing changes. */
  connect(asked: ConnectAsked): Promise<ScriptSession | undefined>
  /** Waits for all statements; resolves with the number of rows of the last one. */
  lastCount(): Promise<number | typeof unknownRows>
}

export interface WalkOptions extends Pick<PsqlStateOptions, 'cwd' | 'values' | 'isDump'> {
  /** The session, if there is one. */
  session?: ScriptSession | undefined
  /** Called with each line that the files print. */
  echo: (text: string) => void
  /** Called with what is passed over. */
  remark: (text: string) => void
  warn: (text: string) => void
  /** The encoding of the files until they set one; undefined for UTF-8. */
  encoding?: string | undefined
  /** Whether an empty file is no error. */
  mayBeEmpty?: boolean | undefined
  /** Called with the number of bytes that were read so far. */
  progress: (bytes: number) => void
  /** Reads the files without running them. Called with what can be read only once, which is left out. */
  dry?: {onUnreadable: () => void}
}
