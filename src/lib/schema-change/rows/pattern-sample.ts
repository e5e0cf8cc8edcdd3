/** More would be no example. */
const maxRepeat = 200
const digits = '123456789'
const letters = 'abcdefgh'
const wordCharacters = 'abcdefgh12345678'
const printable = [...Array(95).keys()].map((index) => String.fromCharCode(32 + index))
const named: Readonly<Record<string, string>> = {
  alpha: letters,
  alnum: wordCharacters,
  digit: digits,
  lower: letters,
  upper: 'ABCDEFGH',
  space: ' ',
  punct: '-.',
  xdigit: 'abcdef123456',
}
const escaped: Readonly<Record<string, string>> = {d: digits, w: wordCharacters, s: ' ', D: letters, W: '-', S: letters}
/** Escapes for places in the text, which have no characters. */
const places = 'AZmMyY'

/**
 * A text that a regular expression of Postgres matches, for the ordinary ones; others give a text that may not match.
 * @param variant chooses among the characters and branches, so that different numbers give different texts
 */
export function sampleOfPattern(pattern: string, variant: number): string {
  return new PatternReader(pattern, variant).alternatives()
}

/** A text that a LIKE pattern matches. */
export function sampleOfLike(pattern: string, variant: number): string {
  return pattern.replaceAll(/\\(.)|%|_/gs, (found, plain?: string) => plain ?? (found === '%' ? String(variant) : 'a'))
}

class PatternReader {
  private at = 0

  constructor(
    private readonly pattern: string,
    private readonly variant: number,
  ) {}

  alternatives(): string {
    const branches = [this.sequence()]
    while (this.takes('|')) branches.push(this.sequence())
    return branches[this.variant % branches.length] ?? ''
  }

  private sequence(): string {
    let text = ''
    while (this.at < this.pattern.length && !'|)'.includes(this.pattern[this.at]!)) {
      const start = this.at
      const atom = this.atom()
      const count = this.count()
      text += atom
      // Each repetition is read again, so that its characters may differ.
      const after = this.at
      for (let repeated = 1; repeated < count; repeated++) {
        this.at = start
        text += this.atom()
      }
      this.at = after
      if (count === 0) text = text.slice(0, text.length - atom.length)
    }
    return text
  }

  private atom(): string {
    const character = this.pattern[this.at++]!
    if (character === '^' || character === '$') return ''
    if (character === '.') return this.pick(letters)
    if (character === '[') return this.pick(this.characterClass())
    if (character === '(') return this.group()
    if (character !== '\\') return character
    const next = this.pattern[this.at++] ?? ''
    if (places.includes(next)) return ''
    return escaped[next] === undefined ? next : this.pick(escaped[next])
  }

  private group(): string {
    const isLook = /^\?<?[=!]/.test(this.pattern.slice(this.at, this.at + 3))
    if (this.pattern.startsWith('?:', this.at)) this.at += 2
    const text = this.alternatives()
    this.takes(')')
    return isLook ? '' : text
  }

  private characterClass(): string {
    const negated = this.takes('^')
    let characters = ''
    for (let first = true; this.at < this.pattern.length; first = false) {
      if (!first && this.takes(']')) break
      characters += this.member()
    }
    if (!negated) return characters
    return (
      printable.filter((character) => /[a-h1-9]/.test(character) && !characters.includes(character)).join('') || '-'
    )
  }

  private member(): string {
    const name = /^\[:(\w+):\]/.exec(this.pattern.slice(this.at))
    if (name !== null) {
      this.at += name[0].length
      return named[name[1]!] ?? ''
    }
    const range = /^([^\\])-([^\]\\])/s.exec(this.pattern.slice(this.at))
    if (range !== null) {
      this.at += 3
      return printable.filter((character) => character >= range[1]! && character <= range[2]!).join('')
    }
    const character = this.pattern[this.at++]!
    if (character !== '\\') return character
    const next = this.pattern[this.at++] ?? ''
    return escaped[next] ?? next
  }

  /** How often the atom before is repeated. */
  private count(): number {
    const quantifier = /^(?:[*+?]|\{(\d+)(?:,(\d*))?\})\??/.exec(this.pattern.slice(this.at))
    if (quantifier === null) return 1
    this.at += quantifier[0].length
    const [text, from, to] = quantifier
    if (from === undefined) return text.startsWith('?') ? this.variant % 2 : 1
    return Math.min(to === '' || Number(to) > 0 ? Math.max(Number(from), 1) : Number(from), maxRepeat)
  }

  private pick(characters: string): string {
    return characters[this.variant % characters.length] ?? ''
  }

  private takes(character: string): boolean {
    if (this.pattern[this.at] !== character) return false
    this.at++
    return true
  }
}
