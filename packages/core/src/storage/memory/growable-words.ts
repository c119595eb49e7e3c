/** As much of ES2024's resizable buffers as is used. Platforms without them ignore the second argument. */
interface GrowableBuffer extends ArrayBuffer {
  readonly resizable?: boolean
  resize(bytes: number): void
}
const GrowableBuffer = ArrayBuffer as unknown as new (
  bytes: number,
  options: { maxByteLength: number },
) => GrowableBuffer

/** Below it a mapping of memory of its own would cost more than it spares. */
const SMALL_BYTES = 2_048

/** So many words of 16 bits, of no certain value: the same memory where it can grow or shrink in place, else anew. No more than `most` are ever asked for. */
export function resizeWords(
  words: Uint16Array<ArrayBuffer>,
  length: number,
  most: number,
): Uint16Array<ArrayBuffer> {
  const bytes = length * 2
  const buffer = words.buffer as GrowableBuffer
  if (buffer.resizable) {
    buffer.resize(bytes)
    return words
  }
  if (bytes <= SMALL_BYTES) return new Uint16Array(length)
  return new Uint16Array(new GrowableBuffer(bytes, { maxByteLength: most * 2 }))
}
