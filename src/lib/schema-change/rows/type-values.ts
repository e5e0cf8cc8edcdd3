import type {SampleType} from './catalog.js'
import {builtinValue, lengthLimit} from './builtin-values.js'
import {
  dateCandidates,
  jsonCandidates,
  type Literals,
  literalsOf,
  numberCandidates,
  textCandidates,
} from './literals.js'
import type {Text} from './session.js'

/** Which of some texts the server takes as values of a type; null stands for NULL. */
export type Probe = (typeSql: string, texts: readonly Text[]) => Promise<Text[]>

/** Inputs of types of extensions: hstore, ltree, cube, seg, the codes of isn, vectors and geometries. */
const foreignInputs = [
  ...['1', '2', '3', '"a"=>"1"', '"a"=>"2"', '"a"=>"3"', '[1]', '[2]', '[3]', '[1,1]', '[1,2]', '[1,1,1]', '[1,1,2]'],
  ...[
    '(1,1)',
    '(1,2)',
    '{1}',
    '{"a":1}',
    'POINT(1 1)',
    'POINT(1 2)',
    'POINT(1 3)',
    'a',
    'b',
    'c',
    '{1:1}/3',
    '{1:2}/3',
  ],
  ...['978-0-393-04002-9', '978-0-306-40615-7', '0-393-04002-X', '1436-4522', '036000291452', '4006381333931'],
]
/** So many values of a domain are tried before its expressions are looked at. */
const firstValues = 8
const maxNesting = 8
/** They are arrays to the catalog, and are not written as such. */
const vectorNames = ['int2vector', 'oidvector']

/** Makes values of the types of a database. */
export class TypeValues {
  private readonly types: ReadonlyMap<number, SampleType>
  /** What the server takes, of types whose values cannot be known from here. */
  private readonly accepted = new Map<string, Promise<string[]>>()
  private readonly known = new Map<string, string[]>()
  private readonly refusesNull = new Set<number>()

  constructor(
    types: readonly SampleType[],
    private readonly probe: Probe,
  ) {
    this.types = new Map(types.map((type) => [type.oid, type]))
  }

  /** Asks the server for what {@link value} needs to know of a type. */
  async learn(oid: number, modifier: number, nesting = 0): Promise<void> {
    const type = this.types.get(oid)
    if (type === undefined || nesting > maxNesting) return
    for (const part of partsOf(type, modifier)) await this.learn(part.type, part.modifier, nesting + 1)
    const key = `${oid} ${modifier}`
    if (isForeign(type)) await this.remember(key, () => this.probe(type.sql, vectors(modifier)))
    if (type.kind === 'd' && (type.checks.length > 0 || type.notNull))
      await this.remember(key, () => this.learnDomain(type))
  }

  /** The text of the nth value, from 1; undefined if none is known. */
  value(oid: number, modifier: number, n: number): string | undefined {
    const type = this.types.get(oid)
    if (type === undefined) return undefined
    const known = this.known.get(`${oid} ${modifier}`)
    if (known !== undefined) return known[(n - 1) % known.length]
    const [part] = partsOf(type, modifier)
    const inner = part === undefined ? undefined : this.value(part.type, part.modifier, n)
    if (type.kind === 'e') return type.labels[(n - 1) % type.labels.length]
    if (type.kind === 'd') return inner
    if (type.kind === 'c') return this.composite(type, n)
    if (type.kind === 'r') return inner === undefined ? undefined : `[${quoted(inner)},${quoted(inner)}]`
    if (type.kind === 'm') return inner === undefined ? undefined : `{[${quoted(inner)},${quoted(inner)}]}`
    if (part !== undefined) return inner === undefined ? undefined : `{${quoted(inner)}}`
    return type.builtin ? builtinValue(type.name, modifier, n) : type.category === 'S' ? String(n) : undefined
  }

  /** Texts that may be values of a type and satisfy expressions with these literals. */
  candidates(oid: number, modifier: number, expressions: readonly string[]): string[] {
    const type = this.types.get(oid)
    if (type === undefined) return []
    const known = this.known.get(`${oid} ${modifier}`) ?? []
    const literals = literalsOf(type.kind === 'd' ? [...expressions, ...type.checks] : expressions)
    const [part] = partsOf(type, modifier)
    if (type.kind === 'd' && part !== undefined)
      return [...known, ...this.candidates(part.type, part.modifier, [...expressions, ...type.checks])]
    if (type.kind === 'e') return type.labels
    if (type.kind !== 'b') return literals.strings
    if (part !== undefined) return this.arrays(part, literals, expressions)
    return [...known, ...candidatesOf(type, modifier, literals)]
  }

  /** Whether a column of this type takes NULL. */
  takesNull(oid: number): boolean {
    return !this.refusesNull.has(oid)
  }

  private composite({attributes}: SampleType, n: number): string {
    const texts = attributes.map(({type, modifier}) => this.value(type, modifier, n))
    return `(${texts.map((text) => (text === undefined ? '' : quoted(text))).join(',')})`
  }

  private arrays(part: Part, literals: Literals, expressions: readonly string[]): string[] {
    const elements = this.candidates(part.type, part.modifier, expressions)
    const some = (count: number): string =>
      `{${[...Array(count).keys()].map((index) => quoted(this.value(part.type, part.modifier, index + 1) ?? '')).join(',')}}`
    const counts = literals.numbers.flatMap((count) => [count, count + 1]).filter((count) => count > 1 && count <= 20)
    return [
      ...literals.strings,
      '{}',
      some(2),
      ...counts.map(some),
      ...elements.map((element) => `{${quoted(element)}}`),
    ]
  }

  private async remember(key: string, learn: () => Promise<Text[]>): Promise<void> {
    if (!this.accepted.has(key))
      this.accepted.set(
        key,
        learn().then((texts) => texts.filter((text) => text !== null)),
      )
    const texts = await this.accepted.get(key)!
    if (texts.length > 0) this.known.set(key, texts)
  }

  /** Nothing is kept if the values of the base all serve, since there are more of them. */
  private async learnDomain(type: SampleType): Promise<Text[]> {
    const {base, modifier, sql, oid, checks} = type
    const values = [...Array(firstValues).keys()].map((index) => this.value(base, modifier, index + 1) ?? null)
    if ((await this.probe(sql, [null])).length === 0) this.refusesNull.add(oid)
    const wanted = values.filter((value) => value !== null)
    const taken = await this.probe(sql, wanted)
    if (taken.length === wanted.length) return []
    return [...taken, ...(await this.probe(sql, this.candidates(base, modifier, checks)))]
  }
}

interface Part {
  type: number
  modifier: number
}

/** The types of which a type consists. A modifier of an array is one of its elements. */
function partsOf(type: SampleType, modifier: number): Part[] {
  if (type.kind === 'd') return [{type: type.base, modifier: type.modifier}]
  if (type.kind === 'c') return type.attributes
  if (type.subtype !== 0) return [{type: type.subtype, modifier: -1}]
  if (type.element !== 0 && !(type.builtin && vectorNames.includes(type.name))) return [{type: type.element, modifier}]
  return []
}

function isForeign({kind, builtin, category}: SampleType): boolean {
  return kind === 'b' && !builtin && category !== 'A' && category !== 'S'
}

/** The modifier of a vector is the number of its elements. */
function vectors(modifier: number): string[] {
  const count = modifier > 0 && modifier <= 16_000 ? modifier : 0
  const own = count === 0 ? [] : [1, 2, 3].map((n) => `[${Array<number>(count).fill(n).join(',')}]`)
  return [...own, ...foreignInputs]
}

function candidatesOf({name, category}: SampleType, modifier: number, literals: Literals): string[] {
  if (name === 'json' || name === 'jsonb') return jsonCandidates(literals)
  if (category === 'S') {
    const limit = lengthLimit(name, modifier) ?? Infinity
    return textCandidates(literals).filter((text) => text.length <= limit)
  }
  if (category === 'N') return [...numberCandidates(literals), ...literals.strings]
  if (category === 'D') return dateCandidates(literals)
  return [...literals.strings, ...literals.numbers.map(String)]
}

/** An element of an array, a composite or a range. */
function quoted(text: string): string {
  return `"${text.replaceAll(/["\\]/g, '\\$&')}"`
}
