import {writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {cli, json} from '../support/cli.js'
import {query, uniqueName, urlOf, withConnection} from '../support/databases.js'
import {folderOfTest} from '../support/temporary-folder.js'
import {withTerminal} from '../support/terminal.js'

/** Controls of the terminal and of the direction of text, which no output may have. */
const raw =
  /[\u0000-\u0008\u000B\u000C\u000E-\u001A\u007F-\u009F\u00AD\u061C\u200B\u200E\u200F\u202A-\u202E\u2066-\u2069\uFEFF]|\u001B(?!\[[\d;]*m)/
const hostile = 'a\u001B]0 title\u0007b\u009Bc\u202Ed\u2066e\u200Ff\u061Cg\uFEFFh'

describe('sessions, from a database of another encoding', () => {
  it.each(['SQL_ASCII', 'WIN1252'])('are listed although a query cannot be converted from %s', async (encoding) => {
    const name = uniqueName()
    await query(
      'postgres',
      `create database ${name} encoding '${encoding}' template template0 locale_provider libc lc_collate 'C' lc_ctype 'C'`,
    )
    await withConnection('postgres', async (client) => {
      // As UTF-8 it has the byte 81, which WIN1252 does not have; the server cuts the query in a character.
      await client.query(`select '${'Á'.repeat(600)}' as cut`)
      const result = await cli(['sessions', '--json'], {env: {CONNECTION_URL: urlOf(name)}})
      expect(result.exitCode).toBe(0)
      const {sessions} = json(result).result as {sessions: {query: string}[]}
      expect(sessions.map((session) => session.query)).toContainEqual(expect.stringMatching(/^select 'ÁÁÁ/) as string)
    })
    await query('postgres', `drop database ${name} with (force)`)
  })
})

describe('text from outside', () => {
  it('brings no color of its own: names, cells, messages, titles and \\echo', async () => {
    const red = '\u001B[35mred\u001B[8m'
    const name = `${uniqueName()} ${red}`
    const folder = folderOfTest()
    const env = {CONNECTION_URL: urlOf(name), PATH: folder}
    const [quoted, identifier] = [`'${red}'`, `"${red}"`]
    await writeFile(
      join(folder, 'echo.sql'),
      `\\echo ${quoted}\nselect ${quoted} as a \\gset\n\\echo :a\ncreate table ${identifier} (a int);\n`,
    )
    await writeFile(
      join(folder, 'fails.sql'),
      `do $$ begin raise notice '%', ${quoted}; raise exception '%', ${quoted} using detail = ${quoted}; end $$;`,
    )
    const outputs: [string, string][] = []
    const run = async (args: string[], more: NodeJS.ProcessEnv = {}): Promise<void> => {
      const plain = await cli(args, {env: {...env, ...more}})
      outputs.push([args.join(' '), plain.stdout + plain.stderr])
      const colored = await cli(args, {env: {...env, ...more, FORCE_COLOR: '1'}})
      expect(colored.stdout + colored.stderr, args.join(' ')).not.toContain('\u001B[35m')
    }
    await run(['create'])
    await withConnection(name, async (client) => {
      await client.query(`set application_name = ${quoted}`)
      await client.query(`select 1 as ${identifier}`)
      await run(['sessions'])
      await run(['drop'])
      await run(['drop', 'prod', '--force'], {PROD_CONNECTION_URL: urlOf(name)})
      await run(['sessions:kill', '--database', name, '--dry-run'])
    })
    for (const file of ['echo.sql', 'fails.sql']) {
      await run(['schema:load', '--verbose', '--file', join(folder, file)])
      await run(['schema:load', '--verbose', '--file', join(folder, file)], {DEBUG: '1'})
    }
    await run(['wait'])
    await run(['doctor'])
    await run(['target'])
    await run(['target', 'local'])
    await run(['undo', '--list'])
    await run(['cache'])
    await run(['protect'])
    await run(['unprotect'])
    for (const sql of [
      `select ${quoted} as ${identifier}`,
      '\\d',
      `\\d ${identifier}`,
      '\\conninfo',
      `\\nothing${red}`,
    ])
      await run(['connect', '--', '-c', sql])
    await run(['connect', '--', '-f', join(folder, 'fails.sql')])
    await run(['activity:create', red, 'x'])
    for (const [command, output] of outputs) expect(output, command).not.toMatch(/\u001B/)
    expect(outputs.map(([, output]) => output).join('')).toContain('\\x1B[35mred')
    await cli(['drop', '--force'], {env})
  })

  it('is shown by \\echo as it is in a pipe, and escaped on a terminal', async () => {
    const folder = folderOfTest()
    const env = {CONNECTION_URL: urlOf('postgres'), PATH: folder}
    const file = join(folder, 'echo.sql')
    await writeFile(file, "select E'\\x1b[31mred' as a \\gset\n\\echo :a\n")
    const args = ['connect', '--', '-f', file]
    expect((await cli(args, {env})).stdout).toBe('\u001B[31mred')
    await withTerminal(args, {env, columns: 80}, async (terminal) => {
      expect(await terminal.exit).toBe(0)
      expect(terminal.output()).toContain('\\x1B[31mred')
    })
  })

  it('never controls the terminal: queries, names, errors, notices and details', async () => {
    const name = `${uniqueName()} ${hostile}`
    const folder = folderOfTest()
    // Without psql, so that connect is the built-in shell.
    const env = {CONNECTION_URL: urlOf(name), PATH: folder}
    const quoted = `'${hostile}'`
    await writeFile(
      join(folder, 'fails.sql'),
      `do $$ begin raise notice '%', ${quoted}; raise exception '%', ${quoted} using detail = ${quoted}, hint = ${quoted}; end $$;`,
    )
    const outputs: string[] = []
    const run = async (...args: string[]): Promise<void> => {
      const {stdout, stderr} = await cli(args, {env: {...env, FORCE_COLOR: '1'}})
      outputs.push(stdout, stderr)
    }
    await run('create')
    await withConnection(name, async (client) => {
      await client.query(`select 1 as "${hostile}"`)
      await run('sessions')
      await run('sessions', '--json')
      await run('drop')
    })
    await run('seed', '--file', join(folder, 'fails.sql'), '--verbose')
    await run('seed', '--file', join(folder, 'fails.sql'), '--json')
    await run('target')
    await run('doctor')
    await run(`no${hostile}`)
    await run('sessions', `no${hostile}`)
    await run('connect', '--', '-c', `select ${quoted} as "${hostile}"`)
    for (const output of outputs) expect(output).not.toMatch(raw)
    expect(outputs.join('')).toContain('\\u202E')
    await cli(['drop', '--force'], {env})
  })

  it('is shown escaped as CSV on a terminal', async () => {
    const env = {CONNECTION_URL: urlOf('postgres')}
    await withConnection('postgres', async (client) => {
      await client.query(`select 1 as "${hostile}"`)
      await withTerminal(['sessions', '--csv'], {env, columns: 200}, async (terminal) => {
        expect(await terminal.exit).toBe(0)
        expect(terminal.output()).not.toMatch(raw)
        expect(terminal.output()).toContain('\\u202E')
      })
    })
  })
})
