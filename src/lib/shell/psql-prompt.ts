import {readdir} from 'node:fs/promises'
import {basename, dirname, join, sep} from 'node:path'
import {homeFolder} from '../targets/account.js'
import {withPrivateFolder} from '../access/private-folder.js'
import type {ShellSession} from './session.js'

/**
 * The prompt for psql: target, database, access, and psql's own signs. psql fills in the database (`%/`), so that it is
 * right after `\\c` too (https://www.postgresql.org/docs/current/app-psql.html#APP-PSQL-PROMPTING).
 */
export function psqlPrompt({target: {name}, access}: ShellSession, color: boolean): string {
  if (access === 'free') return `${name}/%/%R%x%# `
  const text = `${name}/%/ (${access})`
  return `${color ? `%[%033[1;31m%]${text}%[%033[0m%]` : text}%R%x%# `
}

/**
 * Calls `use` with a variable that makes psql show our prompt even if the user's psqlrc sets another. It names our own
 * psqlrc files, which first read the user's. psql chooses between `psqlrc`, `psqlrc-15` and `psqlrc-15.4` by its version,
 * so there is one of ours for each of the user's.
 */
export async function withPsqlrc<T>(
  prompt: string,
  env: NodeJS.ProcessEnv,
  use: (variables: NodeJS.ProcessEnv) => Promise<T>,
): Promise<T> {
  const own = userPsqlrc(env)
  const prompts = ['PROMPT1', 'PROMPT2'].map((name) => `\\set ${name} ${quotedForPrompt(prompt)}`)
  const names = await readdir(dirname(own)).catch((): string[] => [])
  return withPrivateFolder(async (put) => {
    for (const suffix of names.flatMap((name) => suffixOf(name, basename(own)) ?? [])) {
      await put(`psqlrc${suffix}`, [`\\i ${quotedForPrompt(own + suffix)}`, ...prompts, ''].join('\n'))
    }

    const include = names.includes(basename(own)) ? [`\\i ${quotedForPrompt(own)}`] : []
    return use({PSQLRC: await put('psqlrc', [...include, ...prompts, ''].join('\n'))})
  })
}

function suffixOf(name: string, base: string): string | undefined {
  const suffix = name.startsWith(base) ? name.slice(base.length) : undefined
  return suffix === undefined || !/^-\d[\w.]*$/.test(suffix) ? undefined : suffix
}

function userPsqlrc(env: NodeJS.ProcessEnv): string {
  // Without a home folder there is no psqlrc: the file is looked for in a folder that does not exist.
  const home = homeFolder(env) ?? join(sep, 'no home folder')
  if (env['PSQLRC']) return env['PSQLRC'].replace(/^~(?=\/|$)/, home)
  if (process.platform === 'win32')
    return join(env['APPDATA'] ?? join(home, 'AppData', 'Roaming'), 'postgresql', 'psqlrc.conf')
  return join(home, '.psqlrc')
}

/** Quotes an argument of a psql command. */
function quotedForPrompt(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
}
