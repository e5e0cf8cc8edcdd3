import type {Pair} from './pair.js'
import {dependentPairs} from './pairs/dependents.js'
import {harderTypePairs} from './pairs/harder-types.js'
import {harderViewPairs} from './pairs/harder-views.js'
import {namePairs} from './pairs/names-and-rest.js'
import {keptPairs} from './pairs/kept-values.js'
import {partitionPairs} from './pairs/partitions.js'
import {privilegePairs} from './pairs/privileges.js'
import {morePairs, shortPairs} from './pairs/short.js'
import {storagePairs} from './pairs/storage.js'
import {tablePairs} from './pairs/tables.js'
import {typePairs} from './pairs/types-and-policies.js'
import {viewPairs} from './pairs/views-and-functions.js'

/** First those that are simple, each about one kind of object; then those with known traps. */
export const pairs: readonly Pair[] = [
  ...[...tablePairs, ...viewPairs, ...typePairs, ...namePairs],
  ...[...partitionPairs, ...privilegePairs, ...storagePairs],
  ...[...harderTypePairs, ...dependentPairs, ...harderViewPairs],
  ...[...shortPairs, ...morePairs, ...keptPairs],
]
