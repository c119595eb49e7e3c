/** One decision at a time, over all parts of a page. */
export interface Deciding {
  /** Runs it, unless one is under way: two clicks in one tick are one call. */
  run(deed: () => Promise<void>): void
  /** What is shown has changed: a click that was meant for what stood there a moment ago decides nothing. */
  settle(): void
  isHeld(): boolean
  /** Hears when decisions are held up, and when they may go on. */
  subscribe(listener: () => void): void
  close(): void
}

const settleMs = 800

export function createDeciding(): Deciding {
  const listeners = new Set<() => void>()
  let isBusy = false
  let timer: ReturnType<typeof setTimeout> | undefined
  /** A browser takes the focus from a button that is disabled. */
  let lost: HTMLElement | undefined

  const tell = (): void => {
    const focused = document.activeElement
    for (const listener of listeners) listener()
    if (focused instanceof HTMLElement && focused.matches(':disabled')) lost = focused
    else if (lost?.isConnected && !lost.matches(':disabled')) {
      if (focused === document.body) lost.focus()
      lost = undefined
    }
  }
  return {
    run(deed) {
      if (isBusy || timer !== undefined) return
      isBusy = true
      tell()
      void deed().finally(() => {
        isBusy = false
        tell()
      })
    },
    settle() {
      clearTimeout(timer)
      timer = setTimeout(() => {
        timer = undefined
        tell()
      }, settleMs)
      tell()
    },
    isHeld: () => isBusy || timer !== undefined,
    subscribe: (listener) => void listeners.add(listener),
    close() {
      clearTimeout(timer)
      listeners.clear()
    },
  }
}
