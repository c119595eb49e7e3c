/** Answers what the parent asks by IPC, one after another. */
export function answerParent<Q, A>(answer: (question: Q) => Promise<A>): void {
  process.on('message', ({ nth, question }: { nth: number; question: Q }) => {
    void answer(question).then((said) => process.send?.({ nth, answer: said }))
  })
  process.on('disconnect', () => process.exit(0))
}

export function tellReady(port: number): void {
  process.send?.({ port })
}
