import type { PairSnapshot } from '@pair/client'
import { span } from './time.ts'

export interface Sentence {
  title: string
  text: string
}

/** What went wrong: an error of the client, or one that a page found by itself. */
export interface Problem {
  code: string
  message: string
  hint: string
  retryAfter?: number | undefined
}

/** What a person is told where this browser has no session, and why. */
export function standingSentence(snapshot: PairSnapshot): Sentence {
  const { problem } = snapshot
  if (snapshot.status === 'unknown' || snapshot.status === 'pairing')
    return { title: 'One moment…', text: 'Asking the server how this browser stands.' }
  if (snapshot.status === 'pending')
    return {
      title: 'This browser waits to be let in',
      text: `Its number is ${snapshot.approval.matchCode}. Somebody who manages devices compares it and decides.`,
    }
  if (problem === undefined)
    return { title: 'This browser is not paired', text: waysIn(snapshot.server?.admission) }
  if (problem.code === 'offline')
    return {
      title: 'The server can not be reached',
      text: 'It may be stopped. This page tries again by itself.',
    }
  return problemSentence(problem)
}

/** How somebody comes in, by the word of the server; one that this page does not know is no way in. */
export function waysIn(admission: string | undefined): string {
  switch (admission) {
    case undefined:
    case 'code':
      return 'Open the pairing link of the server, or type a code that it or a paired device shows.'
    case 'approval':
      return 'Ask to be let in: somebody who manages devices of this server decides.'
    case 'code+approval':
      return 'Bring a code that a paired device shows. Then somebody who manages devices lets this browser in.'
    case 'closed':
      return 'Nobody new is let in at present.'
    default:
      return 'Nobody new can come in until the operator of the server mends a setting.'
  }
}

/** What a person is told when something was refused, or a session is over. */
export function problemSentence(problem: Problem): Sentence {
  const { retryAfter } = problem
  switch (problem.code) {
    case 'session_revoked':
      return {
        title: 'This browser was signed out',
        text: 'Someone with access ended its pairing, so nothing is shown here any more. It can be paired again.',
      }
    case 'session_expired':
      return {
        title: 'This pairing has run out',
        text: 'It was not used for too long. This browser can be paired again.',
      }
    case 'session_invalid':
      return {
        title: 'The server does not know this browser any more',
        text: 'It may have been started anew with nothing in its memory. This browser can be paired again.',
      }
    case 'key_lost':
      return {
        title: 'The key of this browser is gone',
        text: 'Its site data was cleared, so it can not prove any more that it is the paired one. Nobody signed it out. It can be paired again.',
      }
    case 'code_invalid':
      return {
        title: 'This code can not be used.',
        text: 'It was used already, has run out, or was mistyped. Each code works once: ask for a fresh one.',
      }
    case 'owner_refused':
      return {
        title: 'This owner link can not be used.',
        text: 'It works once, and this server may have an owner already. Or it was mistyped.',
      }
    case 'code_malformed':
      return {
        title: 'That is not a pairing code.',
        text: 'It has letters and digits in groups of three, and never 0, O, 1, I or L.',
      }
    case 'approval_rejected':
      return {
        title: 'This browser was turned away.',
        text: 'Somebody who manages devices did not let it in. It may ask again once they have forgotten that decision.',
      }
    case 'approval_expired':
      return {
        title: 'Nobody decided in time.',
        text: 'That request is over, and nothing was given. You may ask again.',
      }
    case 'approval_collected':
      return {
        title: 'That request was granted already.',
        text: 'Another tab of this browser may have gone on with it.',
      }
    case 'approval_limited':
      return {
        title: 'Not now.',
        text: `Too many are waiting, or a request from here was turned away a moment ago. Try again in ${retryAfter ? span(retryAfter) : 'a while'}.`,
      }
    case 'rate_limited':
      return {
        title: 'A little slower, please.',
        text: `Too many requests came from here. Try again in ${retryAfter ? span(retryAfter) : 'a while'}.`,
      }
    case 'locked_out':
      return {
        title: 'Too many wrong codes came from here.',
        text: `No code is taken from here for ${retryAfter ? span(retryAfter) : 'a while'}, not even a right one. Nothing is used up meanwhile.`,
      }
    case 'codes_suspended':
      return {
        title: 'Typed codes are not taken at the moment.',
        text: `Too many were tried, by anybody. The link and the QR code work, or try again in ${retryAfter ? span(retryAfter) : 'a while'}.`,
      }
    case 'approval_changed':
      return {
        title: 'This request has changed. Nothing was decided.',
        text: 'It is shown as it is now: compare the number again.',
      }
    case 'approval_decided':
      return {
        title: 'This request is not waiting any more.',
        text: 'It has run out, was taken back, or somebody else decided.',
      }
    case 'admission_changed':
      return {
        title: 'Somebody else changed that meanwhile.',
        text: 'Nothing was changed by you. It is shown as it is now.',
      }
    case 'admission_refused':
      return {
        title: 'Nobody comes in that way at present.',
        text: 'How new devices come in was changed.',
      }
    case 'admission_unknown':
      return { title: 'Nobody new can come in.', text: waysIn('unknown') }
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
