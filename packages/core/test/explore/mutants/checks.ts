import { edit, type Mutant } from './mutant.ts'

/** What a mint or a decision hangs on is not among what its commit checks. */
export const MINT_CHECKS: readonly Mutant[] = [
  {
    name: 'a mint does not check the mark on its code',
    edits: [
      edit(
        'bootstrap/code-records.ts',
        '...[epoch, slot, marker].map(checkOf),',
        '...[epoch, slot].map(checkOf),',
      ),
    ],
    among: ['alice redeems | otto revokes the code (code)'],
    breaks: 'its code was revoked',
  },
  {
    name: 'a mint does not check its code',
    edits: [
      edit(
        'bootstrap/code-records.ts',
        '...[epoch, slot, marker].map(checkOf),',
        '...[epoch, marker].map(checkOf),',
      ),
    ],
    among: ['alice redeems | bob redeems (code)'],
    breaks: 'its code was redeemed',
  },
  {
    name: 'a mint does not check the epoch',
    edits: [
      edit(
        'bootstrap/code-records.ts',
        '...[epoch, slot, marker].map(checkOf),',
        '...[slot, marker].map(checkOf),',
      ),
    ],
    among: ['alice redeems | otto revokes all (code)'],
    breaks: 'its epoch was over',
  },
  {
    name: 'a mint does not check who issued its code',
    edits: [edit('bootstrap/code-records.ts', '          ...(issuer?.checks ?? []),\n', '')],
    among: ["guest redeems Anna's code | otto revokes the session of anna"],
    breaks: 'who issued its code stood no more',
  },
  {
    name: 'a repeat does not check that nobody uses what it replaces',
    edits: [
      edit(
        'bootstrap/redemption-records.ts',
        'checks: [...found.checks, ...standpoint.checks, checkOf(seen)],',
        'checks: [...found.checks, ...standpoint.checks],',
      ),
    ],
    among: ['alice redeems | alice redeems and uses it (code)'],
    breaks: 'what it repeats was in use',
  },
  {
    name: 'a repeat does not check what it replaces',
    edits: [
      edit(
        'bootstrap/redemption-records.ts',
        'checks: [...found.checks, ...standpoint.checks, checkOf(seen)],',
        'checks: [checkOf(seen)],',
      ),
    ],
    among: ["guest redeems Anna's code twice | otto revokes the device of guest (code)"],
    breaks: 'its device was revoked',
  },
  {
    name: 'a redemption does not check the admission',
    edits: [
      edit(
        'bootstrap/redeem-service.ts',
        '[checkOf(admission), ...standpoint.checks]',
        'standpoint.checks',
      ),
    ],
    among: ['alice redeems | otto sets closed (code)'],
    breaks: 'the mode was closed',
  },
  {
    name: 'a collection does not check the admission',
    edits: [
      edit(
        'approval/collect-service.ts',
        'checks: [checkOf(admission), ...standpoint.checks,',
        'checks: [...standpoint.checks,',
      ),
    ],
    among: ['carol collects | otto sets closed (approval, carol approved)'],
    breaks: 'the mode was closed',
  },
  {
    name: 'an approval does not check the admission',
    edits: [
      edit(
        'approval/decide-service.ts',
        '            checks: [checkOf(admission)],\n            writes: [],',
        '            checks: [],\n            writes: [],',
      ),
    ],
    among: ['anna approves | otto sets closed (approval, carol pending)'],
    breaks: 'was approved while the mode was closed',
  },
  {
    name: 'a return does not check the admission',
    edits: [
      edit(
        'approval/request-service.ts',
        'const checks = [checkOf(admission), checkOf(epoch)]',
        'const checks = [checkOf(epoch)]',
      ),
    ],
    among: ['carol requests | otto sets closed (approval, carol collected)'],
    breaks: 'the mode was closed',
  },
  {
    name: 'a decision does not check its request',
    edits: [
      edit(
        'approval/standpoint-records.ts',
        '        checkOf(slot),\n        checkOf(epoch),\n',
        '        checkOf(epoch),\n',
      ),
    ],
    among: ['anna approves | otto rejects (approval, carol pending)'],
    breaks: 'a request is decided once',
  },
  {
    name: 'a collection does not check the epoch',
    edits: [
      edit('approval/standpoint-records.ts', '        checkOf(epoch),\n', ''),
      edit(
        'approval/standpoint-records.ts',
        '        ...(decider?.ok ? decider.checks : []),\n',
        '',
      ),
    ],
    among: ['carol collects | otto revokes all (approval, carol approved)'],
    breaks: 'its epoch was over',
  },
  {
    name: 'a collection does not check who approved',
    edits: [
      edit(
        'approval/standpoint-records.ts',
        '        ...(decider?.ok ? decider.checks : []),\n',
        '',
      ),
    ],
    among: ['carol collects | otto revokes the session of anna (approval, carol approved)'],
    breaks: 'its approval was over',
  },
  {
    name: 'a collection does not check the code that was held',
    edits: [edit('approval/standpoint-records.ts', '        ...(code?.checks ?? []),\n', '')],
    among: ['carol collects | otto revokes the code (code+approval, carol approved)'],
    breaks: 'its code was revoked',
  },
  {
    name: 'a decision does not check who decides',
    edits: [
      edit(
        'approval/decide-service.ts',
        'checks: [...standpoint.checks, ...decider.checks, ...made.change.checks]',
        'checks: [...standpoint.checks, ...made.change.checks]',
      ),
    ],
    among: ['anna approves | otto revokes the session of anna (approval, carol pending)'],
    breaks: 'who stood no more',
  },
]
