import type {Transform} from 'node:stream'
import zlib from 'node:zlib'
import {ConfigurationError} from '../errors.js'

/** How a file is compressed, by its name. */
export type Compression = 'gzip' | 'zstd'

/** Exists in Node 22.15 and newer, and not in the types of the oldest Node that is supported. */
interface Zstd {
  createZstdCompress?: (options?: zlib.ZlibOptions) => Transform
  createZstdDecompress?: (options?: zlib.ZlibOptions) => Transform
}

const {createZstdCompress, createZstdDecompress} = zlib as typeof zlib & Zstd
const chunkSize = 256 * 1024

export function compressionOf(path: string): Compression | undefined {
  if (/\.gz$/i.test(path)) return 'gzip'
  return /\.zst$/i.test(path) ? 'zstd' : undefined
}

/**
 * A stream that compresses as the name of the file says; undefined if the name says nothing.
 * @throws ConfigurationError (`zstd_unsupported`)
 */
export function compressorFor(path: string): Transform | undefined {
  switch (compressionOf(path)) {
    case 'gzip':
      return zlib.createGzip({chunkSize})
    case 'zstd':
      if (createZstdCompress === undefined) throw zstdUnsupported(path)
      return createZstdCompress({chunkSize})
    default:
      return undefined
  }
}

/** @throws ConfigurationError (`zstd_unsupported`) */
export function decompressorFor(path: string, compression: Compression): Transform {
  if (compression === 'gzip') return zlib.createGunzip({chunkSize})
  if (createZstdDecompress === undefined) throw zstdUnsupported(path)
  return createZstdDecompress({chunkSize})
}

function zstdUnsupported(path: string): ConfigurationError {
  return new ConfigurationError(`${path}: Node ${process.versions.node} has no Zstandard compression.`, {
    code: 'zstd_unsupported',
    next: ['Use Node 22.15 or newer, or a file whose name ends with .gz.'],
    details: {file: path},
  })
}
