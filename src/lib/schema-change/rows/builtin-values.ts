/** The text of a value by a number from 1, and the modifier of its type. Different numbers give different values. */
type Maker = (n: number, modifier: number) => string

const day = (n: number): string => new Date(Date.UTC(2001, 0, n)).toISOString().slice(0, 10)
const time = (n: number): string => `01:${pad(Math.floor(n / 60) % 60)}:${pad(n % 60)}`
const number: Maker = (n) => String(n)

/** Values of the types of pg_catalog for which a number alone is no value, or not the best one. */
const makers: Readonly<Record<string, Maker>> = {
  bool: (n) => (n % 2 === 1 ? 'true' : 'false'),
  numeric: numericValue,
  bpchar: textValue,
  varchar: textValue,
  char: (n) => String(n % 10),
  bytea: (n) => `\\x${(n % 65_536).toString(16).padStart(4, '0')}`,
  bit: (n, modifier) => bits(n, modifier),
  varbit: (n, modifier) => bits(n, modifier === -1 ? 8 : modifier),
  date: day,
  timestamp: (n) => `${day(n)} 02:03:04`,
  timestamptz: (n) => `${day(n)} 02:03:04+00`,
  time,
  timetz: (n) => `${time(n)}+00`,
  interval: (n) => `${n} years`,
  uuid: (n) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
  inet: (n) => `10.0.${Math.floor(n / 256) % 256}.${n % 256}`,
  cidr: (n) => `10.${Math.floor(n / 256) % 256}.${n % 256}.0/24`,
  macaddr: (n) => `08:00:2b:01:${hex(n)}`,
  macaddr8: (n) => `08:00:2b:01:02:03:${hex(n)}`,
  json: (n) => `{"a": ${n}}`,
  jsonb: (n) => `{"a": ${n}}`,
  jsonpath: (n) => `$."a${n}"`,
  xml: (n) => `<a>${n}</a>`,
  point: (n) => `(${n},0)`,
  line: (n) => `{1,-1,${n}}`,
  lseg: (n) => `[(${n},0),(${n},1)]`,
  box: (n) => `(${2 * n},1),(${2 * n + 1},0)`,
  path: (n) => `[(${n},0),(${n},1)]`,
  polygon: (n) => `((${n},0),(${n},1),(${n + 1},0))`,
  circle: (n) => `<(${n},0),0.25>`,
  pg_lsn: (n) => `0/${n.toString(16).toUpperCase()}`,
  pg_snapshot: (n) => `${n}:${n + 1}:`,
  txid_snapshot: (n) => `${n}:${n + 1}:`,
  tid: (n) => `(0,${n})`,
  int2vector: number,
  oidvector: number,
  regclass: () => 'pg_catalog.pg_class',
  regtype: () => 'pg_catalog.int4',
  regproc: () => 'pg_catalog.now',
  regprocedure: () => 'pg_catalog.now()',
  regoper: () => 'pg_catalog.||/',
  regoperator: () => 'pg_catalog.+(integer,integer)',
  regrole: () => 'pg_read_all_data',
  regnamespace: () => 'pg_catalog',
  regcollation: () => 'pg_catalog."C"',
  regconfig: () => 'pg_catalog.simple',
  regdictionary: () => 'pg_catalog.simple',
  aclitem: () => 'pg_read_all_data=r/pg_read_all_data',
}

/**
 * The text of the nth value of a base type in pg_catalog. It is a number wherever that is a value, so that a column can be
 * changed from text to a number and back.
 */
export function builtinValue(name: string, modifier: number, n: number): string {
  return (makers[name] ?? number)(n, modifier)
}

/** The length of varchar(n) and char(n); undefined if it is not limited. */
export function lengthLimit(name: string, modifier: number): number | undefined {
  if (name === 'bpchar' && modifier === -1) return undefined
  return (name === 'varchar' || name === 'bpchar') && modifier >= 4 ? modifier - 4 : undefined
}

function textValue(n: number, modifier: number): string {
  const text = String(n)
  return modifier >= 4 ? text.slice(-(modifier - 4)) : text
}

/** The scale is a signed number of 11 bits (numeric.c). */
function numericValue(n: number, modifier: number): string {
  if (modifier < 4) return String(n)
  const precision = ((modifier - 4) >> 16) & 0xffff
  const scale = (((modifier - 4) & 0x7ff) ^ 1024) - 1024
  if (scale < 0) return `${n}${'0'.repeat(-scale)}`
  return precision - scale >= String(n).length ? String(n) : `${n}e-${scale}`
}

function bits(n: number, length: number): string {
  return n.toString(2).padStart(Math.max(length, 1), '0').slice(-Math.max(length, 1))
}

function hex(n: number): string {
  return `${(Math.floor(n / 256) % 256).toString(16).padStart(2, '0')}:${(n % 256).toString(16).padStart(2, '0')}`
}

function pad(n: number): string {
  return String(n).padStart(2, '0')
}
