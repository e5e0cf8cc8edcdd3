import {mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {expect} from 'vitest'
import type {ShellName} from '../../src/lib/completion/script.js'
import {cli} from './cli.js'
import {withTerminal} from './terminal.js'

/** The text typed before Tab, and the expected rest of the line. */
const lines = [
  ['cruddur-db targ', 'et'],
  ['cruddur-db sessions:k', 'ill'],
  ['cruddur-db sessions --state fast', 'path\\ function\\ call'],
  ['cruddur-db sessions --state idle\\ in\\ transaction\\ ', '\\(aborted\\)'],
  ['cruddur-db schema:l', 'oad'],
  ['cruddur-db sg', ':update'],
  ['cruddur-db help prot', 'ect'],
  ['cruddur-db --vers', 'ion'],
  ['cruddur-db create stag', 'ing'],
  ['cruddur-db schema:load eu-w', 'est'],
  ['cruddur-db doctor devel', 'opment'],
  ['cruddur-db undo loc', 'al'],
  ['cruddur-db --json wait above', '-all'],
  ['cruddur-db activity:create --ttl 30', '-days'],
  ['cruddur-db activity:create --ttl=12', '-hours'],
  ['cruddur-db activity:create --handle ada --ttl 3-h', 'ours'],
  ['cruddur-db activity:create --handle ada devel', 'opment'],
  ['cruddur-db seed --no-t', 'ransaction'],
  ['cruddur-db seed --file dem', 'o.sql'],
  ['cruddur-db seed --file=dem', 'o.sql'],
  ['cruddur-db completion fis', 'h'],
] as const

/** The command that starts a shell without the user's files, with settings that often break scripts, and the script. */
const starts: Record<
  ShellName,
  (folder: string) => {args: string[]; rc: string; text: string; env?: NodeJS.ProcessEnv}
> = {
  bash: (folder) => ({
    args: ['--noprofile', '--rcfile', join(folder, 'rc'), '-i'],
    rc: 'rc',
    text: "PS1='ready> '\nalias cat=false env=false sed=false\nset -u\nshopt -s failglob\n. ./script\n",
  }),
  zsh: (folder) => ({
    args: ['-i'],
    rc: '.zshrc',
    text: "PROMPT='ready> '\nalias cat=false env=false sed=false\nsetopt ksharrays\n. ./script\n",
    env: {ZDOTDIR: folder},
  }),
  fish: () => ({
    args: ['--no-config', '--init-command', '. ./rc'],
    rc: 'rc',
    text: "set -g fish_autosuggestion_enabled 0\nfunction fish_prompt; echo -n 'ready> '; end\n. ./script\n",
  }),
}

/** Types every line in the real shell and checks what Tab adds; no value of a variable may appear on the screen. */
export async function expectCompletion(shell: ShellName): Promise<void> {
  const repository = await mkdtemp(join(tmpdir(), 'cruddur-complete-'))
  const folder = join(repository, 'packages', 'api')
  try {
    await mkdir(join(repository, '.git'))
    await mkdir(folder, {recursive: true})
    await writeFile(
      join(repository, '.env'),
      'EU_WEST_CONNECTION_URL=postgres://u:secret@h/d\nABOVE_ALL_CONNECTION_URL="x"',
    )
    await writeFile(
      join(folder, '.env'),
      ' export DEVELOPMENT_CONNECTION_URL = postgres://u:secret@h/d\n# COMMENT_CONNECTION_URL=x\n',
    )
    await writeFile(join(folder, 'demo.sql'), '')
    await writeFile(join(folder, 'script'), (await cli(['completion', shell])).stdout)
    const {args, rc, text, env} = starts[shell](folder)
    await writeFile(join(folder, rc), text)
    const options = {
      file: shell,
      cwd: folder,
      rows: 50,
      env: {HOME: folder, STAGING_CONNECTION_URL: 'postgres://u:secret@h/d', ...env},
    }
    await withTerminal(args, options, async (terminal) => {
      const untilLine = (line: string): Promise<string> =>
        terminal.until((screen) => screen.split('\n').at(-1)?.trimEnd() === line)
      await untilLine('ready>')
      for (const [typed, rest] of lines) {
        terminal.type(`${typed}\t`)
        await untilLine(`ready> ${typed}${rest}`)
        // Ctrl-U clears the line.
        terminal.type('\x15')
        await untilLine('ready>')
      }

      expect(terminal.output()).not.toMatch(/secret|command not found|no such/i)
      terminal.type('exit 7\r')
      expect(await terminal.exit).toBe(7)
    })
  } finally {
    await rm(repository, {recursive: true, force: true})
  }
}
