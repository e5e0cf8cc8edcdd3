/** A part of pg that its types do not have. */
declare module 'pg/lib/utils.js' {
  const utils: {
    /** Converts a parameter as pg does, to text or bytes. */
    prepareValue(value: unknown): string | Buffer | null
  }
  export default utils
}
