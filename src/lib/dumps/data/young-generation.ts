import {setFlagsFromString} from 'node:v8'

/**
 * Keeps V8's young generation as small as it is while `use` runs. The rows of a dump pass through it in parts that are garbage
 * at once, and since Node 24 it would grow by 50 MB. Afterwards the flag has its default again, because V8 refuses compiled
 * code that was kept with other flags.
 */
export async function withSmallYoungGeneration<T>(use: () => Promise<T>): Promise<T> {
  setFlagsFromString('--semi-space-growth-factor=1')
  try {
    return await use()
  } finally {
    setFlagsFromString('--semi-space-growth-factor=2')
  }
}
