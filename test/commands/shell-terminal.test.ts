import {writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {query} from '../support/databases.js'
import {shellFixture} from '../support/shell.js'
import {type Terminal, withTerminal} from '../support/terminal.js'

const fixture = shellFixture()

describe('the shell on a terminal', () => {
  const shell = <T>(
    use: (terminal: Terminal) => Promise<T>,
    {
      args = ['connect'],
      more = {},
      ...size
    }: {args?: string[]; more?: NodeJS.ProcessEnv; columns?: number; rows?: number} = {},
  ): Promise<T> => withTerminal(args, {env: {...fixture.env, ...more}, cwd: fixture.folder, ...size}, use)
  const {database} = fixture
  const prompt = `local/${database}`

  it('takes statements over several lines, and shows in the prompt what is open', async () => {
    await shell(async (terminal) => {
      await terminal.until(`${prompt}=# `)
      terminal.type('select handle,\r')
      await terminal.until(`${prompt}-# `)
      terminal.type("'one; line\r")
      await terminal.until(`${prompt}'# `)
      terminal.type('another\' as "two\r')
      await terminal.until(`${prompt}"# `)
      terminal.type('" /* why\r')
      await terminal.until(`${prompt}*# `)
      terminal.type('*/ from (select * from users\r')
      await terminal.until(`${prompt}(# `)
      terminal.type(') u order by id limit 1;\r')
      await terminal.until(/ada +\| one; line\+[^]*\(1 row\)/)
      terminal.type('exit\r')
      expect(await terminal.exit).toBe(0)
    })
  })

  it('shows the transaction, and errors with a caret, and goes on', async () => {
    await shell(async (terminal) => {
      terminal.type('begin;\r')
      await terminal.until(`${prompt}=*# `)
      terminal.type('select 1 +\r  nope;\r')
      await terminal.until(/ERROR: {2}column "nope" does not exist\nLINE 2: {3}nope;\n {10}\^\n/)
      await terminal.until(`${prompt}=!# `)
      terminal.type('rollback;\r')
      await terminal.until(/ROLLBACK\n.*=# $/)
      terminal.type("insert into users values (1, 'x', null);\r")
      // A Ctrl-D before the prompt would be none: a terminal that changes its mode hands it over as a NUL.
      await terminal.until(/ERROR: {2}duplicate key[^]*DETAIL: {2}Key \(id\)=\(1\) already exists[^]*=# $/)
      terminal.type('\x04')
      expect(await terminal.exit).toBe(0)
    })
  })

  it.each([
    ['alone', '\x04', /=# $/],
    ['pasted behind a statement', 'select 40 + 2 as sum;\r\x04', / 42\n/],
    ['with more behind it', '\x04select 1;\r\x04', /=# $/],
    ['behind a statement with an error', 'nope;\r\x04', /ERROR: {2}syntax error/],
  ])('leaves on Ctrl-D, %s', async (_, keys, shown) => {
    await shell(async (terminal) => {
      await terminal.until(`${prompt}=# `)
      terminal.type(keys)
      expect(await terminal.exit).toBe(0)
      expect(terminal.screen().join('\n')).toMatch(shown)
      expect(terminal.screen().join('\n')).not.toContain('A bug')
    })
  })

  it.each(['select 1', 'select pg_sleep(600);\r'])('ends with its terminal, and takes %j along', async (typed) => {
    await shell(async (terminal) => {
      await terminal.until(`${prompt}=# `)
      terminal.type(typed)
      const running =
        "select 1 from pg_stat_activity where datname = $1 and query like 'select pg_sleep(600)%' and state = 'active'"
      if (typed.endsWith('\r'))
        await expect.poll(() => query('postgres', running, [database]), {timeout: 30_000}).toHaveLength(1)
      terminal.hangUp()
      expect(await terminal.exit).toBe(129)
      await expect.poll(() => query('postgres', running, [database]), {timeout: 30_000}).toHaveLength(0)
    })
  })

  it('cancels the running statement with Ctrl-C, clears a line that is being typed, and stays', async () => {
    await shell(async (terminal) => {
      await terminal.until(`${prompt}=# `)
      terminal.type('select pg_sleep(600);\r')
      // The statement has to be under way.
      await expect
        .poll(
          () =>
            query(
              database,
              "select 1 from pg_stat_activity where query like 'select pg_sleep(600)%' and state = 'active'",
            ),
          {timeout: 30_000},
        )
        .toHaveLength(1)
      terminal.type('\x03')
      await terminal.until('canceling statement due to user request')
      terminal.type('select 1 from\r')
      await terminal.until(`${prompt}-# `)
      terminal.type('nothing_such \x03')
      await terminal.until(/\^C\n.*=# $/)
      terminal.type('select 40 + 2 as sum;\r')
      await terminal.until(/ 42\n/)
      terminal.type('\\q\r')
      expect(await terminal.exit).toBe(0)
    })
  })

  it('completes keywords, tables and columns with Tab', async () => {
    await shell(async (terminal) => {
      await terminal.until(`${prompt}=# `)
      const complete = async (keys: string, shown: RegExp): Promise<void> => {
        terminal.type(keys)
        await terminal.until((text) => text.endsWith(keys))
        // Together with other keys it would be taken for part of a paste.
        terminal.type('\t')
        await terminal.until(shown)
      }
      await complete('sel', /=# select$/)
      await complete(' han from use', / from users$/)
      await complete(' where users."F', /users\."Full Name"$/)
      terminal.type('\x03')
      await terminal.until(/\^C\n.*=# $/)
      await complete('SELECT u.ha', /u\.ha$/)
      terminal.type('\x03')
      await terminal.until(/\^C\n.*\^C\n.*=# $/)
      await complete('\\d po', /d posts$/)
    })
  })

  it('says that the connection was lost, connects again, and does not go on with half a transaction', async () => {
    const cut = async (): Promise<void> =>
      void (await query(
        'postgres',
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and application_name = 'cruddur-db connect'",
        [database],
      ))
    await shell(async (terminal) => {
      await terminal.until(`${prompt}=# `)
      await cut()
      await terminal.until(/The connection was lost\. The next statement connects again\.\n.*=\?# $/)
      terminal.type('select 40 + 2 as sum;\r')
      await terminal.until(/Connected again\.\n[^]* 42\n/)
      terminal.type('begin;\r')
      await terminal.until(`${prompt}=*# `)
      await cut()
      await terminal.until('The connection was lost, and the transaction is rolled back.')
      terminal.type('delete from users;\r')
      await terminal.until('Connected again. The transaction was rolled back, so this was not run.')
      terminal.type('select count(*) from users;\r')
      await terminal.until(/count *\n-+\n +2\n/)
      terminal.type('select pg_terminate_backend(pg_backend_pid());\r')
      await terminal.until(/Error: The connection to .* was lost/)
      terminal.type('\\q\r')
      expect(await terminal.exit).toBe(0)
    })
  })

  it('shows a protected target in red, read-only, and without colors where none are wanted', async () => {
    const args = ['connect', 'prod']
    await shell(
      async (terminal) => {
        await terminal.until(`prod/${database} (read-only)=# `)
        expect(terminal.output()).toMatch(/\u001B\[31m\u001B\[1mprod\/\w+ \(read-only\)/)
        terminal.type('delete from users;\r')
        await terminal.until('To write: quit, and connect with --write')
      },
      {args},
    )
    for (const more of [{NO_COLOR: '1'}, {TERM: 'dumb'}]) {
      await shell(
        async (terminal) => {
          await terminal.until(`prod/${database} (read-only)=# `)
          expect(terminal.output()).not.toMatch(/\u001B\[(31|1)m/)
        },
        {args, more},
      )
    }
  })

  it('shows what is too wide as records, and what is too long in the pager, which can be left early', async () => {
    const pager = join(fixture.folder, 'pager.cjs')
    await writeFile(
      pager,
      "let text = ''\nprocess.stdin.on('data', (data) => { text += data; if (text.length > 100000) { console.log('PAGED ' + text.split('\\n')[0]); process.exit() } }).on('end', () => console.log('PAGED ' + text.length))",
    )
    const more = {PAGER: `"${process.execPath}" "${pager}"`}
    await shell(
      async (terminal) => {
        terminal.type("select 1 as a, repeat('x', 60) as b, repeat('y', 20) as c;\r")
        await terminal.until(/-\[ RECORD 1 ]-[^]*a \| 1\nb \| x{60}\nc \| y{20}\n/)
        terminal.type('select n from generate_series(1, 50) n;\r')
        await terminal.until(/PAGED \d+\n/)
        terminal.type("select n as many, repeat('x', 50) from (select generate_series(1, 1000000000)) as s (n);\r")
        await terminal.until(/PAGED +many/)
        terminal.type('select 40 + 2 as sum;\r')
        await terminal.until(/ 42\n/)
        expect(terminal.screen().join('\n')).not.toContain('canceling')
      },
      {columns: 80, rows: 30, more},
    )
  })

  it('shows a result all the same where the pager does not start', async () => {
    await shell(
      async (terminal) => {
        terminal.type('select n from generate_series(1001, 1040) n;\r')
        await terminal.until(/1040\n\(40 rows\)/)
      },
      {more: {PAGER: 'no_such_pager_here'}},
    )
  })
})
