import type { PairSnapshot } from '@pair/client'

export interface Sentence {
  title: string
  text: string
}

/** What a person is told where this browser has no session, and why. */
export function standingSentence(snapshot: PairSnapshot): Sentence {
  const { problem } = snapshot
  if (snapshot.status === 'unknown' || snapshot.status === 'pairing')
    return { title: 'One moment…', text: 'Asking the server how this browser stands.' }
  if (problem === undefined)
    return {
      title: 'This browser is not paired',
      text: 'Open the pairing link of the server, or type a code that it or a paired device shows.',
    }
  switch (problem.code) {
    case 'session_revoked':
      return {
        title: 'This browser was signed out',
        text: 'Someone with access ended its pairing, so nothing is shown here any more. A fresh code pairs it again.',
      }
    case 'session_expired':
      return {
        title: 'This pairing has run out',
        text: 'It was not used for too long. A fresh code pairs this browser again.',
      }
    case 'session_invalid':
      return {
        title: 'The server does not know this browser any more',
        text: 'It may have been started anew with nothing in its memory. A fresh code pairs this browser again.',
      }
    case 'key_lost':
      return {
        title: 'The key of this browser is gone',
        text: 'Its site data was cleared, so it can not prove any more that it is the paired one. Nobody signed it out. A fresh code pairs it again.',
      }
    case 'offline':
      return {
        title: 'The server can not be reached',
        text: 'It may be stopped. This page tries again by itself.',
      }
    default:
      return { title: problem.message, text: problem.hint }
  }
}

/** What a person is told when a code was refused. */
export function refusalSentence(problem: {
  code: string
  message: string
  hint: string
}): Sentence {
  switch (problem.code) {
    case 'code_invalid':
      return {
        title: 'This code can not be used.',
        text: 'It was used already, has run out, or was mistyped. Each code works once: ask for a fresh one.',
      }
    case 'code_malformed':
      return {
        title: 'That is not a pairing code.',
        text: 'It has nine letters and digits, and never 0, O, 1, I or L.',
      }
    case 'offline':
      return {
        title: 'The server can not be reached.',
        text: 'Nothing was spent. Try again in a moment.',
      }
    default:
      return { title: problem.message, text: problem.hint }
  }
}

/** What a session may do, as people say it. */
export function scopesInWords(scopes: readonly string[]): string {
  const notes = scopes.includes('notes:write')
    ? 'Reads and writes notes'
    : scopes.includes('notes:read')
      ? 'Reads notes'
      : ''
  const access = scopes.includes('access:write')
    ? 'manages devices'
    : scopes.includes('access:read')
      ? 'sees devices'
      : ''
  if (notes !== '' && access !== '') return `${notes}, ${access}`
  return notes || access || 'May do nothing'
}
