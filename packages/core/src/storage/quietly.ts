/** Whether it went well; for what cleans up after an error that must not be hidden by another, and for listeners. */
export function quietly(call: () => void): boolean {
  try {
    call()
    return true
  } catch {
    return false
  }
}
