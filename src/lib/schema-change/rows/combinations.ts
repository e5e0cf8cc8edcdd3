import type {Text} from './session.js'

/** A combination of values: one for each of some columns. */
export type Combination = readonly Text[]

/** Numbers from 0 to below 1 that are the same in every run. */
export function seededNumbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/**
 * Different combinations of candidates, at most `limit`: all of them if there are no more; else first those that take the
 * nth candidate of each column, then those in which one column is another, then others.
 */
export function combine(pools: readonly (readonly Text[])[], limit: number): Combination[] {
  if (pools.some((pool) => pool.length === 0)) return []
  const found = new Map<string, Combination>()
  const add = (choose: (pool: readonly Text[], index: number) => number): void => {
    if (found.size >= limit) return
    const combination = pools.map((pool, index) => pool[choose(pool, index) % pool.length]!)
    found.set(JSON.stringify(combination), combination)
  }
  const longest = Math.max(...pools.map(({length}) => length))
  const whole = pools.reduce((product, {length}) => Math.min(product * length, limit + 1), 1)
  for (let nth = 0; nth < longest; nth++) {
    add(() => nth)
    for (let column = 0; pools.length > 1 && column < pools.length; column++)
      add((_, index) => (index === column ? nth : 0))
  }
  const next = seededNumbers(pools.length * 1000 + whole)
  // In so many tries nearly all of the combinations of a small product turn up.
  for (let tries = 0; found.size < Math.min(limit, whole) && tries < limit * 8; tries++)
    add((pool) => Math.floor(next() * pool.length))
  return [...found.values()]
}

/**
 * Puts first the combinations to use: two with few NULLs and different values, one with many NULLs, and those without
 * which a column would have no NULL or no value. @returns how many these are, and all combinations
 */
export function chooseFirst(combinations: readonly Combination[]): {chosen: number; combinations: Combination[]} {
  const byNulls = combinations.toSorted((a, b) => nulls(a) - nulls(b))
  const first = byNulls[0]
  if (first === undefined) return {chosen: 0, combinations: []}
  const picked = new Set<Combination>([first])
  const full = byNulls.filter((one) => nulls(one) === nulls(first))
  picked.add(full.reduce((best, one) => (differences(one, first) > differences(best, first) ? one : best)))
  const emptiest = byNulls.at(-1)!
  if (nulls(emptiest) > nulls(first)) picked.add(emptiest)
  for (const one of byNulls)
    if (one.some((value, column) => [...picked].every((other) => (other[column] === null) !== (value === null))))
      picked.add(one)
  return {chosen: picked.size, combinations: [...picked, ...byNulls.filter((one) => !picked.has(one))]}
}

function nulls(combination: Combination): number {
  return combination.filter((value) => value === null).length
}

function differences(one: Combination, other: Combination): number {
  return one.filter((value, column) => value !== other[column]).length
}
