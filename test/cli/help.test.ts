import {fileURLToPath} from 'node:url'
import {describe, expect, it} from 'vitest'
import {helpWidth, renderHelp} from '../../src/lib/cli/help.js'
import {readManifest, type Manifest} from '../../src/lib/cli/manifest.js'

const manifest = readManifest(fileURLToPath(new URL('../../', import.meta.url))) as Manifest
const plain = (text: string): string => text

describe('help', () => {
  it.each([40, 57, 80, 100, 200])('fits a terminal of %d columns, and shows the same words in each', (width) => {
    for (const id of [undefined, 'schema', ...manifest.commands.keys()]) {
      const text = renderHelp(manifest, id, {width, bold: plain})
      const words = (part: string): string[] => part.split('EXAMPLES')[0]?.split(/\s+/) ?? []
      expect(words(text).sort()).toEqual(words(renderHelp(manifest, id, {width: 1000, bold: plain})).sort())
      // A flag with its value, a URL or a quoted word is never broken.
      const broken = /^ *(?:cruddur-db\/\S+ .*|\[[^\]]*\]|--\S+ <\S+>|(?:\$ )?(?:'[^']*'|"[^"]*"|\S)+(?: \\)?)$/
      const tooLong = text.split('\n').filter((line) => line.length > width && !broken.test(line))
      expect(tooLong).toEqual([])
      expect(text.split('\n').filter((line) => line !== line.trimEnd())).toEqual([])
    }
  })

  it('has no line of more than 80 columns in a pipe, and examples that a shell takes as they are written', () => {
    for (const id of [undefined, ...manifest.topics.map(({name}) => name), ...manifest.commands.keys()]) {
      const [text, wide] = [80, 1000].map((width) => renderHelp(manifest, id, {width, bold: plain})) as [string, string]
      expect(text.split('\n').filter((line) => line.length > 80)).toEqual([])
      const examples = (help: string): string => (help.split('EXAMPLES')[1] ?? '').replace(/ \\\n +/g, ' ')
      expect(examples(text)).toBe(examples(wide))
    }
  })

  it('takes the width of a terminal, 80 columns in a pipe and 40 at least', () => {
    expect([{columns: 120, isTTY: true}, {columns: 120}, {columns: 20, isTTY: true}, {columns: 0, isTTY: true}].map(helpWidth)).toEqual([120, 80, 40, 80])
  })

  it('says what an argument or a flag needs, may be, and is where it is left out', () => {
    const text = renderHelp(manifest, 'activity:create', {width: 100, bold: plain})
    expect(text).toContain('[TARGET]  [default: local] Which database')
    expect(text).toMatch(/--ttl=<ttl> +\[required\] <30-days\|7-days\|/)
    expect(text).toContain('--handle <handle> --message <message>')
    expect(renderHelp(manifest, 'wait', {width: 100, bold: plain})).toContain('[default: 60s]')
  })
})
