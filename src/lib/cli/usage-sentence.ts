/** Messages of oclif's parser, and our sentence for each. oclif's errors have no code to tell them apart. */
const usageSentences: readonly (readonly [RegExp, (...found: string[]) => string])[] = [
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
    (flag = '', value = '', options = '') => `${flag} must be ${inWords(options, 'or')}, not ${shownValue(value)}.`,
  ],
  [
    /^Expected (.*) to be one of: (.*)$/s,
    (value = '', options = '') => `Expected ${inWords(options, 'or')}, not ${shownValue(value)}.`,
  ],
  [
    /^Parsing (--\S+), Expected an integer but received: (.*)$/s,
    (flag = '', value = '') => `${flag} must be a whole number, not ${shownValue(value)}.`,
  ],
  [
    /^Parsing (--\S+), Expected an integer greater than or equal to (\S+) but received: .*$/s,
    (flag = '', min = '') => `${flag} must be at least ${min}.`,
  ],
  [
    /^Parsing (--\S+), Expected an integer less than or equal to (\S+) but received: .*$/s,
    (flag = '', max = '') => `${flag} must be at most ${max}.`,
  ],
]

/** Rewords the message of oclif's parser; any other text is returned unchanged. */
export function usageSentence(complaint: string): string {
  const [, list] = /^The following errors? occurred: (.*)$/s.exec(complaint) ?? []
  const single =
    list === undefined
      ? [complaint]
      : list.split(/, (?=Missing required flag |--\S+ cannot also |(?:All|One|Only) (?:of )?the following )/)
  return single.map(oneSentence).join(' ')
}

function oneSentence(complaint: string): string {
  for (const [pattern, write] of usageSentences) {
    const found = pattern.exec(complaint)
    if (found !== null) return write(...found.slice(1))
  }

  return complaint
}

function shownValue(value: string): string {
  return value === '' ? 'an empty value' : value
}

/** Turns "a, b, c" into "a, b or c". */
function inWords(list: string, conjunction: 'and' | 'or'): string {
  return list.replace(/, (?=[^,]*$)/, ` ${conjunction} `)
}
