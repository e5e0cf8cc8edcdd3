/** What oclif's parser says, and the same as a sentence of ours. Its errors have no other fields to tell them apart by. */
const sentences: readonly (readonly [RegExp, (...found: string[]) => string])[] = [
  [
    /^Nonexistent flags?: (.*)$/s,
    (flags = '') => `Unknown ${flags.includes(', ') ? 'flags' : 'flag'} ${inWords(flags, 'and')}.`,
  ],
  [
    /^Unexpected arguments?: (.*)$/s,
    (words = '') => `Unexpected ${words.includes(', ') ? 'arguments' : 'argument'}: ${inWords(words, 'and')}.`,
  ],
  [
    /^Missing \d+ required args?: (\S+)(?: \((.*?)\))?.*$/s,
    (name = '', options?: string) =>
      `The argument ${name.toUpperCase()} is missing${options === undefined ? '' : `: ${inWords(options.replaceAll('|', ', '), 'or')}`}.`,
  ],
  [/^Missing required flag (.*)$/s, (flag = '') => `--${flag} is missing.`],
  [/^Flag (--\S+) expects a value$/, (flag = '') => `${flag} needs a value.`],
  [
    /^Flag (--\S+) expects one of these values: (.*)$/s,
    (flag = '', options = '') => `${flag} needs a value: ${inWords(options, 'or')}.`,
  ],
  [/^Flag (--\S+) can only be specified once$/, (flag = '') => `${flag} can be given only once.`],
  [
    /^(--[^=]+)(?:=.*)? cannot also be provided when using (--\S+)$/s,
    (flag = '', other = '') => `${flag} cannot be used with ${other}.`,
  ],
  [
    /^All of the following must be provided when using (--\S+): (.*)$/,
    (flag = '', others = '') => `${flag} can only be used with ${inWords(others, 'and')}.`,
  ],
  [
    /^Expected (--[^=]+)=(.*) to be one of: (.*)$/s,
    (flag = '', value = '', options = '') =>
      `${flag} takes ${inWords(options, 'or')}, not ${value === '' ? 'nothing' : value}.`,
  ],
  [
    /^Expected (.*) to be one of: (.*)$/s,
    (value = '', options = '') => `${inWords(options, 'or')} is expected, not ${value === '' ? 'nothing' : value}.`,
  ],
  [
    /^Parsing (--\S+), Expected an integer but received: (.*)$/s,
    (flag = '', value = '') => `${flag} takes a whole number, not ${value === '' ? 'nothing' : value}.`,
  ],
  [
    /^Parsing (--\S+), Expected an integer greater than or equal to (\S+) but received: .*$/s,
    (flag = '', least = '') => `${flag} takes a number from ${least} on.`,
  ],
  [
    /^Parsing (--\S+), Expected an integer less than or equal to (\S+) but received: .*$/s,
    (flag = '', most = '') => `${flag} takes a number up to ${most}.`,
  ],
]

/** The complaint of oclif's parser about flags and arguments in our own words; a text that is not its is left as it is. */
export function usageSentence(complaint: string): string {
  const [, list] = /^The following errors? occurred: (.*)$/s.exec(complaint) ?? []
  const single =
    list === undefined
      ? [complaint]
      : list.split(/, (?=Missing required flag |--\S+ cannot also |(?:All|One|Only) (?:of )?the following )/)
  return single.map(sentenceOf).join(' ')
}

function sentenceOf(complaint: string): string {
  for (const [pattern, write] of sentences) {
    const found = pattern.exec(complaint)
    if (found !== null) return write(...found.slice(1))
  }

  return complaint
}

/** "a, b, c" as "a, b or c". */
function inWords(list: string, conjunction: 'and' | 'or'): string {
  return list.replace(/, (?=[^,]*$)/, ` ${conjunction} `)
}
