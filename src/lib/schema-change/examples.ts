const literals: readonly (readonly [type: RegExp, literal: string])[] = [
  [/\[\]$/, "'{}'"],
  [/^(?:smallint|integer|bigint|numeric|real|double precision|money)/, '0'],
  [/^(?:timestamp|date|time)/, 'now()'],
  [/^uuid/, 'gen_random_uuid()'],
  [/^boolean/, 'false'],
  [/^jsonb?$/, "'{}'"],
  [/^(?:text|character|"char"|bytea|interval)/, "'1'"],
]

/** An expression for a value of a type, for the trial of what a person has to complete. */
export function exampleOf(type: string): string {
  const [, literal] = literals.find(([pattern]) => pattern.test(type)) ?? []
  return literal ?? `(enum_range(NULL::${type}))[1]`
}
