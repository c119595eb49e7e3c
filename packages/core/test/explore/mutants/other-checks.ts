import { edit, type Mutant } from './mutant.ts'

/** The same of all other commits. */
export const OTHER_CHECKS: readonly Mutant[] = [
  {
    name: 'a pairing does not check the device that it takes up again',
    edits: [
      edit(
        'session/pairing-records.ts',
        '[{ key: record.key, version: null }, ...found.checks, ...replacing.checks]',
        '[{ key: record.key, version: null }, ...replacing.checks]',
      ),
    ],
    among: ["guest redeems Anna's code | otto revokes the device of guest"],
    breaks: 'its device was revoked',
  },
  {
    name: 'a renewal checks nothing',
    edits: [
      edit(
        'session/renew-service.ts',
        'checks: [...checks, ...(pointer ? [checkOf(pointer)] : [])],',
        'checks: [],',
      ),
    ],
    among: ['bearer renews | otto revokes all (code)'],
    breaks: 'stood no more',
  },
  {
    name: 'a renewal in which nothing moves commits nothing',
    edits: [
      edit(
        'storage/decide.ts',
        'if (!change || (await space.commit(change))) return answer',
        'if (!change || change.journal.length === 0 || (await space.commit(change))) return answer',
      ),
    ],
    among: ['guest renews (code)'],
    breaks: 'got a fresh credential',
  },
  {
    name: 'an issuer is not checked',
    edits: [
      edit(
        'bootstrap/codes-service.ts',
        'life: settings.life }, checks: standpoint.checks }',
        'life: settings.life }, checks: [] }',
      ),
    ],
    among: ['anna issues | otto revokes the session of anna (code)'],
    breaks: 'was issued by who stood no more',
  },
  {
    name: 'the cap of live codes is counted in a list that nobody guards',
    edits: [
      edit(
        'bootstrap/code-room-records.ts',
        'checks: [checkOf(index), checkOf(all), ...room',
        'checks: [...room',
      ),
    ],
    among: ['anna issues | anna issues (code, Anna has 19 codes)'],
    breaks: 'has 21',
  },
  {
    name: 'all codes are counted in a list that nobody guards',
    edits: [
      edit('bootstrap/code-room-records.ts', 'checkOf(index), checkOf(all),', 'checkOf(index),'),
    ],
    among: ['anna issues | guest issues (code)'],
    breaks: 'is not counted',
  },
  {
    name: 'the queue is counted and not checked',
    edits: [edit('approval/opening-records.ts', '        checkOf(queue),\n', '')],
    among: [
      'carol requests | dave requests | erin requests',
      'dave requests | erin requests | anna approves',
    ],
    breaks: 'so many requests wait',
  },
  {
    name: 'a forgotten request is not checked',
    edits: [
      edit(
        'approval/approvals-service.ts',
        'checks: [checkOf(slot), checkOf(coolDown), ...acting.checks]',
        'checks: [checkOf(coolDown), ...acting.checks]',
      ),
    ],
    among: ['anna forgets | carol withdraws (approval, carol approved)'],
    breaks: 'was withdrawn and was forgotten',
  },
  {
    name: 'a withdrawal does not check its request',
    edits: [edit('approval/collect-service.ts', 'checks: [checkOf(slot)],', 'checks: [],')],
    among: ['carol collects | carol withdraws (approval, carol approved)'],
    breaks: 'and became withdrawn',
  },
  {
    name: 'a narrowing checks nothing',
    edits: [
      edit(
        'session/sessions-service.ts',
        'checks,\n            writes: [\n              records.grants.put(',
        'checks: [],\n            writes: [\n              records.grants.put(',
      ),
    ],
    among: ['otto narrows guest | otto revokes all (code)'],
    breaks: 'was changed after its end',
  },
  {
    name: 'a mode is set without a look at the one that was there',
    edits: [
      edit(
        'admission/admission-service.ts',
        'checks: [checkOf(slot), ...acting.checks, ...ending.checks],',
        'checks: [...acting.checks, ...ending.checks],',
      ),
    ],
    among: ['otto sets closed | otto sets closed (code)'],
    breaks: 'every change is told once',
  },
  {
    name: 'a mode is set by who may have been ended meanwhile',
    edits: [
      edit(
        'admission/admission-service.ts',
        'checks: [checkOf(slot), ...acting.checks, ...ending.checks],',
        'checks: [checkOf(slot), ...ending.checks],',
      ),
    ],
    among: ['otto revokes all | otto sets closed (code)'],
    breaks: 'only who stands',
  },
]
