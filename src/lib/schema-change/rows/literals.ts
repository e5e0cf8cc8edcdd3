import {sampleOfLike, sampleOfPattern} from './pattern-sample.js'

/** Strings and numbers in an expression. */
export interface Literals {
  strings: string[]
  numbers: number[]
}

/** What texts often have to look like. */
const shapes = (n: number): string[] => [
  'abc'.padEnd(n + 2, 'd'),
  'ABC'.padEnd(n + 2, 'D'),
  `a${n}@example.com`,
  `https://example.com/${n}`,
  `+1555000000${n}`,
  `${n}@1`,
  ' ',
  '',
]
/** Longer texts are no longer small samples. */
const maxLength = 4000

/** Finds the literals in expressions as the server writes them. Quoted names are passed over. */
export function literalsOf(expressions: readonly string[]): Literals {
  const strings = new Set<string>()
  const numbers = new Set<number>()
  for (const expression of expressions)
    for (const [, , string, number] of expression.matchAll(
      /("(?:[^"]|"")*")|'((?:[^']|'')*)'|(?<![\w.])(\d+(?:\.\d+)?)/g,
    )) {
      if (number !== undefined) numbers.add(Number(number))
      if (string === undefined) continue
      const text = string.replaceAll("''", "'")
      strings.add(text)
      if (/^-?\d+(\.\d+)?$/.test(text)) numbers.add(Number(text))
      if (/^\{.*\}$/s.test(text)) for (const element of text.slice(1, -1).split(',')) strings.add(element)
    }
  return {strings: [...strings], numbers: [...numbers]}
}

/** Numbers at the literals and beside them. */
export function numberCandidates({numbers}: Literals): string[] {
  return numbers.flatMap((number) => [0, 1, -1, 2, -2, 3, 4, 10].map((step) => String(number + step)))
}

/** Texts that contain the literals, fit their patterns, or have their lengths. */
export function textCandidates({strings, numbers}: Literals): string[] {
  const whole = numbers.filter((number) => Number.isInteger(number) && number >= 0)
  return [
    ...strings,
    ...strings.flatMap((string) => variants.flatMap((n) => [sampleOfPattern(string, n), sampleOfLike(string, n)])),
    ...strings.flatMap((string) => variants.flatMap((n) => [`${string}${n}`, `${n}${string}`])),
    ...whole.flatMap((number) => lengths(number)).flatMap((length) => variants.map((n) => ofLength(length, n))),
    ...variants.flatMap(shapes),
  ]
}

const variants = [1, 2, 3]

function lengths(number: number): number[] {
  return [number, number + 1, number - 1].filter((length) => length > 0 && length <= maxLength)
}

function ofLength(length: number, n: number): string {
  return String(n).padStart(length, '1').slice(-length)
}

/** Dates and times at the literals, and some days later and earlier. */
export function dateCandidates({strings}: Literals): string[] {
  return strings.flatMap((string) => {
    const found = /^(\d{4}-\d\d-\d\d)(.*)$/s.exec(string)
    if (found === null) return [string]
    return [0, 1, -1, 2, 3].map((days) => `${daysLater(found[1]!, days)}${found[2]}`)
  })
}

function daysLater(date: string, days: number): string {
  const time = Date.parse(`${date}T00:00:00Z`)
  return Number.isNaN(time) ? date : new Date(time + days * 86_400_000).toISOString().slice(0, 10)
}

/** JSON documents of each kind, and objects with the literals as keys and values. */
export function jsonCandidates({strings}: Literals): string[] {
  const keys = strings.filter((string) => /^\w+$/.test(string))
  const objects = variants.map((n) => JSON.stringify(Object.fromEntries(keys.map((key) => [key, n]))))
  const texts = keys.flatMap((key) =>
    keys.filter((value) => value !== key).map((value) => JSON.stringify({[key]: value})),
  )
  return [...objects, ...texts.slice(0, 20), '[]', '[1]', '"a"', '1', '{}', 'true', ...strings]
}

/** The parts of an expression that AND joins at its top. The server puts parentheses around whatever AND joins. */
export function conjunctsOf(expression: string): string[] {
  const text = withoutParentheses(expression.trim())
  const parts: string[] = []
  let start = 0
  for (const {index, word} of topWords(text))
    if (word === ' AND ') {
      parts.push(text.slice(start, index))
      start = index + word.length
    }
  if (start === 0) return [text]
  return [...parts, text.slice(start)].flatMap(conjunctsOf)
}

function withoutParentheses(text: string): string {
  const isWhole = text.startsWith('(') && text.endsWith(')') && [...topWords(text)].length === 0
  return isWhole ? withoutParentheses(text.slice(1, -1).trim()) : text
}

/** Words, and other characters, that are in no parentheses, strings or quoted names. */
function* topWords(text: string): Generator<{index: number; word: string}> {
  let depth = 0
  for (const {0: word, index} of text.matchAll(/'(?:[^']|'')*'|"(?:[^"]|"")*"|[()[\]]| AND |[^()[\]'" ]+| /g)) {
    if (word === '(' || word === '[') depth++
    else if (word === ')' || word === ']') depth--
    else if (depth === 0) yield {index, word}
  }
}
