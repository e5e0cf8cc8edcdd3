import {beforeEach, describe, expect, it} from 'vitest'
import type {Transaction} from '../../src/lib/app/transaction.js'
import {cruddur, failureOf} from '../support/cruddur.js'

const cruds = cruddur()
const add = (db: Pick<Transaction, 'commit'>, n: number): Promise<string> =>
  db.commit('insert into kept values (:n) returning n', {n})
const kept = async (): Promise<number[]> =>
  (await cruds.run<{n: number}>('select n from kept order by n')).map(({n}) => n)

beforeEach(async () => {
  await cruds.run('drop table if exists kept')
  await cruds.run('create table kept (n int primary key)')
})

describe('transaction', () => {
  it('stores all of it or nothing', async () => {
    const db = cruds.open()
    expect(await db.transaction(async (transaction) => [await add(transaction, 1), await add(transaction, 2)])).toEqual(
      ['[{"n":1}]', '[{"n":2}]'],
    )
    const failure = await failureOf(
      db.transaction(async (transaction) => {
        await add(transaction, 3)
        throw new Error('changed my mind')
      }),
    )
    expect(failure.message).toBe('changed my mind')
    expect(
      await failureOf(db.transaction(async (transaction) => [await add(transaction, 4), await add(transaction, 1)])),
    ).toMatchObject({code: '23505'})
    expect(await kept()).toEqual([1, 2])
  })

  it('takes several statements at once, and sends them in their order', async () => {
    const warnings: Error[] = []
    const note = (warning: Error): void => void warnings.push(warning)
    process.on('warning', note)
    const rows = await cruds
      .open()
      .transaction((transaction) => Promise.all([1, 2, 3, 4].map((n) => add(transaction, n))))
    process.off('warning', note)
    expect(rows).toEqual([1, 2, 3, 4].map((n) => `[{"n":${n}}]`))
    expect(warnings).toEqual([])
    expect(await kept()).toEqual([1, 2, 3, 4])
  })

  it('nested is a savepoint: what failed is undone, the rest stays', async () => {
    await cruds.open().transaction(async (outer) => {
      await add(outer, 1)
      const duplicate = outer.transaction(async (inner) => [await add(inner, 2), await add(inner, 1)])
      expect(await failureOf(duplicate)).toMatchObject({code: '23505'})
      await outer.transaction(async (inner) => {
        await add(inner, 3)
        expect(await failureOf(inner.transaction((innermost) => add(innermost, 3)))).toMatchObject({code: '23505'})
        await inner.transaction((innermost) => add(innermost, 4))
      })
      await add(outer, 5)
    })
    expect(await kept()).toEqual([1, 3, 4, 5])
  })

  it('that went on after a failed statement is an error, where COMMIT would say nothing', async () => {
    const db = cruds.open()
    const failure = await failureOf(
      db.transaction(async (transaction) => {
        await add(transaction, 1)
        await failureOf(add(transaction, 1))
      }),
    )
    expect(failure).toMatchObject({code: 'transaction_failed', exitCode: 5})
    const nested = db.transaction(async (outer) => {
      await add(outer, 2)
      expect(await failureOf(outer.transaction(async (inner) => void (await failureOf(add(inner, 2)))))).toMatchObject({
        code: 'transaction_failed',
      })
    })
    await nested
    expect(await kept()).toEqual([2])
  })

  it.each(['commit', 'COMMIT;', '/* now */ end', 'rollback', 'abort', 'begin', "prepare transaction 'x'"])(
    'refuses %s inside, and stores all or nothing',
    async (sql) => {
      const db = cruds.open()
      const work = db.transaction(async (transaction) => {
        await add(transaction, 1)
        await transaction.commit(sql)
      })
      expect(await failureOf(work)).toMatchObject({code: 'transaction_control', exitCode: 2})
      expect(await kept()).toEqual([])
      await db.transaction(async (transaction) => {
        await add(transaction, 1)
        expect(await failureOf(transaction.commit(sql))).toMatchObject({code: 'transaction_control'})
        await add(transaction, 2)
      })
      expect(await kept()).toEqual([1, 2])
      expect(await failureOf(db.commit(sql))).toMatchObject({code: 'transaction_control'})
    },
  )

  it('takes savepoints of SQL', async () => {
    await cruds.open().transaction(async (transaction) => {
      await transaction.commit('savepoint saved')
      await add(transaction, 1)
      await transaction.commit('rollback to saved')
      await transaction.commit('release saved')
      await add(transaction, 2)
    })
    expect(await kept()).toEqual([2])
  })

  it('refuses statements after its end, and while a nested one is open', async () => {
    let escaped: Transaction | undefined
    await cruds.open().transaction(async (outer) => {
      escaped = outer
      await outer.transaction(async (inner) => {
        expect(await failureOf(add(outer, 1))).toMatchObject({code: 'transaction_nested'})
        await add(inner, 2)
      })
      expect(
        await failureOf(
          Promise.all([outer.transaction((inner) => add(inner, 3)), outer.transaction((inner) => add(inner, 4))]),
        ),
      ).toMatchObject({
        code: 'transaction_nested',
      })
    })
    expect(await failureOf(escaped?.value('select 1') ?? Promise.resolve())).toMatchObject({
      code: 'transaction_ended',
      exitCode: 5,
    })
    expect(await kept()).toEqual([2, 3])
  })

  it('fails with its connection, and leaves nothing', async () => {
    const db = cruds.open()
    const failure = await failureOf(
      db.transaction(async (transaction) => {
        await add(transaction, 1)
        await cruds.endSessions()
        await add(transaction, 2)
      }),
    )
    expect(failure).toMatchObject({code: 'connection_lost', exitCode: 4})
    expect(await kept()).toEqual([])
  })

  it('whose connection is lost during COMMIT says so, and is not run again', async () => {
    await cruds.run(`create or replace function die() returns trigger language plpgsql as $$
      begin perform pg_terminate_backend(pg_backend_pid()); return null; end $$`)
    await cruds.run(
      'create constraint trigger die after insert on kept deferrable initially deferred for each row execute function die()',
    )
    let runs = 0
    const work = cruds.open().transaction(
      (transaction) => {
        runs += 1
        return add(transaction, 1)
      },
      {retries: 3},
    )
    expect(await failureOf(work)).toMatchObject({code: 'commit_unknown', exitCode: 4})
    expect(runs).toBe(1)
  })
})

describe('retries', () => {
  it('run the whole again after its session was ended (57P01)', async () => {
    const db = cruds.open()
    let runs = 0
    const work = (transaction: Transaction): Promise<string> => {
      runs += 1
      return add(transaction, runs).then(async (row) => {
        if (runs < 3) await transaction.value('select pg_terminate_backend(pg_backend_pid())')
        return row
      })
    }
    expect(await db.transaction(work, {retries: 2})).toBe('[{"n":3}]')
    expect(await kept()).toEqual([3])
    runs = 0
    expect(await failureOf(db.transaction(work, {retries: 1}))).toMatchObject({code: 'connection_lost'})
    expect(runs).toBe(2)
  })

  it('get every one of many counted through serialization failures (40001)', async () => {
    await add(cruds.open(), 0)
    const db = cruds.open({max: 4})
    let runs = 0
    const increment = (): Promise<string> =>
      db.transaction(
        async (transaction) => {
          runs += 1
          const n = await transaction.value<number>('select n from kept')
          return transaction.commit('update kept set n = :n', {n: (n ?? NaN) + 1})
        },
        {isolation: 'serializable', retries: 20},
      )
    await Promise.all(Array.from({length: 4}, increment))
    expect(await kept()).toEqual([4])
    expect(runs).toBeGreaterThan(4)
    expect(
      await failureOf(
        db.transaction((transaction) => transaction.commit("do $$ begin raise sqlstate '40001'; end $$")),
      ),
    ).toMatchObject({code: '40001'})
  })

  it('break a deadlock (40P01)', async () => {
    const db = cruds.open()
    await Promise.all([add(db, 10), add(db, 20)])
    const both = (first: number, second: number, met: () => Promise<void>): Promise<string> =>
      db.transaction(
        async (transaction) => {
          await transaction.commit('update kept set n = n + 1 where n between :n and :n + 5', {n: first})
          await met()
          return transaction.commit('update kept set n = n + 1 where n between :n and :n + 5', {n: second})
        },
        {retries: 3},
      )
    let waiting = 0
    let meet = (): void => undefined
    const together = new Promise<void>((resolve) => {
      meet = resolve
    })
    const met = async (): Promise<void> => {
      waiting += 1
      if (waiting === 2) meet()
      await together
    }
    await Promise.all([both(10, 20, met), both(20, 10, met)])
    expect(await kept()).toEqual([12, 22])
    expect(waiting).toBe(3)
  })

  it('are not for what would fail again', async () => {
    let runs = 0
    const failure = await failureOf(
      cruds.open().transaction(
        (transaction) => {
          runs += 1
          return transaction.value('select 1 / 0')
        },
        {retries: 5},
      ),
    )
    expect(failure).toMatchObject({code: '22012'})
    expect(runs).toBe(1)
  })
})
