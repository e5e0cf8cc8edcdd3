import {afterAll, beforeAll, beforeEach, describe, expect, it} from 'vitest'
import {query, uniqueName} from '../support/databases.js'
import {runTexts} from '../support/run-text.js'

const database = uniqueName('head')
beforeAll(() => query('postgres', `create database "${database}"`))
afterAll(() => query('postgres', `drop database "${database}" with (force)`))
beforeEach(() => query(database, 'drop table if exists made'))

/** The head of a plain dump, with two settings of a later version. */
const dump = (restrict: string): string => `--
-- PostgreSQL database dump
--

${restrict}-- Dumped from database version 30.1
-- Dumped by pg_dump version 30.1

SET statement_timeout = 0;
SET future_timeout = 0;
SET client_encoding = 'UTF8';
SELECT pg_catalog.set_config('search_path', '', false);
SET later_timeout = 0;

CREATE TABLE public.made (a integer);
`
const made = (): Promise<unknown[]> => query(database, "select to_regclass('made')::text as made")

describe('a setting at the head of a dump that the server does not know', () => {
  it.each([
    ['in one transaction', '', {}],
    ['with \\restrict', '\\restrict abc\n\n', {}],
    ['without a transaction', '', {transaction: false}],
  ])('is passed over, and said: %s', async (_, restrict, options) => {
    const text = dump(restrict).replace('SET later_timeout = 0;\n', '')
    const {error, said} = await runTexts(database, [text], options)
    expect(error).toBeUndefined()
    expect(said).toEqual([
      {kind: 'remark', text: expect.stringContaining('SET future_timeout was passed over') as string},
    ])
    expect(await made()).toEqual([{made: 'made'}])
  })

  it('is an error after its head, and in a file that is no dump', async () => {
    expect((await runTexts(database, [dump('')])).error).toMatchObject({code: '42704', details: {place: {line: 12}}})
    const typed = await runTexts(database, ["SET serch_path = '';\ncreate table made ();"])
    expect(typed.error).toMatchObject({code: '42704', details: {place: {line: 1}}})
    expect(await made()).toEqual([{made: null}])
  })
})
