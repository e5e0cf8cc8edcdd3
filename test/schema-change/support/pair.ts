/** Two schemas, between which migrations are generated in both directions. The roles pair_reader and pair_writer are there. */
export interface Pair {
  name: string
  /** What is in both schemas. */
  common?: string
  a: string
  b: string
  /** Rows for `a` and `b`, which fit both schemas unless the pair is about those that do not. */
  data?: string | {a: string; b: string}
  /** From `a` to `b`. */
  there?: Way
  /** From `b` to `a`. */
  back?: Way
  /** Why a version of Postgres is left out. */
  skip?: Readonly<Partial<Record<Major, string>>>
}

export type Major = '14' | '15' | '18'

/** One direction: what is asked for, and what is expected where the migrations do not simply work. */
export interface Way {
  /** Flags. What they do not name is dropped. */
  rename?: readonly string[]
  keep?: readonly string[]
  rebuild?: readonly string[]
  /** What is not as if the migrations simply worked, on all versions. */
  expected?: Partial<Outcome>
  /** The same for a version whose server does something else. */
  expectedOn?: Readonly<Partial<Record<Major, Partial<Outcome>>>>
  /** What is wrong with what is expected: a fault of ours that is known. */
  fault?: string
  /** A query after the migrations, and its result as text: what the rows have become. */
  shows?: readonly [sql: string, result: string]
}

/** What became of a filled database. Empty lists are good. */
export interface Outcome {
  /** What is named as not proved, with its direction. */
  open: readonly string[]
  /** `yes`, or the code of the refusal. */
  applied: string
  /** Objects that are not as wanted; after a refusal, those that are not as they were. */
  differs: readonly string[]
  /** Rows and values that are not there any more, though nobody has asked to drop them. */
  lost: readonly string[]
  /** Sequences that would give a value again. */
  behind: readonly string[]
  /** `yes`, the code of the refusal, or `not tried` after one. */
  undone: string
  /** Objects that are not as they were before. */
  differsBack: readonly string[]
  lostBack: readonly string[]
  behindBack: readonly string[]
  /** The result of {@link Way.shows}. */
  shown: string
}

/** All that is asked of migrations. */
export const flawless: Outcome = {
  ...{open: [], applied: 'yes', differs: [], lost: [], behind: []},
  ...{undone: 'yes', differsBack: [], lostBack: [], behindBack: []},
  shown: '',
}

/** What is expected of a direction on a version. */
export function expectedOf({expected, expectedOn, shows}: Way, major: Major): Outcome {
  return {...flawless, shown: shows?.[1] ?? '', ...expected, ...expectedOn?.[major]}
}

/** A pair that no version can try. */
export const everywhere = (reason: string): Record<Major, string> => ({14: reason, 15: reason, 18: reason})
