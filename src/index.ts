export {
  AwsError,
  CheckError,
  ConfigurationError,
  ConnectionError,
  CruddurError,
  type ErrorOptions,
  type ExitCode,
  exitCodes,
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
