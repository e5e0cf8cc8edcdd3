import {ScriptReport} from '../sql-files/report.js'
import type {SqlFileOptions} from '../sql-files/run-sql-file.js'
import {workingFolder} from '../targets/account.js'
import {DatabaseCommand} from './database-command.js'
import {lockWaits} from './lock-flags.js'
import {setVariables} from './set-flag.js'

interface ScriptFlagValues {
  file?: string
  verbose: boolean
  'no-transaction': boolean
  set?: string[]
  'lock-timeout'?: string
  wait?: string
}

/** The base of commands that run SQL files: shows messages, progress and a summary. */
export abstract class ScriptCommand extends DatabaseCommand {
  /** Calls `run` with the options that the flags give; resolves with its result and a summary in one line. */
  protected async report<Result extends Parameters<ScriptReport['summary']>[0]>(
    flags: ScriptFlagValues,
    run: (options: SqlFileOptions) => Promise<Result>,
  ): Promise<{result: Result; summary: string}> {
    const {remark, addWarning: warn} = this
    const report = new ScriptReport({remark, warn, verbose: flags.verbose})
    const {onMessage, onProgress} = report
    try {
      const result = await run({
        file: flags.file,
        variables: setVariables(flags.set),
        transaction: !flags['no-transaction'],
        waits: flags['lock-timeout'] === undefined && flags.wait === undefined ? undefined : lockWaits(flags),
        cwd: workingFolder(),
        onMessage,
        onProgress,
      })
      return {result, summary: report.summary(result)}
    } finally {
      report.end()
    }
  }
}
