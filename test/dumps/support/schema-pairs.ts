import {objectPairs} from './object-pairs.js'
import {tablePairs} from './table-pairs.js'

/** Two schemas: `common` is loaded into both databases, then `a` into one and `b` into the other; `data` fills `a`. */
export interface SchemaPair {
  name: string
  common: string
  a: string
  b: string
  data?: string
}

/** The role that owns or may read objects of the pairs, and has to exist. */
export const pairRole = 'pair_reader'

export const pairs: readonly SchemaPair[] = [...tablePairs, ...objectPairs]
