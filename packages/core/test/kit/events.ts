/** One server-sent event as it came: `comment` where it is none. */
export interface Told {
  id?: string
  event: string
  data: string
}

export interface EventReader {
  /** The next event or comment; `null` when the stream has ended. */
  next(): Promise<Told | null>
  /** All until one of that name came, with it. Comments are left out. */
  until(event: string): Promise<Told[]>
  cancel(): Promise<void>
}

/** Reads a stream of events piece by piece, and never ahead of what is asked for. */
export function readEvents(response: Response): EventReader {
  const reader = response.body!.getReader()
  const decoder = new TextDecoder()
  let held = ''
  async function next(): Promise<Told | null> {
    for (;;) {
      const end = held.indexOf('\n\n')
      if (end >= 0) {
        const block = held.slice(0, end)
        held = held.slice(end + 2)
        return parse(block)
      }
      const { done, value } = await reader.read()
      if (done) return null
      held += decoder.decode(value, { stream: true })
    }
  }
  return {
    next,
    async until(event) {
      const all: Told[] = []
      for (;;) {
        const told = await next()
        if (told === null) throw new Error(`ended before ${event}: ${JSON.stringify(all)}`)
        if (told.event === 'comment') continue
        all.push(told)
        if (told.event === event) return all
      }
    },
    cancel: () => reader.cancel(),
  }
}

function parse(block: string): Told {
  const told: Told = { event: 'comment', data: '' }
  for (const line of block.split('\n')) {
    const [name, value = ''] = line.split(/: (.*)/s)
    if (name === 'id') told.id = value
    else if (name === 'event') told.event = value
    else if (name === 'data') told.data += value
  }
  return told
}
