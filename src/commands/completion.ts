import {Args} from '@oclif/core'
import {BaseCommand} from '../lib/cli/base-command.js'
import {readManifest} from '../lib/cli/manifest.js'
import {completionScript, type CompletionScript, type ShellName, shells} from '../lib/completion/script.js'
import {packageRoot} from '../lib/package-root.js'

export default class Completion extends BaseCommand {
  static override summary = 'Print a shell completion script for bash, zsh or fish.'
  static override description =
    'It completes commands, flags, values and target names. It reads the names of variables, not their values.'
  static override examples = [
    '<%= config.bin %> <%= command.id %> fish | source',
    'eval "$(<%= config.bin %> <%= command.id %> bash)"',
    'eval "$(<%= config.bin %> <%= command.id %> zsh)"',
  ]
  static override args = {
    shell: Args.string({ignoreStdin: true, options: shells, required: true, description: 'The shell.'}),
  }

  async run(): Promise<CompletionScript> {
    const {args} = await this.parse(Completion)
    const result = completionScript(args.shell as ShellName, readManifest(packageRoot()).commands.values())
    this.print(result.script.trimEnd())
    return result
  }
}
