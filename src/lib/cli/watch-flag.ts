import {Flags} from '@oclif/core'

const usual = '2s'

/** `--watch`, alone or with a time; oclif's flags have a value always or never, so {@link spreadWatch} goes before it. */
export const watchFlag = Flags.string({
  char: 'w',
  description: `Show it live, again every ${usual} or the time that is given; ? there lists the keys.`,
  helpValue: '[time]',
  exclusive: ['json', 'csv', 'blocking'],
})

/**
 * Gives a `--watch` without a time the usual one. What follows it is its time where it begins with a digit, which no
 * target's name does: `--watch 5s prod`, `--watch prod`.
 */
export function spreadWatch(argv: readonly string[]): string[] {
  return argv.map((word, at) =>
    ['--watch', '-w'].includes(word) && !/^[\d.]/.test(argv[at + 1] ?? '') ? `--watch=${usual}` : word,
  )
}
