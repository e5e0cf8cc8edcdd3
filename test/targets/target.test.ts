import {mkdir, rm, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {beforeEach, describe, expect, it} from 'vitest'
import {describeTarget, resolveTarget, type Target} from '../../src/lib/targets/target.js'
import {readVariables} from '../../src/lib/targets/variables.js'
import {folderOfTest} from '../support/temporary-folder.js'

let repository: string
let below: string

beforeEach(async () => {
  repository = folderOfTest()
  below = join(repository, 'backend', 'src')
  await mkdir(join(repository, '.git'))
  await mkdir(below, {recursive: true})
})

const resolve = (name: string, env: NodeJS.ProcessEnv = {}, cwd = below): Target | undefined =>
  resolveTarget(name, readVariables(env, cwd))

describe('resolveTarget', () => {
  it.each([
    ['local', 'CONNECTION_URL'],
    ['prod', 'PROD_CONNECTION_URL'],
    ['staging', 'STAGING_CONNECTION_URL'],
    ['eu-prod', 'EU_PROD_CONNECTION_URL'],
    ['Prod', 'PROD_CONNECTION_URL'],
  ])('%s reads %s', (name, variable) => {
    expect(resolve(name, {[variable]: 'postgres://u@h/d'})?.origin).toEqual({kind: 'variable', variable})
  })

  it('prefers the environment over .env, and the nearer .env over the farther', async () => {
    await writeFile(
      join(repository, '.env'),
      'CONNECTION_URL="postgres://u@far/d"\nPROD_CONNECTION_URL=postgres://u@prod/d\n',
    )
    expect(resolve('local')?.url.primary.host).toBe('far')
    await writeFile(join(repository, 'backend', '.env'), '\uFEFFCONNECTION_URL=postgres://u@near/d\r\n')
    expect(resolve('local')?.url.primary.host).toBe('near')
    expect(resolve('prod')?.origin).toEqual({
      kind: 'variable',
      variable: 'PROD_CONNECTION_URL',
      path: join(repository, '.env'),
    })
    expect(resolve('local', {CONNECTION_URL: 'postgres://u@env/d'})?.url.primary.host).toBe('env')
  })

  it('does not look above the repository, nor above the folder outside of one', async () => {
    await writeFile(join(repository, '.env'), 'CONNECTION_URL=postgres://u@far/d')
    await mkdir(join(below, '.git'))
    expect(resolve('local')).toBeUndefined()
    await rm(join(below, '.git'), {recursive: true})
    await rm(join(repository, '.git'), {recursive: true})
    expect(resolve('local')).toBeUndefined()
  })

  it('takes a folder named .env for what it is', async () => {
    await mkdir(join(below, '.env'))
    expect(resolve('local')).toBeUndefined()
  })

  it.each<[string, (text: string) => Buffer]>([
    ['UTF-16LE with its mark, as PowerShell writes it', (text) => Buffer.from(`\uFEFF${text}`, 'utf16le')],
    ['UTF-16LE without a mark', (text) => Buffer.from(text, 'utf16le')],
    ['UTF-16BE with its mark', (text) => Buffer.from(`\uFEFF${text}`, 'utf16le').swap16()],
    ['UTF-16BE without a mark', (text) => Buffer.from(text, 'utf16le').swap16()],
  ])('never takes a .env in %s for one without variables', async (_, encode) => {
    const path = join(repository, '.env')
    await writeFile(path, encode('CONNECTION_URL=postgres://u@far/d\r\n'))
    expect(() => resolve('local')).toThrow(
      expect.objectContaining({code: 'env_file_not_utf8', exitCode: 3, details: {path}}) as Error,
    )
    expect(() => resolve('local')).toThrow(`${path} is encoded in UTF-16`)
  })

  it.each([
    'postgres://${DB_USER}:${DB_PASSWORD}@h/d',
    '${DATABASE_URL}',
    "'${DATABASE_URL}'",
    'postgres://u@${DB_HOST:-localhost}/d',
  ])('says that %s in .env is not expanded', async (value) => {
    const path = join(repository, '.env')
    await writeFile(path, `DB_USER=u\nDB_PASSWORD=secret\nCONNECTION_URL=${value}\n`)
    expect(() => resolve('local')).toThrow(
      expect.objectContaining({
        code: 'env_reference',
        exitCode: 3,
        details: {variable: 'CONNECTION_URL', path},
      }) as Error,
    )
    expect(() => resolve('local')).not.toThrow(/secret/)
    expect(resolve('local', {CONNECTION_URL: 'postgres://u@env/d'})?.url.primary.host).toBe('env')
    expect(resolve('prod', {PROD_CONNECTION_URL: 'postgres://u@env/d'})?.url.primary.host).toBe('env')
  })

  it('takes a $ in a password of .env as it is', async () => {
    await writeFile(join(repository, '.env'), 'CONNECTION_URL=postgres://u:pa$word$@h/d\n')
    expect(resolve('local')?.url.password).toBe('pa$word$')
  })

  it('lets no name but local fall back to anything', () => {
    const set = {CONNECTION_URL: 'postgres://u@h/d', STAGING_CONNECTION_URL: 'postgres://u@h/d'}
    expect(() => resolve('prod', set)).toThrow(/PROD_CONNECTION_URL is not set/)
    try {
      resolve('prod', set)
    } catch (error) {
      expect(error).toMatchObject({
        code: 'variable_missing',
        exitCode: 3,
        details: {variable: 'PROD_CONNECTION_URL', targets: ['local', 'staging']},
      })
      expect(String((error as {next: string[]}).next)).toContain(join(below, '.env'))
    }
  })

  it('calls an empty variable empty', () => {
    expect(() => resolve('local', {CONNECTION_URL: ' '})).toThrow(/is empty in the environment/)
  })

  it.each(['postgres://u:secret@h/d', 'a b', '../x', '', '1st', 'é'])('refuses the name %j', (name) => {
    expect(() => resolve(name)).toThrow(expect.objectContaining({code: 'target_name_invalid', exitCode: 2}) as Error)
    expect(() => resolve(name)).not.toThrow(/secret/)
  })

  it('describes itself without the password', () => {
    const target = resolve('prod', {PROD_CONNECTION_URL: 'postgres://app:secret@h:6000/d'})
    expect(target && describeTarget(target)).toBe('prod: app@h:6000/d (PROD_CONNECTION_URL)')
  })
})
