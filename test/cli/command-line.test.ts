import {Parser} from '@oclif/core'
import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import type Connect from '../../src/commands/connect.js'
import SchemaLoad from '../../src/commands/schema/load.js'
import SgUpdate from '../../src/commands/sg/update.js'
import Undo from '../../src/commands/undo.js'
import {complaintOf} from '../../src/lib/cli/command-line.js'
import type {CommandSurface} from '../../src/lib/cli/surface.js'

type Definition = typeof Undo | typeof SgUpdate | typeof SchemaLoad | typeof Connect

function surfaceOf({flags = {}, baseFlags = {}, args = {}}: Definition): CommandSurface {
  const named = <T extends object>(record: Record<string, T>) => Object.fromEntries(Object.entries(record).map(([name, value]) => [name, {...value, name}]))
  return {id: 'x', flags: named({...baseFlags, ...flags}), args: named(args)}
}

async function oclifs({flags = {}, baseFlags = {}, args = {}}: Definition, argv: string[]): Promise<string> {
  try {
    await Parser.parse(argv, {flags: {...baseFlags, ...flags}, args, strict: true} as Parameters<typeof Parser.parse>[1])
    return 'nothing'
  } catch (error) {
    return (error as Error).message.split('\n')[0] ?? ''
  }
}

const word = fc.constantFrom('local', 'prod', '', '-', '--', '-1', '-x', '--nonsense', '--list', '--list=1', '--no-list', '--file', '--file=a', '--create', '--port', '5432', '--ip', '--no-transaction', '--force', '--forced', '--', '---', 'a=b', '--a=b')

describe('a complaint before oclif is loaded', () => {
  it.each([['undo', Undo], ['sg:update', SgUpdate], ['schema:load', SchemaLoad]] as const)('about %s is the one of oclif', async (_name, definition) => {
    const surface = surfaceOf(definition)
    await fc.assert(
      fc.asyncProperty(fc.array(word, {maxLength: 5}), async (argv) => {
        const complaint = complaintOf(argv, surface)
        if (complaint !== undefined) expect(complaint).toBe(await oclifs(definition, argv))
      }),
      {numRuns: 1000},
    )
    expect(complaintOf(['--nonsense'], surface)).toBe('Nonexistent flag: --nonsense')
    expect(complaintOf(['a', 'b', 'c'], surface)).toMatch(/^Unexpected arguments: /)
    expect(complaintOf([], surface)).toBeUndefined()
  })
})
