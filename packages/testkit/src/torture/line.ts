/** What a part that runs in a process of its own, or in this one, and whoever started it say to one another. */
export interface Line {
  /** Resolves when it is on its way. */
  tell(told: unknown): Promise<void>
  hear(on: (message: never) => void): void
  /** Is called when its process is asked to end, which it does behind that. */
  ending(end: () => Promise<void>): void
}

/** A part that is started by its name: `given` is plain JSON. */
export type Part = (given: never, line: Line) => Promise<void>
