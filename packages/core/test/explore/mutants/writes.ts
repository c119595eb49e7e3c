import { edit, type Mutant } from './mutant.ts'

/** Writes that are left out or come too early, and rules that let too many in. */
export const WRITES: readonly Mutant[] = [
  {
    name: 'the session is made before the request is claimed',
    edits: [
      edit(
        'approval/collect-service.ts',
        '        return {\n          answer: await authorizePaired(',
        '        await space.commit({ checks: pairing.checks, writes: pairing.writes, journal: [] })\n        pairing.writes.length = 0\n        pairing.checks.length = 0\n        return {\n          answer: await authorizePaired(',
      ),
    ],
    among: ['carol collects | carol withdraws (approval, carol approved)'],
    breaks: 'every change is told once',
  },
  {
    name: 'the session of a redemption is made before its code is claimed',
    edits: [
      edit(
        'bootstrap/redeem-service.ts',
        '        return {\n          answer: {\n            answer: await authorizePaired(',
        '        await space.commit({ checks: change.checks, writes: change.writes.splice(1), journal: [] })\n        change.checks.length = 0\n        return {\n          answer: {\n            answer: await authorizePaired(',
      ),
    ],
    among: ['alice redeems | bob redeems (code)'],
    breaks: '0 uses of',
  },
  {
    name: 'a code is deleted when it is used up',
    edits: [
      edit(
        'bootstrap/redeem-service.ts',
        '            writes: [...settling, ...change.writes],',
        "            writes: [...settling, ...change.writes.map((write) => (write.kind === 'code' ? { ...write, record: null } : write))],",
      ),
    ],
    among: ['alice redeems | bob redeems (code)'],
    breaks: 'was deleted',
  },
  {
    name: 'whoever is answered again uses up one more',
    edits: [
      edit(
        'bootstrap/redemption.ts',
        'redemption !== null && isBegun(redemption.at, now) && now < redemption.at + REPEAT_MS',
        'redemption !== null && false',
      ),
    ],
    among: ['alice redeems twice (code, for two)'],
    breaks: 'a use of a code is used once',
  },
  {
    name: 'what a repeat replaces goes on',
    edits: [
      edit('bootstrap/redemption-records.ts', 'replaced: { session, marker },', 'replaced: null,'),
    ],
    among: ['alice redeems twice (code, for two)'],
    breaks: 'two sessions of one device',
  },
  {
    name: 'a rejection does not burn the code that was held',
    edits: [
      edit(
        'approval/decide-service.ts',
        '? [records.codes.put(burnOnce(code.usable.code, approval.id, now))]',
        '? []',
      ),
    ],
    among: ['otto rejects (code+approval, carol pending)'],
    breaks: '0 uses of',
  },
  {
    name: 'a hold outlasts its request',
    edits: [
      edit(
        'approval/approval.ts',
        'approval.codeId === codeId && end !== null && now < end &&',
        'approval.codeId === codeId && (end !== null || now > 0) &&',
      ),
    ],
    among: ['carol withdraws (code+approval, carol pending)'],
    breaks: 'what is left of a code',
  },
  {
    name: 'a hold does not keep others out',
    edits: [
      edit(
        'bootstrap/code.ts',
        'const taken = code.used + facts.holds.length - (mine ? 1 : 0)',
        'const taken = code.used',
      ),
    ],
    among: ['carol redeems | bob redeems (code+approval)'],
    breaks: 'a use of a code is used once',
  },
  {
    name: 'forgetting leaves the cool-down',
    edits: [
      edit(
        'approval/approvals-service.ts',
        '...(coolDown.record ? [records.approvals.putCoolDown(cooling, { runs })] : []),',
        '',
      ),
    ],
    among: ['anna forgets (approval, carol rejected)'],
    breaks: 'may ask',
  },
  {
    name: 'a rejection is forgotten by asking again',
    edits: [
      edit(
        'approval/opening.ts',
        "if (kin && latest.is === 'rejected') return { ok: false, refusal: 'approval_rejected' }",
        '',
      ),
      edit('approval/opening.ts', 'if (retryMs > 0) return', 'if (retryMs > 1e15) return'),
    ],
    among: ['carol requests (approval, carol rejected)'],
    breaks: 'until it is forgotten',
  },
  {
    name: 'whoever came with a code returns as if he had been approved',
    edits: [
      edit(
        'approval/request-service.ts',
        "if (!standing.ok || !['approval', 'code+approval'].includes(standing.session.entry)) return null",
        'if (!standing.ok) return null',
      ),
    ],
    among: ['guest requests (approval)'],
    breaks: 'a session is made only by',
  },
  {
    name: 'the session that is replaced goes on',
    edits: [edit('session/pairing-records.ts', '          ...replacing.writes,\n', '')],
    among: ["guest redeems Anna's code (code)"],
    breaks: 'two sessions of one device',
  },
  {
    name: 'a changed request keeps its verdict',
    edits: [
      edit(
        'approval/opening.ts',
        'if (waiting && kin && sameWish(waiting, wish))',
        "if (waiting && kin && (sameWish(waiting, wish) || waiting.state === 'approved'))",
      ),
      edit(
        'approval/opening.ts',
        "return { ok: true, approval: { ...waiting, claimHash }, how: 'kept', replaces: null }",
        "return { ok: true, approval: { ...waiting, ...wish, claimHash }, how: 'kept', replaces: null }",
      ),
    ],
    among: ['carol requests less (approval, carol approved)'],
    breaks: 'is another request now',
  },
  {
    name: 'whoever decided and lost the answer is told that another did',
    edits: [
      edit(
        'approval/decide-service.ts',
        "if (record !== null && 'decisionId' in record && record.decisionId === decisionId)\n        return {",
        "if (record !== null && 'decisionId' in record && record.decisionId === '')\n        return {",
      ),
    ],
    among: ['anna approves | carol collects (approval, carol pending)'],
    breaks: 'was told no (approval_decided)',
    faults: 1,
  },
  {
    name: 'an approval that was refused is not taken back',
    edits: [edit('approval/decide-service.ts', '            undo: () => takeBack(decided),\n', '')],
    among: ['anna approves (approval, carol pending)'],
    breaks: 'was refused, and',
    faults: 2,
  },
]
