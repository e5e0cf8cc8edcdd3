import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {text} from 'node:stream/consumers'
import {setTimeout as pause} from 'node:timers/promises'
import {describe, expect, it} from 'vitest'
import {bareEnvironment, cli, json, program} from '../support/cli.js'
import {databaseExists, query, uniqueName, urlOf} from '../support/databases.js'
import {preload, whileConnecting} from '../support/preload.js'
import {folderOfTest} from '../support/temporary-folder.js'

type Stream = 'stdout' | 'stderr'

/** Runs the program with readers that have gone before it writes. */
async function without(
  readers: Stream[],
  args: string[],
  env: NodeJS.ProcessEnv,
): Promise<{exitCode: number; said: string}> {
  const child = spawn(process.execPath, [program, ...args], {
    env: {...bareEnvironment, ...env},
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  for (const reader of readers) child[reader].destroy()
  const said = readers.includes('stderr') ? Promise.resolve('') : text(child.stderr)
  const [exitCode] = (await once(child, 'close')) as [number]
  return {exitCode, said: await said}
}

describe('stdout', () => {
  const noisy = whileConnecting("console.log('noise'); console.info('noise'); process.stdout.write('noise\\n')")

  it('holds nothing but the document when a dependency prints', async () => {
    const env = {CONNECTION_URL: urlOf('postgres'), ...noisy}
    const machine = await cli(['wait', '--json'], {env})
    expect(machine.exitCode).toBe(0)
    expect(json(machine)).toMatchObject({command: 'wait'})
    expect(machine.stdout).not.toContain('noise')
    expect(machine.stderr.match(/noise/g)).toHaveLength(3)
    expect((await cli(['wait'], {env})).stdout).toMatch(/^noise\nnoise\nnoise\npostgres answered/)
  })

  it('that cannot be written is a failure, told once', async () => {
    const full = preload(`process.stdout.write = function () {
      process.nextTick(() => this.emit('error', Object.assign(new Error('no space'), {code: 'ENOSPC'})))
      return false
    }`)
    for (const args of [['target'], ['target', '--json']]) {
      const {exitCode, stderr} = await cli(args, {env: full})
      expect(exitCode).toBe(3)
      expect(stderr).toMatch(/^Error: The output cannot be written \(ENOSPC\)\.\n {2}[^\n]+$/)
    }
  })

  it('comes whole to a slow reader, megabytes of it', async () => {
    const folder = folderOfTest()
    const names = Array.from(
      {length: 45_000},
      (_, index) => `A_RATHER_LONG_NAME_OF_A_TARGET_THAT_NO_ONE_MEANS_${index}`,
    )
    await writeFile(join(folder, '.env'), names.map((name) => `${name}_CONNECTION_URL=postgres://u@h/d\n`).join(''))
    const child = spawn(process.execPath, [program, 'create', 'other', '--json'], {
      cwd: folder,
      env: {...bareEnvironment},
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const ended = once(child, 'exit')
    let stdout = ''
    for await (const chunk of child.stdout.setEncoding('utf8')) {
      stdout += chunk
      await pause(1)
    }

    expect(await ended).toEqual([3, null])
    expect(stdout.length).toBeGreaterThan(5_000_000)
    expect((json({stdout}).error?.details['targets'] as string[]).length).toBe(names.length + 1)
  })
})

describe('a reader that has gone', () => {
  it.each<[Stream[]]>([[['stdout']], [['stderr']], [['stdout', 'stderr']]])(
    'from %j changes no exit code and is not complained of',
    async (readers) => {
      for (const [args, exitCode] of [
        [['target'], 0],
        [['target', '--json'], 0],
        [['target', 'other'], 3],
        [['target', 'other', '--json'], 3],
        [['--help'], 0],
        [['dorp'], 2],
      ] as const) {
        const result = await without(readers, [...args], {})
        expect(result.exitCode, args.join(' ')).toBe(exitCode)
        expect(result.said).not.toMatch(/EPIPE|\bat .*js/)
      }
    },
  )

  it('stops no work half way', async () => {
    const name = uniqueName('piped')
    const {exitCode} = await without(['stdout', 'stderr'], ['setup'], {CONNECTION_URL: urlOf(name)})
    expect(exitCode).toBe(0)
    expect(await query(name, 'select count(*)::int as users from users')).toEqual([{users: 3}])
    expect((await cli(['drop'], {env: {CONNECTION_URL: urlOf(name)}})).exitCode).toBe(0)
    expect(await databaseExists(name)).toBe(false)
  })
})
