import {fileURLToPath} from 'node:url'
import {describe, expect, it} from 'vitest'
import {groupCommands} from '../../src/lib/cli/groups.js'
import {readManifest} from '../../src/lib/cli/manifest.js'
import {helpWidth, renderHelp} from '../../src/lib/start/help.js'

const manifest = readManifest(fileURLToPath(new URL('../../', import.meta.url)))
const plain = (text: string): string => text

describe('help', () => {
  it.each([40, 57, 80, 100, 200])('fits a terminal of %d columns, and shows the same words in each', (width) => {
    for (const id of [undefined, 'schema', ...manifest.commands.keys()]) {
      const text = renderHelp(manifest, id, {width, bold: plain})
      const words = (part: string): string[] => part.split('EXAMPLES')[0]?.split(/\s+/) ?? []
      expect(words(text).sort()).toEqual(words(renderHelp(manifest, id, {width: 1000, bold: plain})).sort())
      // A flag, a URL or an example is never broken.
      const tooLong = text
        .split('EXAMPLES')[0]
        ?.split('\n')
        .filter((line) => line.length > width && line.trim().includes(' ') && !/^ *(\[|cruddur-db)/.test(line))
      expect(tooLong).toEqual([])
      expect(text.split('\n').filter((line) => line !== line.trimEnd())).toEqual([])
    }
  })

  it('has no line over 80 columns in a pipe, and an example that goes on is one command', () => {
    for (const id of [undefined, 'schema', ...manifest.commands.keys()]) {
      const text = renderHelp(manifest, id, {width: 80, bold: plain})
      expect(text.split('\n').filter((line) => [...line].length > 80)).toEqual([])
      for (const example of (id === undefined ? undefined : manifest.commands.get(id))?.examples ?? []) {
        const command = (typeof example === 'string' ? example : example.command)
          .replaceAll('<%= config.bin %>', 'cruddur-db')
          .replaceAll('<%= command.id %>', String(id))
        expect(text.replaceAll(/ \\\n +/g, ' ')).toContain(command)
      }
    }
  })

  it('lists every command under one heading, in the order of its group', () => {
    const groups = groupCommands(manifest.commands.values())
    expect(groups.map(({heading}) => heading)).toEqual([
      'Database',
      'Migrations',
      'Connection',
      'Sessions',
      'Production',
      'Server',
      'Application',
      'Settings',
    ])
    const ids = groups.flatMap(({commands}) => commands.map(({id}) => id))
    expect([...ids].sort()).toEqual([...manifest.commands.keys()])
    const text = renderHelp(manifest, undefined, {width: 80, bold: plain})
    expect([...text.matchAll(/^ {2}([a-z:]+) {2}/gm)].map(([, id]) => id)).toEqual(ids)
  })

  it('takes the width of a terminal, 80 columns in a pipe and 40 at least', () => {
    expect(
      [{columns: 120, isTTY: true}, {columns: 120}, {columns: 20, isTTY: true}, {columns: 0, isTTY: true}].map(
        helpWidth,
      ),
    ).toEqual([120, 80, 40, 80])
  })

  it('says what an argument or a flag needs, may be, and is where it is left out', () => {
    const text = renderHelp(manifest, 'activity:create', {width: 100, bold: plain})
    expect(text).toContain('[TARGET]  [default: local] The database')
    expect(text).toMatch(/--ttl=<ttl> +\[required\] <30-days\|7-days\|/)
    expect(text).toContain('--handle <handle> --message <message>')
    expect(renderHelp(manifest, 'wait', {width: 100, bold: plain})).toContain('[default: 60s]')
  })
})
