import {Flags} from '@oclif/core'

const usual = '2s'

/** `--watch` with or without a time. oclif has no flags with an optional value, so {@link spreadWatch} adds one. */
export const watchFlag = Flags.string({
  char: 'w',
  description: `Update the list every ${usual}, or at the interval that is given. Press ? for the keys.`,
  helpValue: '[time]',
  exclusive: ['json', 'csv', 'blocking'],
})

/**
 * Adds the default time to a `--watch` without one. The next word is its time if it starts with a digit, because no
 * target name does: `--watch 5s prod`, `--watch prod`.
 */
export function spreadWatch(argv: readonly string[]): string[] {
  return argv.map((word, at) =>
    ['--watch', '-w'].includes(word) && !/^[\d.]/.test(argv[at + 1] ?? '') ? `--watch=${usual}` : word,
  )
}
