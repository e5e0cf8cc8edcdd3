import {Signer} from '@aws-sdk/rds-signer'
import {execa} from 'execa'
import {readdir, stat} from 'node:fs/promises'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {beforeAll, describe, expect, it, vi} from 'vitest'
import {postConfirmation, type PostConfirmationEvent} from '../../src/lib/app/post-confirmation.js'
import {cruddur} from '../support/cruddur.js'
import {query, uniqueName} from '../support/databases.js'
import {startInstance} from '../support/lambda.js'
import {temporaryFolder} from '../support/temporary-folder.js'

const cruds = cruddur()
const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = temporaryFolder()
let file: string

beforeAll(async () => {
  file = join(folder, 'post-confirmation.mjs')
  await execa(process.execPath, ['scripts/build-lambda.js', folder], {cwd: root})
  // Which connection stored a user.
  await cruds.run('alter table users add column pid int default pg_backend_pid()')
})

/**
 * The event as AWS documents it: the parameters that all triggers have, and the request of this one
 * (https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-post-confirmation.html).
 */
function eventOf(
  name: string,
  changes: Record<string, string | undefined> = {},
  triggerSource = 'PostConfirmation_ConfirmSignUp',
): PostConfirmationEvent {
  return {
    ...{version: '1', region: 'eu-west-1', userName: `user-${name}`},
    userPoolId: 'eu-west-1_EXAMPLE',
    triggerSource,
    ...{callerContext: {awsSdkVersion: 'aws-sdk-unknown-unknown', clientId: 'exampleclientid'}},
    request: {
      userAttributes: {
        sub: `sub-${name}`,
        email_verified: 'true',
        'cognito:user_status': 'CONFIRMED',
        name: `Name of ${name}`,
        preferred_username: name,
        email: `${name}@example.com`,
        ...changes,
      },
      ...{clientMetadata: {source: 'web'}},
    },
    ...{response: {}},
  }
}

const stored = (name: string): Promise<Record<string, unknown>[]> =>
  cruds.run('select display_name, handle, email, pid from users where cognito_user_id = $1', [`sub-${name}`])

describe('the bundled function', () => {
  it('is one minified ES module under 1 MB with its source map', async () => {
    expect(await readdir(folder)).toEqual(['post-confirmation.mjs', 'post-confirmation.mjs.map'])
    expect((await stat(file)).size).toBeLessThan(1_000_000)
  })

  it('stores the confirmed user and returns the event; again and for a password reset it changes nothing', async () => {
    const name = uniqueName('u')
    const instance = startInstance(file, {CONNECTION_URL: cruds.url})
    const signUp = eventOf(name, {name: 'Zoë ‏עדה 👩‍💻'})
    expect(await instance.invoke(signUp)).toEqual({returned: signUp})
    expect(await instance.invoke(signUp)).toEqual({returned: signUp})
    const reset = eventOf(
      name,
      {email: `new-${name}@example.com`, name: undefined},
      'PostConfirmation_ConfirmForgotPassword',
    )
    expect(await instance.invoke(reset)).toEqual({returned: JSON.parse(JSON.stringify(reset)) as object})
    expect(await stored(name)).toMatchObject([
      {display_name: 'Zoë ‏עדה 👩‍💻', handle: name, email: `${name}@example.com`},
    ])
    expect(await instance.end()).toBe('')
  })

  it('keeps its connection between invocations, and replaces one that was lost', async () => {
    const names = [uniqueName('u'), uniqueName('u'), uniqueName('u')] as const
    const instance = startInstance(file, {CONNECTION_URL: cruds.url})
    await instance.invoke(eventOf(names[0]))
    await instance.invoke(eventOf(names[1]))
    await cruds.endSessions()
    expect(await instance.invoke(eventOf(names[2]))).toHaveProperty('returned')
    const [first, second, third] = await Promise.all(names.map(async (name) => (await stored(name))[0]?.['pid']))
    expect(second).toBe(first)
    expect(third).not.toBe(first)
    expect(await instance.end()).toBe('')
  })

  it('stores on a password reset whom an earlier failure left out', async () => {
    const name = uniqueName('u')
    const instance = startInstance(file, {CONNECTION_URL: cruds.url})
    expect(await instance.invoke(eventOf(name, {}, 'PostConfirmation_ConfirmForgotPassword'))).toHaveProperty(
      'returned',
    )
    expect(await stored(name)).toHaveLength(1)
    await instance.end()
  })

  it.each([
    ['an attribute missing', {preferred_username: undefined}, 'handle_blank'],
    ['a handle that is taken', {preferred_username: 'ADA'}, 'handle_taken'],
    ['a handle that cannot be one', {preferred_username: 'Ada Lovelace; drop table users'}, 'handle_invalid'],
    ['an address that is taken', {email: 'ada@example.com'}, 'email_taken'],
  ])('fails for %s with a code, and logs which user without their data', async (_, changes, code) => {
    const name = uniqueName('u')
    const instance = startInstance(file, {CONNECTION_URL: cruds.url})
    expect(await instance.invoke(eventOf(name, changes))).toEqual({
      error: {errorType: 'Error', errorMessage: `The user was not stored (${code}).`},
    })
    const log = await instance.end()
    expect(JSON.parse(log.split('\n')[0] ?? '')).toEqual({
      level: 'error',
      message: 'The confirmed user was not stored.',
      code,
      sub: `sub-${name}`,
      trigger: 'PostConfirmation_ConfirmSignUp',
      pool: 'eu-west-1_EXAMPLE',
    })
    expect(log).not.toMatch(/@example\.com|Name of/)
    expect(await stored(name)).toEqual([])
  })

  it.each([
    ['nothing listens', (url: URL) => (url.port = '1'), 'ECONNREFUSED'],
    ['the password is wrong', (url: URL) => (url.password = 'wrong-secret'), '28P01'],
    ['the database is missing', (url: URL) => (url.pathname = '/there-is-none'), '3D000'],
  ])('says so where %s, without the password', async (_, change, code) => {
    const url = new URL(cruds.url)
    const {password} = url
    change(url)
    const instance = startInstance(file, {CONNECTION_URL: url.href})
    expect(await instance.invoke(eventOf('x'))).toMatchObject({
      error: {errorMessage: `The user was not stored (${code}).`},
    })
    const log = await instance.end()
    expect(log).toContain(code)
    for (const secret of [password, 'wrong-secret']) expect(log).not.toContain(secret)
  })

  it('has its stack traces in the source, and no secret where its URL is no good', async () => {
    const instance = startInstance(file, {CONNECTION_URL: 'postgres://u:p#secret@h/d'})
    const {error} = await instance.invoke(eventOf('x'))
    expect(error?.errorMessage).toContain('CONNECTION_URL has an unescaped #')
    expect(error?.errorMessage).toMatch(/connection-url\.ts:\d+/)
    expect(error?.errorMessage).not.toContain('secret')
  })

  it("logs in by an IAM token of this moment, made from the function's own credentials", async () => {
    const now = Date.parse('2026-03-04T05:06:07Z')
    const role = uniqueName('iam')
    const url = new URL(cruds.url)
    url.username = role
    url.password = ''
    const aws = {
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'secret-key',
      AWS_SESSION_TOKEN: 'session/token==',
    }
    const token = await tokenOf(url, role, now, aws)
    await query('postgres', `create role ${role} login password '${token}'`)
    await cruds.run(`grant select, insert on users to ${role}`)
    const env = {CONNECTION_URL: url.href, CONNECTION_AUTH: 'iam', ...aws}
    const clock = `const Real = Date; globalThis.Date = class extends Real { constructor(...a) { super(...(a.length ? a : [${now}])) } static now() { return ${now} } }`
    const name = uniqueName('u')
    const instance = startInstance(file, env, clock)
    expect(await instance.invoke(eventOf(name))).toHaveProperty('returned')
    expect(await stored(name)).toHaveLength(1)
    expect(await instance.end()).toBe('')
    const other = startInstance(file, {...env, AWS_SECRET_ACCESS_KEY: 'another'}, clock)
    expect(await other.invoke(eventOf(uniqueName('u')))).toMatchObject({
      error: {errorMessage: 'The user was not stored (28P01).'},
    })
    expect(await other.end()).not.toMatch(/another|X-Amz/)
    await cruds.run(`drop owned by ${role}`)
    await query('postgres', `drop role ${role}`)
  })
})

/** The token as AWS's own signer makes it at that moment. */
async function tokenOf(url: URL, username: string, now: number, aws: Record<string, string>): Promise<string> {
  vi.useFakeTimers({toFake: ['Date'], now})
  try {
    const credentials = {
      accessKeyId: aws['AWS_ACCESS_KEY_ID'] ?? '',
      secretAccessKey: aws['AWS_SECRET_ACCESS_KEY'] ?? '',
      sessionToken: aws['AWS_SESSION_TOKEN'],
    }
    return await new Signer({
      hostname: url.hostname,
      port: Number(url.port),
      username,
      region: 'eu-west-1',
      credentials,
    }).getAuthToken()
  } finally {
    vi.useRealTimers()
  }
}

describe('postConfirmation', () => {
  it('makes one row of an event that comes several times at once', async () => {
    const lines: string[] = []
    const handler = postConfirmation(cruds.open(), (line) => lines.push(line))
    const name = uniqueName('u')
    const event = eventOf(name)
    const answers = await Promise.all(Array.from({length: 8}, () => handler(event)))
    expect(answers.every((answer) => answer === event)).toBe(true)
    expect(await stored(name)).toHaveLength(1)
    expect(lines).toEqual([])
  })

  it.each([
    [{}, 'display_name_blank'],
    [{request: {userAttributes: {sub: ['x'], name: {}, preferred_username: 'x', email: 'x'}}}, 'display_name_invalid'],
  ])('logs and refuses an event that is not as AWS documents it: %j', async (event, code) => {
    const lines: string[] = []
    const handler = postConfirmation(cruds.open(), (line) => lines.push(line))
    await expect(handler(event as PostConfirmationEvent)).rejects.toThrow(`The user was not stored (${code}).`)
    expect(lines).toHaveLength(1)
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({level: 'error', code})
  })
})
