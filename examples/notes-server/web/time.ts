/** `9:41`, or `0:00` when it is over. */
export function countdown(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1_000))
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}

/** How long ago, as people say it. */
export function ago(at: string, now: number): string {
  const minutes = Math.floor((now - Date.parse(at)) / 60_000)
  if (minutes < 1) return 'just now'
  if (minutes < 60) return minutes === 1 ? 'a minute ago' : `${minutes} minutes ago`
  const hours = Math.floor(minutes / 60)
  if (hours < 24) return hours === 1 ? 'an hour ago' : `${hours} hours ago`
  return new Date(at).toLocaleDateString(undefined, {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
  })
}

/** The time of day of an instant, with its date where that is not today's. */
export function timeAndDay(at: string): string {
  const then = new Date(at)
  const isToday = then.toDateString() === new Date().toDateString()
  return then.toLocaleString(undefined, {
    ...(isToday ? {} : { day: 'numeric', month: 'short' }),
    hour: '2-digit',
    minute: '2-digit',
  })
}

/** How long a pairing lasts, as people say it. */
export function lifeInWords({
  slidingSeconds,
  absoluteSeconds,
}: {
  slidingSeconds: number | null
  absoluteSeconds: number | null
}): string {
  const sliding = slidingSeconds === null ? '' : `until unused for ${span(slidingSeconds)}`
  const absolute = absoluteSeconds === null ? '' : `${span(absoluteSeconds)} at most`
  if (sliding !== '' && absolute !== '') return `${sliding}, ${absolute}`
  return sliding || absolute || 'until it is revoked'
}

/** `600` as "10 minutes". */
export function span(seconds: number): string {
  const units = [
    ['day', 86_400],
    ['hour', 3_600],
    ['minute', 60],
    ['second', 1],
  ] as const
  const [name, size] = units.find(([, one]) => seconds >= one) ?? units[3]
  const count = Math.round(seconds / size)
  return count === 1 ? `1 ${name}` : `${count} ${name}s`
}
