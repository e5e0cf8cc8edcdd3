import {describe, expect, it} from 'vitest'
import {cli, json} from '../support/cli.js'

const local = {CONNECTION_URL: 'postgres://u@127.0.0.1:1/d'}
const complaints: [string[], string][] = [
  [['create', '--nonsense'], 'Unknown flag --nonsense.'],
  [['create', '--nonsense', '-y'], 'Unknown flags --nonsense, -y.'],
  [['create', 'a', 'b'], 'Unexpected argument "b".'],
  [['create', 'a', 'b', 'c d'], 'Unexpected arguments "b", "c d".'],
  [['sessions', '--watch', '--blocking'], '--blocking cannot be used with --watch.'],
  [['undo', '--list', '--discard'], '--discard cannot be used with --list.'],
  [['undo', '--list', '--discard', '--force'], '--discard cannot be used with --list. --force cannot be used with --list.'],
  [['setup', '--refresh'], '--refresh needs --cached.'],
  [['seed', '--file'], '--file needs a value.'],
  [['seed', '--file', 'a', '--file', 'b'], '--file can be given only once.'],
  [['completion', 'tcsh'], '"tcsh" is not one of: bash, zsh, fish.'],
  [['completion'], 'Missing argument: SHELL (bash, zsh, fish).'],
  [['activity:delete', '--handle', 'ada'], 'Missing --uuid.'],
  [['activity:delete'], 'Missing --handle, --uuid.'],
  [['sessions', '--state', 'asleep'], '--state cannot be "asleep". It is one of: active,'],
  [['sessions', '--state'], '--state needs a value, one of: active,'],
  [['activity:home', '--limit', 'few'], '--limit takes a whole number, not "few".'],
  [['server:start', '--port', '0'], '--port is at least 1, not 0.'],
  [['server:start', '--port', '70000'], '--port is at most 65535, not 70000.'],
]

describe('a command line that oclif refuses', () => {
  it.each(complaints)('%j is refused in words of ours', async (args, sentence) => {
    const human = await cli(args, {env: local})
    expect(human).toMatchObject({exitCode: 2, stdout: '', stderr: expect.stringContaining(`Error: ${sentence}`) as string})
    expect(human.stderr).toContain(`cruddur-db ${args[0]} --help`)
    if (args[0] !== 'completion') expect(json(await cli([...args, '--json'], {env: local})).error?.message).toContain(sentence)
  })

  it('has one sentence for a flag that is unknown, whether oclif is loaded or not', async () => {
    const [before, after] = await Promise.all([cli(['setup', '--nonsense'], {env: local}), cli(['setup', '--nonsense'], {env: {...local, DEBUG: '1'}})])
    expect(after.stderr.split('\n')[0]).toBe(before.stderr.split('\n')[0])
  })
})
