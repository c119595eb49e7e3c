import type { Op } from '../op.ts'
import { edit, type Mutant } from './mutant.ts'

type Commit = Extract<Op, { call: 'commit' }>

const onCommit =
  (change: (op: Commit) => Commit) =>
  (op: Op): Op =>
    op.call === 'commit' ? change(op) : op

/** What goes wrong between a service and its store: lost answers, stores that promise less. */
export const COMMITS: readonly Mutant[] = [
  {
    name: 'an error counts as not done',
    edits: [
      edit(
        'storage/space.ts',
        'done = await settle(change, attempt, error).catch((unsettled: unknown) => {\n        settleLater(change, attempt)\n        throw unsettled\n      })',
        'void error\n      done = false',
      ),
    ],
    among: ['nobody redeems (code)'],
    breaks: 'who was let in is in',
    faults: 1,
  },
  {
    name: 'an error counts as done',
    edits: [
      edit(
        'storage/space.ts',
        'done = await settle(change, attempt, error).catch((unsettled: unknown) => {\n        settleLater(change, attempt)\n        throw unsettled\n      })',
        'void error\n      done = true',
      ),
    ],
    among: ['alice redeems (code)'],
    breaks: 'which is not there',
    faults: 1,
  },
  {
    name: 'a commit whose answer is lost is looked for and not fenced off',
    edits: [
      edit(
        'storage/space.ts',
        'if (await call(() => store.commit([check], [{ key, value, purgeAt }]))) return false',
        'return false',
      ),
    ],
    among: ['nobody redeems (code)'],
    breaks: 'who was let in is in',
    faults: 1,
  },
  {
    name: 'a refusal is answered and nobody settles what was under way',
    edits: [edit('storage/space.ts', '        settleLater(change, attempt)\n', '')],
    among: ['alice redeems (code)'],
    breaks: 'who was let in is in',
    faults: 2,
  },
  {
    name: 'what was written anew since counts as not done',
    edits: [
      edit(
        'storage/space.ts',
        'if (own && entry && found && !isTombstone(entry.value)) return true',
        '',
      ),
    ],
    among: ["guest redeems Anna's code | guest renews a day later (code)"],
    breaks: 'who was let in is in',
    faults: 1,
  },
  {
    name: 'a lost commit is answered as done',
    edits: [
      edit(
        'storage/decide.ts',
        'if (!change || (await space.commit(change))) return answer',
        'if (!change || (await space.commit(change)) || round === 0) return answer',
      ),
    ],
    among: ['alice redeems | bob redeems (code)'],
    breaks: 'which is not there',
  },
  {
    name: 'what was read is judged after the commit, by a second look',
    edits: [
      edit(
        'storage/decide.ts',
        'const { answer, change } = await plan()',
        'const { answer, change: planned } = await plan()\n    const again = planned && (await plan())\n    const change = planned && again && { ...planned, checks: [] }',
      ),
    ],
    among: ['alice redeems | bob redeems (code)'],
    breaks: 'its code was redeemed',
  },
  {
    name: 'a revoke checks its target',
    edits: [
      edit(
        'session/sessions-service.ts',
        'return { answer: undefined, change: { ...mark, journal: [event] } }',
        'const also = [...mark.checks, { key: session.key, version: session.version }]\n      return { answer: undefined, change: { ...mark, checks: also, journal: [event] } }',
      ),
    ],
    among: ['otto revokes the session of bearer | bearer renews (code)'],
    breaks: 'a revoke loses to nobody',
  },
  {
    name: 'a revoke does not check its own place',
    edits: [
      edit(
        'revocation/revocation-records.ts',
        '      checks: [checkOf(slot)],\n',
        '      checks: [],\n',
      ),
    ],
    among: ['otto revokes the code | otto revokes the code (code)'],
    breaks: 'every change is told once',
  },
  {
    name: 'a mode is told and set in two commits',
    edits: [
      edit(
        'admission/admission-service.ts',
        '          journal: [event],\n        },\n      }\n    })',
        '          journal: [],\n        },\n      }\n    })',
      ),
    ],
    among: ['otto sets closed (code)'],
    breaks: 'every change is told once',
  },
  {
    name: 'a store forgets checks of keys that are not written',
    tamper: onCommit((op) => ({
      ...op,
      checks: op.checks.filter(({ key }) => op.writes.some((write) => write.key === key)),
    })),
    among: ['alice redeems | otto revokes the code (code)'],
    breaks: 'its code was revoked',
  },
  {
    name: 'a store forgets checks of absence',
    tamper: onCommit((op) => ({ ...op, checks: op.checks.filter(({ version }) => version !== 0) })),
    among: ['otto revokes the code | otto revokes the code (code)'],
    breaks: 'every change is told once',
  },
  {
    name: 'a store carries out half of a commit',
    tamper: onCommit((op) => ({
      ...op,
      writes: op.writes.filter(({ key }) => !key.startsWith('pair code ')),
    })),
    among: ['alice redeems | bob redeems (code)'],
    breaks: '0 uses of',
  },
  {
    name: 'a store writes without any check',
    tamper: onCommit((op) => ({ ...op, checks: [] })),
    among: ['alice redeems | bob redeems (code)'],
    breaks: 'its code was redeemed',
  },
]
