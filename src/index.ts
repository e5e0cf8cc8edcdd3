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
export type {Queries, QueryReport} from './lib/app/queries.js'
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
export type {Piece, PieceKind} from './lib/script/pieces.js'
export type {Place} from './lib/script/place.js'
export {
  type RunOptions,
  runScripts,
  runSqlFile,
  type RunSummary,
  type ScriptInput,
  type ScriptMessage,
  type ScriptProgress,
} from './lib/script/run-file.js'
export {type SplitterOptions, SqlSplitter} from './lib/script/splitter.js'
export type {StatementClass} from './lib/script/words.js'
export {ConnectionUrl, type HostAndPort} from './lib/target/connection-url.js'
export {type Origin, resolveTarget, type Target} from './lib/target/target.js'
export {type FoundVariable, readVariables, type Variables} from './lib/target/variables.js'
