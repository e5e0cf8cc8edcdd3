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
export {ConnectionUrl, type HostAndPort} from './lib/target/connection-url.js'
export {type Origin, resolveTarget, type Target} from './lib/target/target.js'
export {type FoundVariable, readVariables, type Variables} from './lib/target/variables.js'
