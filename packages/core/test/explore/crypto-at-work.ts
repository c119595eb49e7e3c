const atWork = new Set<Promise<unknown>>()

/** The calls of WebCrypto that are under way: these come back from other threads, and no later turn says when. */
export function cryptoAtWork(): readonly Promise<unknown>[] {
  return [...atWork]
}

type Call = (...args: unknown[]) => Promise<unknown>

for (const name of ['importKey', 'sign', 'verify'] as const) {
  const subtle = SubtleCrypto.prototype as unknown as Record<typeof name, Call>
  const real = subtle[name]
  subtle[name] = function (this: SubtleCrypto, ...args) {
    const call = real.apply(this, args)
    atWork.add(call)
    const over = (): void => void atWork.delete(call)
    call.then(over, over)
    return call
  }
}
