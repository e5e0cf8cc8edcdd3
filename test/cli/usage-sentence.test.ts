import {describe, expect, it} from 'vitest'
import {usageSentence} from '../../src/lib/cli/usage-sentence.js'
import {cli, json} from '../support/cli.js'

describe('what is wrong with flags and arguments', () => {
  it.each([
    [['undo', '--list', '--discard'], '--discard cannot be used with --list.'],
    [['setup', '--refresh'], '--refresh can only be used with --cached.'],
    [['activity:create', '--handle', 'a'], '--message is missing. --ttl is missing.'],
    [['activity:create', '--handle'], '--handle needs a value.'],
    [['server:start', '--port', '1', '--port', '2'], '--port can be given only once.'],
    [['sessions', '--state'], /^--state needs a value: active, .* or disabled\.$/],
    [['sessions', '--state', 'foo, bar'], /^--state must be active, .* or disabled, not foo, bar\.$/],
    [['server:start', '--port', 'abc'], '--port must be a whole number, not abc.'],
    [['server:start', '--port', '0'], '--port must be at least 1.'],
    [['server:start', '--port', '65536'], '--port must be at most 65535.'],
    [['completion'], 'The argument SHELL is missing: bash, zsh or fish.'],
    [['completion', 'tcsh'], 'Expected bash, zsh or fish, not tcsh.'],
    [['create', '--nonsense'], 'Unknown flag --nonsense.'],
    [['create', '--a', '--b', '--c'], 'Unknown flags --a, --b and --c.'],
    [['create', 'local', 'more'], 'Unexpected argument: more.'],
  ])('%j is said in one sentence of ours, with --json too', async (args, sentence) => {
    const {message} = json(await cli([...args, '--json'])).error ?? {}
    if (typeof sentence === 'string') expect(message).toBe(sentence)
    else expect(message).toMatch(sentence)
  })

  it.each([
    // Answered before oclif is loaded, and by it.
    [['create', '--nonsense'], 'Unknown flag --nonsense.'],
    [['undo', '--list', '--discard'], '--discard cannot be used with --list.'],
  ])('%j is said to people in the same words', async (args, sentence) => {
    expect((await cli(args)).stderr).toContain(`Error: ${sentence}\n`)
  })

  it('is left alone where it is no sentence of oclif', () => {
    for (const text of ['', 'Give process ids or a filter, not both.', 'The following'])
      expect(usageSentence(text)).toBe(text)
  })
})
