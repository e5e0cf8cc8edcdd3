import type {Command} from '@oclif/core'
import {readFile} from 'node:fs/promises'
import {describe, expect, it} from 'vitest'
import {completionScript, shells} from '../../src/lib/completion/script.js'

const manifest = JSON.parse(await readFile(new URL('../../oclif.manifest.json', import.meta.url), 'utf8')) as {
  commands: Record<string, Command.Cached>
}

const flag = (name: string, more: object): object => ({name, type: 'option', description: '', ...more})

/** A command whose texts hold what shells take for their own. */
const nasty = {
  id: 'odd:one',
  summary: 'It\'s $HOME `id` [x] \\ "q": *.',
  args: {target: {name: 'target', description: ''}, mode: {name: 'mode', description: '', options: ['fast', 'slow']}},
  flags: {
    kind: flag('kind', {options: ['a', 'b c (d)'], description: "don't [stop]: $x"}),
    file: flag('file', {helpValue: 'path'}),
    free: flag('free', {multiple: true}),
    off: {name: 'off', type: 'boolean', description: ''},
    secret: flag('secret', {hidden: true}),
  },
} as unknown as Command.Cached

describe.each(shells)('the script for %s', (shell) => {
  it('has every command, flag and known value, and runs nothing of this tool', () => {
    const {script} = completionScript(shell, Object.values(manifest.commands))
    for (const {id, flags} of Object.values(manifest.commands)) {
      expect(script).toContain(shell === 'zsh' ? id.replace(':', '\\:') : id)
      for (const name of Object.keys(flags))
        expect(script).toMatch(new RegExp(shell === 'fish' ? `-l ${name}\\b` : `--${name}\\b`))
    }

    expect(script).toMatch(/30-days[ |]7-days[ |]3-days[ |]1-day[ |]12-hours[ |]3-hours[ |]1-hour/)
    expect(script.replace(/^#.*$|"\$\(cruddur-db completion.*$/gm, '')).not.toMatch(/[$`(]\(?cruddur-db /)
  })

  it('says what each place takes, hides what is hidden, and ends with a line', () => {
    const {script} = completionScript(shell, [nasty, {...nasty, id: 'unseen', hidden: true}])
    expect(script).not.toMatch(/secret|unseen/)
    expect(script.endsWith('\n')).toBe(true)
    const places = {
      bash: [
        "'odd:one --kind') list='a|b c (d)'",
        "'odd:one --file') kind=files",
        "'odd:one 0') kind=targets",
        "'odd:one 1') list='fast|slow'",
        "'odd:one --free') kind=anything",
      ],
      zsh: [
        "'--kind=[don'\\''t \\[stop\\]: $x]:kind:(a b\\ c\\ \\(d\\))'",
        "'--file=[]:file:_files'",
        "'1::target:_cruddur_db_targets'",
        "'2::mode:(fast slow)'",
        "'*--free=[]:free: '",
        "'--off[]'",
      ],
      fish: [
        "-l kind -x -a 'a \\'b c (d)\\'' -d 'don\\'t [stop]: $x'",
        '-l file -r -F',
        "-a '(__cruddur_db_targets)' -d target",
        "-a 'fast slow' -d mode",
        '-l free -x',
        "-l off -d ''",
      ],
    }[shell]
    for (const place of places) expect(script).toContain(place)
  })

  it('quotes what a shell would take for its own', () => {
    const {script} = completionScript(shell, [nasty])
    const quoted = {
      bash: 'odd:one',
      zsh: String.raw`'odd\:one:It'\''s $HOME ${'`'}id${'`'} [x] \ "q": *'`,
      fish: String.raw`-a 'odd:one' -d 'It\'s $HOME ${'`'}id${'`'} [x] \\ "q": *'`,
    }[shell]
    expect(script).toContain(quoted)
  })
})
