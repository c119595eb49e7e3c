import { edit, type Mutant } from './mutant.ts'

/** Wrong rules about requests. */
export const VERDICTS: readonly Mutant[] = [
  {
    name: 'the digest is not compared',
    edits: [edit('approval/approval.ts', 'return digest === seen\n', 'return digest !== null\n')],
    among: ['carol requests less | anna approves (approval, carol pending)'],
    breaks: 'had seen another scopes',
  },
  {
    name: 'the digest leaves out what was asked for',
    edits: [
      edit(
        'approval/approval-crypto.ts',
        '      ...wish,\n',
        '      ...wish,\n      scopes: null,\n      nonce: null,\n      matchCode: null,\n',
      ),
    ],
    among: ['carol requests less | anna approves (approval, carol pending)'],
    breaks: 'had seen another scopes',
  },
  {
    name: 'what was decided may be decided again',
    edits: [
      edit(
        'approval/approval.ts',
        "  if (judged.is !== 'pending') {",
        "  if (judged.is !== 'pending' && judged.is !== 'approved') {",
      ),
      edit(
        'approval/approval.ts',
        '? { ok: true, approval: judged.approval }\n    : { ok: false,',
        '? { ok: true, approval: judged.approval as Pending }\n    : { ok: false,',
      ),
    ],
    among: ['anna approves | otto rejects (approval, carol pending)'],
    breaks: 'a request is decided once',
  },
  {
    name: 'what is decided is widened to all that who decides has',
    edits: [
      edit(
        'approval/decide-service.ts',
        'granted: given.scopes,',
        'granted: [...(decider.grant?.scopes ?? [])],',
      ),
    ],
    among: ['anna approves (approval, carol pending)'],
    breaks: 'approved for more than asked',
  },
  {
    name: 'a decider gives what he has no more',
    edits: [
      edit(
        'approval/decide-service.ts',
        'narrowScopes(wanted.scopes, grant?.scopes ?? wanted.scopes)',
        'narrowScopes(wanted.scopes, settings.scopes)',
      ),
    ],
    among: ['anna approves | otto narrows anna (approval, carol pending)'],
    breaks: 'gave more than he has',
  },
  {
    name: 'a request that ran out may still be decided and collected',
    edits: [
      edit(
        'approval/approval.ts',
        'return stands && facts.givenStands && now < approval.collectBy',
        'return stands',
      ),
      edit('approval/approval.ts', 'return stands && now < approval.expiresAt', 'return stands'),
    ],
    among: ['anna approves | the server tells what ran out (approval, carol pending)'],
    breaks: 'was over and became',
  },
  {
    name: 'anybody collects who has the claim',
    edits: [
      edit(
        'approval/collect-service.ts',
        "return 'thumbprint' in by && by.thumbprint === approval.thumbprint",
        "return 'thumbprint' in by",
      ),
    ],
    among: ['dave collects (approval, carol approved)'],
    breaks: 'was collected by dave',
  },
  {
    name: 'a claim of before collects too',
    edits: [
      edit(
        'approval/collect-service.ts',
        'if (approval.claimHash !== parse(claim).hash) return false',
        'parse(claim)',
      ),
    ],
    among: ['carol requests | carol collects (approval, carol approved)'],
    breaks: 'with a claim of before',
  },
  {
    name: 'what was collected is not marked as such',
    edits: [
      edit('approval/collect-service.ts', '              records.approvals.put(collected),\n', ''),
    ],
    among: ['carol collects | carol collects (approval, carol approved)'],
    breaks: 'every change is told once',
  },
]
