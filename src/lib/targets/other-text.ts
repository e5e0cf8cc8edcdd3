/** What a text is that is not a Postgres URL, and how to correct it. It never contains the text, which may be secret. */
export interface OtherText {
  problem: string
  next: string
}

export const urlShape = 'A connection URL looks like postgresql://user:password@host:5432/database'

/** Texts that are meant as a URL, and their correction. */
const known: readonly {pattern: RegExp; problem: string; next: string}[] = [
  {
    pattern: /^["'`“‘]/,
    problem: 'is in quotes',
    next: 'Remove the quotes around the URL. Some programs, for example docker run --env-file, make them a part of the value.',
  },
  {
    pattern: /^jdbc:/i,
    problem: 'is a JDBC URL',
    next: 'Remove the jdbc: at its beginning. user, password and ssl=true may stay after the ?.',
  },
  {
    pattern: /^postgres(ql)?\+\w+:\/\//i,
    problem: 'is a URL for SQLAlchemy',
    next: 'Remove the driver, so that it begins with postgresql://',
  },
  {pattern: /^psql\s/i, problem: 'is a psql command', next: 'Use only the URL in it.'},
  {
    pattern: /^(host|hostaddr|port|dbname|user|password|service)\s*=/i,
    problem: 'is a list of keywords, not a URL',
    next: `${urlShape}.`,
  },
  {pattern: /^postgres(ql)?:/i, problem: 'has no // after its scheme', next: `${urlShape}.`},
]

export function otherText(text: string): OtherText {
  const meant = known.find(({pattern}) => pattern.test(text))
  if (meant !== undefined) return meant
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]
  const problem = scheme === undefined ? 'is not a URL' : `is a ${scheme}:// URL, not a Postgres URL`
  return {problem, next: `${urlShape}.`}
}
