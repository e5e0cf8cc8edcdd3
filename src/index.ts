export {
  type Activity,
  createActivity,
  deleteActivity,
  homeActivities,
  type HomeOptions,
  type NewActivity,
  type NewReply,
  replyToActivity,
  updateActivity,
} from './lib/app/activities.js'
export {Db, type DbOptions} from './lib/app/db.js'
export {type JsonText, parseJson} from './lib/app/json.js'
export {maxCharacters} from './lib/app/message.js'
export {type Log, postConfirmation, type PostConfirmationEvent} from './lib/app/post-confirmation.js'
export type {Queries, QueryReport, ReadOptions} from './lib/app/queries.js'
export type {Parameters} from './lib/app/statement.js'
export type {Transaction, TransactionOptions} from './lib/app/transaction.js'
export {type Ttl, ttls} from './lib/app/ttl.js'
export {createUser, type NewUser, type Profile, type User, userByHandle, userProfile} from './lib/app/users.js'
export {
  AwsError,
  CheckError,
  ConfigurationError,
  ConnectionError,
  CruddurError,
  type ErrorOptions,
  type ExitCode,
  exitCodes,
  type InputComplaint,
  InputError,
  InterruptedError,
  MissingProgramError,
  RefusedError,
  SqlError,
  StateError,
  UsageError,
} from './lib/errors.js'
export type {Place} from './lib/sql-files/place.js'
export {
  type RunOptions,
  runScripts,
  runSqlFile,
  type RunSummary,
  type ScriptMessage,
  type ScriptProgress,
} from './lib/sql-files/run-file.js'
export type {ScriptInput} from './lib/sql-files/sql-file.js'
export type {Piece, PieceKind} from './lib/sql-text/pieces.js'
export {type SplitterOptions, SqlSplitter} from './lib/sql-text/splitter.js'
export type {StatementClass} from './lib/sql-text/words.js'
export {ConnectionUrl} from './lib/targets/connection-url.js'
export {type Origin, resolveTarget, type Target} from './lib/targets/target.js'
export type {HostAndPort} from './lib/targets/url-parts.js'
export {type FoundVariable, readVariables, type Variables} from './lib/targets/variables.js'
