import {Parser} from '@oclif/core'
import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import SchemaLoad from '../../src/commands/schema/load.js'
import Sessions from '../../src/commands/sessions.js'
import SgUpdate from '../../src/commands/sg/update.js'
import Undo from '../../src/commands/undo.js'
import {plainArguments, validationErrorOf} from '../../src/lib/cli/command-line.js'
import type {ListedCommand} from '../../src/lib/cli/manifest.js'

/** The part of a command's class that says what can be given to it. */
interface Definition {
  flags?: object
  baseFlags?: object
  args?: object
}

function listed({flags = {}, baseFlags = {}, args = {}}: Definition): ListedCommand {
  const named = <T>(record: object): T =>
    Object.fromEntries(Object.entries(record).map(([name, value]) => [name, {...(value as object), name}])) as T
  return {id: 'x', flags: named({...baseFlags, ...flags}), args: named(args)}
}

async function oclifs({flags = {}, baseFlags = {}, args = {}}: Definition, argv: string[]): Promise<string> {
  try {
    await Parser.parse(argv, {flags: {...baseFlags, ...flags}, args, strict: true} as Parameters<
      typeof Parser.parse
    >[1])
    return 'nothing'
  } catch (error) {
    return (error as Error).message.split('\n')[0] ?? ''
  }
}

const word = fc.constantFrom(
  'local',
  'prod',
  '',
  '-',
  '--',
  '-1',
  '-x',
  '--nonsense',
  '--list',
  '--list=1',
  '--no-list',
  '--file',
  '--file=a',
  '--create',
  '--port',
  '5432',
  '--ip',
  '--no-transaction',
  '--force',
  '--forced',
  '--',
  '---',
  'a=b',
  '--a=b',
)

describe('a complaint before oclif is loaded', () => {
  it.each([
    ['undo', Undo],
    ['sg:update', SgUpdate],
    ['schema:load', SchemaLoad],
  ] as const)('about %s is the one of oclif', async (_name, definition) => {
    const manifest = listed(definition)
    await fc.assert(
      fc.asyncProperty(fc.array(word, {maxLength: 5}), async (argv) => {
        const complaint = validationErrorOf(argv, manifest)
        if (complaint !== undefined) expect(complaint).toBe(await oclifs(definition, argv))
      }),
      {numRuns: 1000},
    )
    expect(validationErrorOf(['--nonsense'], manifest)).toBe('Nonexistent flag: --nonsense')
    expect(validationErrorOf(['a', 'b', 'c'], manifest)).toMatch(/^Unexpected arguments: /)
    expect(validationErrorOf([], manifest)).toBeUndefined()
  })
})

it('a line of arguments and switches alone is known before oclif is loaded', async () => {
  const words = fc.constantFrom(
    'local',
    'prod',
    '',
    '-',
    '--',
    '-1',
    '--all',
    '--csv',
    '--no-all',
    '--open-sg',
    '--sort',
    '--sort=pid',
    '--columns',
    '--watch',
    'a=b',
  )
  await fc.assert(
    fc.asyncProperty(fc.array(words, {maxLength: 4}), async (argv) => {
      const plain = plainArguments(argv, listed(Sessions))
      // More than one is refused before; oclif changes their order where one stands twice.
      if (plain === undefined || plain.length > 1) return
      const {argv: known, flags} = await Parser.parse(argv, {
        flags: {...Sessions.baseFlags, ...Sessions.flags},
        args: {},
        strict: false,
      } as Parameters<typeof Parser.parse>[1])
      expect(known).toEqual(plain)
      expect(Object.values(flags).every((value) => value === true)).toBe(true)
    }),
  )
  expect(plainArguments(['prod', '--all'], listed(Sessions))).toEqual(['prod'])
})
