import { entryByCode, refuseEntry } from '../admission/admission.ts'
import { PairError } from '../errors.ts'
import { checkScopeList } from '../grant/scopes.ts'
import type { Thumbprint } from '../ids.ts'
import type { Guess } from '../limit/attempt-records.ts'
import { limitedOf } from '../limit/limit-refusal.ts'
import type { Subject } from '../limit/limits.ts'
import type { Arrival } from '../session/pairing.ts'
import { refusalOf } from '../session/refusal.ts'
import type { ServicePorts } from '../service-ports.ts'
import { codeLookups, type HandedCode } from './code-crypto.ts'
import type { CodeTry } from './code-records.ts'
import { previewCode, refuseRedeemer, type CodePreview } from './code.ts'
import { parseCode } from './typed-code.ts'

export type { CodeTry }

export interface TryService {
  /**
   * Counts a code that was handed in as a guess. Who could not come in with any code is refused before that.
   *
   * @throws PairError `code_malformed`, `invalid_request`, `device_key_required`, `admission_refused`,
   * `admission_unknown`, `rate_limited`, `locked_out`, `codes_suspended`, `clock_skew`, `store_unavailable`
   */
  begin(arrival: Arrival, code: string): Promise<CodeTry>
  /** The same for somebody who only wants to see what a code would give. @throws PairError as `begin` */
  beginPreview(by: Subject, code: string): Promise<CodeTry>
  /**
   * What a code would give to who brings it, with that key or none. Nothing of it is used up.
   *
   * @throws PairError `code_invalid`, `store_unavailable`
   */
  preview(tried: CodeTry, thumbprint: Thumbprint | null): Promise<CodePreview>
}

export function createTryService(ports: ServicePorts): TryService {
  const { records, clock, settings } = ports

  function parse(text: string): HandedCode {
    const code = parseCode(text, settings.risk.symbols)
    if (code.form === 'none') throw new PairError('code_malformed')
    return code
  }

  async function count(
    as: Guess['as'],
    code: HandedCode,
    { network, folded }: Subject,
  ): Promise<CodeTry> {
    // Before anything is counted or looked up: by a wrong clock there would be as many guesses once more.
    await ports.requireSteadyClock()
    const admission = await records.admission.read()
    const closed = refuseEntry(admission, entryByCode(admission.mode))
    if (closed) throw new PairError(...closed)
    const of = code.form === 'typed' ? 'typed' : 'unguessable'
    const begun = await records.attempts.begin({ as, of, by: { network, folded } }, clock())
    if (!begun.ok) throw new PairError(...limitedOf(begun.why, begun.standing, clock()))
    return { attempt: begun.attempt, code }
  }

  return {
    async begin(arrival, text) {
      const { newcomer, scopes } = arrival
      const code = parse(text)
      const list = scopes === null ? null : checkScopeList(scopes, settings.scopes)
      if (list?.ok === false)
        throw new PairError(...refusalOf({ refusal: 'scopes', reason: list.reason }))
      const refusal = refuseRedeemer(newcomer, settings.keyless)
      if (refusal !== null) throw new PairError(...refusalOf({ refusal }))
      return count('redeem', code, arrival)
    },

    beginPreview: async (by, text) => count('preview', parse(text), by),

    async preview({ attempt, code }, thumbprint) {
      return records.attempts.judge(attempt, clock, async () => {
        const { codePeppers } = await ports.keys()
        const now = clock()
        const [admission, id] = await Promise.all([
          records.admission.read(),
          records.codes.find(attempt, codeLookups(codePeppers, code)),
        ])
        const { usable } = await records.codes.standpoint(id, now)
        const { boundThumbprint } = usable.ok ? usable.code : { boundThumbprint: null }
        if (!usable.ok || (boundThumbprint !== null && boundThumbprint !== thumbprint)) {
          const reason = usable.ok ? 'bound to another key' : usable.reason
          throw new PairError('code_invalid', { reason: `the code is ${reason}` })
        }
        return { answer: previewCode(usable.code, admission.mode), minted: false }
      })
    },
  }
}
