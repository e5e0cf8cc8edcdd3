import {readFile, stat, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {program} from '../support/cli.js'
import {ask, query, uniqueName, urlAs} from '../support/databases.js'
import {shellFixture} from '../support/shell.js'
import {type Terminal, withTerminal} from '../support/terminal.js'

const fixture = shellFixture()
const prompt = `local/${fixture.database}`
const up = '\u001B[A'
const paste = (text: string): string => `\u001B[200~${text}\u001B[201~`

const shell = <T>(use: (terminal: Terminal) => Promise<T>, more: NodeJS.ProcessEnv = {}): Promise<T> =>
  withTerminal(['connect'], {env: {...fixture.env, ...more}, cwd: fixture.folder}, use)

describe('typing in the shell', () => {
  it('brings statements back as they were typed, from one run to the next, and never writes passwords', async () => {
    const more = {XDG_STATE_HOME: join(fixture.folder, 'state')}
    await shell(async (terminal) => {
      terminal.type('select 6\r* 7 as answer;\r')
      await terminal.until(/ 42\n[^]*=# $/)
      terminal.type("alter role nobody_such\rpassword 'hunter2';\r")
      await terminal.until(/"nobody_such" does not exist[^]*=# $/)
      terminal.type(up)
      await terminal.until(/=# alter role nobody_such\npassword 'hunter2';$/)
      terminal.type('\x03')
      await terminal.until(/\^C\n.*=# $/)
      terminal.type(up + up)
      await terminal.until(/=# select 6\n\* 7 as answer;$/)
      terminal.type('\r')
      await terminal.until(/as answer;\n[^]* 42\n[^]*as answer;\n[^]* 42\n[^]*=# $/)
      terminal.type(`${up}\x03\\q\r`)
      expect(await terminal.exit).toBe(0)
    }, more)
    await shell(async (terminal) => {
      await terminal.until(`${prompt}=# `)
      terminal.type(up)
      await terminal.until(/=# select 6\n\* 7 as answer;$/)
    }, more)
    const path = join(fixture.folder, 'state', 'cruddur-db', 'history', 'local.shell')
    expect(await readFile(path, 'utf8')).toBe('select 6\u0001* 7 as answer;\n'.repeat(2))
    expect((await stat(path)).mode & 0o777).toBe(0o600)
  })

  it('searches what was typed with Ctrl-R', async () => {
    await shell(async (terminal) => {
      terminal.type('select 1 as one;\r')
      await terminal.until(/\(1 row\)[^]*=# $/)
      terminal.type('select 2 as two;\r')
      await terminal.until(/two[^]*\(1 row\)[^]*=# $/)
      terminal.type('half a line\x12as')
      await terminal.until(/\(reverse-i-search\)`as': select 2 as two;$/)
      terminal.type('\x12')
      await terminal.until(/`as': select 1 as one;$/)
      terminal.type('\x12')
      await terminal.until(/\(failed reverse-i-search\)`as': select 1 as one;$/)
      terminal.type('\x07')
      await terminal.until(/=# half a line$/)
      terminal.type('\x12one\x05 -- again\r')
      await terminal.until(/=# select 1 as one; -- again\n one/)
    })
  })

  it('inserts what is pasted, with its lines, and runs it at Enter', async () => {
    await shell(async (terminal) => {
      await terminal.until(`${prompt}=# `)
      terminal.type(paste('select 40\r\n\t+ 2 as sum;\r\n'))
      await terminal.until(/=# select 40\n\s+\+ 2 as sum;$/)
      expect(terminal.screen().join('\n')).not.toMatch(/^ *42$/m)
      terminal.type('\r')
      await terminal.until(/ 42\n/)
      terminal.type('\\q\r')
      expect(await terminal.exit).toBe(0)
      expect(terminal.output().lastIndexOf('\u001B[?2004l')).toBeGreaterThan(
        terminal.output().lastIndexOf('\u001B[?2004h'),
      )
    })
    await shell(
      async (terminal) => {
        await terminal.until(`${prompt}=# `)
        expect(terminal.output()).not.toContain('2004')
      },
      {TERM: 'dumb'},
    )
  })

  it('takes the lines of terminals without marks one after the other, and the data of a COPY up to Ctrl-D', async () => {
    await shell(async (terminal) => {
      await terminal.until(`${prompt}=# `)
      terminal.type('create temp table t (a int);\rcopy t from stdin;\r1\r2\r\\.\rselect sum(a) as total from t;\r')
      await terminal.until(/COPY 2[^]*total *\n-+\n +3\n/)
      terminal.type('copy t from stdin;\r')
      await terminal.until(/>> $/)
      terminal.type('5\r\x03')
      await terminal.until(/\^C\n.*=# $/)
      terminal.type('copy t from stdin;\r')
      await terminal.until(/>> $/)
      terminal.type('4\r')
      await terminal.until(/4\n>> $/)
      terminal.type('\x04select sum(a) as total from t;\r')
      await terminal.until(/total *\n-+\n +7\n/)
    })
  })

  it('goes on after Ctrl-Z where no shell takes over', async () => {
    await shell(async (terminal) => {
      await terminal.until(`${prompt}=# `)
      terminal.type('select 40 + 2\x1a')
      await terminal.until(() => terminal.output().split('\u001B[?2004h').length === 3)
      terminal.type(' as sum;\r')
      await terminal.until(/ 42\n/)
    })
  })

  it.skipIf(process.platform === 'win32').each([
    ['the prompt', ['connect'], `${prompt}=# `, 'select 40 + 2 as sum;\r', / 42\n/],
    ['a confirmation', ['drop', 'prod'], `To confirm, type ${fixture.database}@127.0.0.1: `, 'no\r\r', /not confirmed/],
  ])('stops at Ctrl-Z and goes on with fg, at %s', async (_, args, question, keys, answer) => {
    const command = [process.execPath, program, ...args].map((word) => `'${word}'`).join(' ')
    const bash = {file: '/bin/bash', env: {...fixture.env, PS1: '$ '}, cwd: fixture.folder}
    await withTerminal(['--norc', '--noprofile', '-i'], bash, async (terminal) => {
      await terminal.until(/\$ $/)
      terminal.type(`${command}\r`)
      await terminal.until((text) => text.endsWith(question))
      terminal.type('\x1a')
      await terminal.until(/Stopped[^]*\$ $/)
      terminal.type('fg\r')
      await terminal.until((text) => text.endsWith(question) && text.includes('fg\n'))
      terminal.type(keys)
      await terminal.until(answer)
    })
  })

  it('asks in a session that writes before rows are lost, with their number, and can be told not to', async () => {
    const args = ['connect', 'prod', '--write', '--confirm', `${fixture.database}@127.0.0.1`]
    await query(fixture.database, 'create table lost as select generate_series(1, 1234); analyze lost')
    await withTerminal(args, {env: fixture.env, cwd: fixture.folder, columns: 140}, async (terminal) => {
      await terminal.until(/\(write\)=# $/)
      terminal.type('delete from lost;\r')
      await terminal.until('DELETE without WHERE: lost (about 1,234 rows). Run it? (y/n) ')
      terminal.type('n\r')
      await terminal.until(/Not run\. To be asked no more: .*CONFIRM_LOSS off\n.*=# $/)
      terminal.type('truncate lost;\r')
      await terminal.until('TRUNCATE: lost (about 1,234 rows). Run it? (y/n) ')
      terminal.type('\x03')
      await terminal.until(/TRUNCATE[^]*Not run[^]*=# $/)
      terminal.type('update lost set generate_series = 0;\r')
      await terminal.until('UPDATE without WHERE: lost')
      terminal.type('yes\r')
      await terminal.until('UPDATE 1234')
      terminal.type('\\set CONFIRM_LOSS off\rdrop table lost;\r')
      await terminal.until('DROP TABLE')
    })
  })

  it('opens an editor, whose text is the next line, and repeats statements until Ctrl-C', async () => {
    const editor = join(fixture.folder, 'editor.sh')
    await writeFile(editor, `#!/bin/sh\nprintf 'select 40\\n+ 2 as sum;\\n' > "$1"\n`, {mode: 0o755})
    await shell(
      async (terminal) => {
        await terminal.until(`${prompt}=# `)
        terminal.type('select 1\r')
        await terminal.until(`${prompt}-# `)
        terminal.type('\\e\r')
        await terminal.until(/select 40\n\+ 2 as sum;$/)
        terminal.type('\r')
        await terminal.until(/ 42\n/)
        terminal.type('select 7 as seven \\watch 0.01\r')
        await terminal.until(/seven[^]*every 0.01s[^]*seven/)
        terminal.type('\x03')
        await terminal.until(/=# $/)
        terminal.type('\\q\r')
        expect(await terminal.exit).toBe(0)
      },
      {EDITOR: editor},
    )
  })

  it('changes a password that is never shown, and is not in what the server gets', async () => {
    const role = uniqueName('role')
    await query('postgres', `create role ${role} login`)
    await shell(async (terminal) => {
      await terminal.until(`${prompt}=# `)
      terminal.type(`\\password ${role}\r`)
      await terminal.until(/Enter new password for user .*: $/)
      terminal.type('hunter2\r')
      await terminal.until(/Enter it again: $/)
      terminal.type('hunter3\r')
      await terminal.until("Passwords didn't match.")
      terminal.type(`\\password ${role}\r`)
      await terminal.until(/didn't match[^]*Enter new password for user .*: $/)
      terminal.type('hunter2\r')
      await terminal.until(/didn't match[^]*Enter it again: $/)
      terminal.type('hunter2\r')
      await terminal.until(/again: \n.*=# $/)
      expect(terminal.output()).not.toContain('hunter')
      terminal.type('\\q\r')
      expect(await terminal.exit).toBe(0)
    })
    expect(
      await query(
        'postgres',
        `select rolpassword like 'SCRAM-SHA-256$4096:%' as scram from pg_authid where rolname = '${role}'`,
      ),
    ).toEqual([{scram: true}])
    await ask(urlAs(role, fixture.database, 'hunter2'), 'select 1')
    await query('postgres', `drop role ${role}`)
  })
})
