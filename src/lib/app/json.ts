declare const shape: unique symbol

/** JSON text as Postgres wrote it, ready to send; `T` is what {@link parseJson} makes of it. */
export type JsonText<T> = string & {readonly [shape]?: T}

/** The value of a {@link JsonText}. Instants stay text with their offset, to the microsecond. */
export function parseJson<T>(text: JsonText<T>): T {
  return JSON.parse(text) as T
}
