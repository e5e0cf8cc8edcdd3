import type {Action} from './pg-delta.js'

/** A statement of a change. */
export interface Statement {
  /** Without the semicolon; empty if nothing is tried. */
  sql: string
  /** Sentences for the lines above it. */
  comments: string[]
  /** What is written as a comment in place of it, because a person has to complete it. */
  open?: string
  /** What it demands of the rows that are there: a sentence. */
  condition?: string
  /** What it saves, if it copies rows or the value of a sequence. */
  saves?: object
  /** What has to be saved before it. */
  needs?: object
  /** What pg-delta says of it; undefined for our own. */
  action?: Action
}

/** Statements that are one migration. */
export interface Step {
  /** False if each is a transaction of its own. */
  transaction: boolean
  /** What is added to the name of the migration, unless it is the only one. */
  suffix: string
  statements: Statement[]
}

/** A statement of ours. */
export function statement(sql: string, ...comments: string[]): Statement {
  return {sql, comments}
}
